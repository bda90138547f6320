//! A sign at a chart behind which it can be saved as a picture.

use leptos::prelude::*;

use crate::kit::icons::{Glyph, Icon};
use crate::lab::use_lab;
use crate::model::picture::{Picture, PictureKind};
use crate::stores::use_stores;
use crate::text::text;

/// The sign at a chart of the run that is drawn; nothing without a run.
#[component]
pub fn SavePicture(
    /// The chart's name.
    #[prop(into)]
    title: Signal<String>,
    /// The chart.
    #[prop(into)]
    picture: Signal<Picture>,
) -> impl IntoView {
    let lab = use_lab();
    let none = use_stores().view.memo(&[], |report| report.is_none());
    picture_sign(title, none.into(), move |kind| lab.save_picture(picture.get_untracked(), kind))
}

/// The sign, and a button for each kind of picture.
pub fn picture_sign(
    title: Signal<String>,
    hidden: Signal<bool>,
    save: impl Fn(PictureKind) + Clone + 'static,
) -> impl IntoView {
    let label = move || text().export.picture(title.get());
    let button = move |kind: PictureKind| {
        let save = save.clone();
        view! { <button class="small" type="button" on:click=move |_| save(kind)>{kind.name()}</button> }
    };
    view! {
        <details class="more save-picture" hidden=hidden>
            <summary aria-label=label title=label><Glyph icon=Icon::Download /></summary>
            <span role="group" aria-label=label>{[PictureKind::Png, PictureKind::Svg].map(button)}</span>
        </details>
    }
}
