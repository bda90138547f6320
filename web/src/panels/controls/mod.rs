//! The bar that stays in view: train, pause, step, reset; one model or several; how far it is.

pub mod buttons;
pub mod export;
pub mod pending;
pub mod status;

use leptos::prelude::*;

use crate::kit::segmented::Segmented;
use crate::model::draft::Compared;
use crate::stores::use_stores;
use crate::text::text;
use buttons::Buttons;
use export::Export;
use pending::PendingSettings;
use status::Status;

/// The bar.
#[component]
pub fn Controls() -> impl IntoView {
    let (draft, text) = (use_stores().draft, &text().controls);
    let arms = draft.memo(|draft| draft.arms.clone());
    let selected = move || arms.with(|arms| Compared::of(draft.mode.get(), arms));
    let select = move |compared| draft.compare(compared);
    view! {
        <div class="controls">
            <div class="control-row">
                <Buttons />
                <Segmented
                    name="mode"
                    legend=text.reward
                    options=vec![
                        (Compared::Scalar, text.scalar),
                        (Compared::Both, text.side_by_side),
                        (Compared::Structured, text.structured),
                    ]
                    selected
                    on_select=select
                />
                <Status />
                <Export />
            </div>
            <PendingSettings />
        </div>
    }
}
