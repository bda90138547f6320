//! The same questions before and now: what every arm answers, and what it knows.

pub mod row;
pub mod table;

use leptos::prelude::*;

use crate::kit::card::WideCard;
use crate::kit::seed_menu::SeedMenu;
use crate::model::answers::sheet;
use crate::model::run::{Part, seeds};
use crate::stores::use_stores;
use crate::text::{terms, text};
use table::table;

/// The panel.
#[component]
pub fn Answers(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let (view, text) = (use_stores().view, &text().answers);
    let sheet = view.memo(&[Part::Measurements, Part::Changes], move |report| sheet(report?, view.seed.get()));
    let seeds = view.memo(&[], seeds);
    view! {
        <WideCard
            id
            title=text.title
            hint=move || view! { {text.about}" "{text.chosen} }
            tools=move || view! { <SeedMenu seeds chosen=view.seed words=terms::seed_words(text.seed) /> }
        >
            {move || match sheet.get() {
                None => view! { <p class="empty">{text.empty}</p> }.into_any(),
                Some(sheet) => table(&sheet),
            }}
        </WideCard>
    }
}
