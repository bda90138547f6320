//! Whose run the great figure is of, and of which seeds.

use leptos::prelude::*;

use crate::kit::seed_menu::SeedsMenu;
use crate::model::recorded::Shown;
use crate::model::run::seeds;
use crate::stores::use_stores;
use crate::text::{numbers, text};

/// Whose run it is, and how many seeds it has; a menu that shows one of them alone.
#[component]
pub fn Source() -> impl IntoView {
    let (view, text) = (use_stores().view, &text().scores);
    let source = move || {
        let (class, words) = match view.shown() {
            Shown::Live => ("tag live", text.live),
            Shown::Opened => ("tag live", text.opened),
            Shown::Recording(_) => ("tag", text.recorded),
            Shown::Loading => ("tag", text.loading),
            Shown::Failed => ("tag", text.recording_failed),
            Shown::Nothing => ("tag", text.no_recorded),
        };
        view! { <span class=class>{words}</span> }
    };
    let seeds = view.memo(&[], seeds);
    let chosen = Memo::new(move |_| view.seed.get().filter(|seed| seeds.with(|seeds| seeds.contains(seed))));
    view! {
        {source}
        <SeedsMenu seeds chosen=view.seed />
        <p class="note">{move || note(seeds.with(Vec::len), chosen.get(), view.is_live())}</p>
    }
}

fn note(seeds: usize, chosen: Option<u64>, live: bool) -> String {
    let text = &text().scores;
    let note = match (seeds, chosen) {
        (0, _) => return text.empty.to_owned(),
        (1, _) => text.one_seed.to_owned(),
        (seeds, Some(seed)) => text.one_of(seed, numbers::count(seeds)),
        (seeds, None) => text.seeds(numbers::count(seeds)),
    };
    if live { note } else { text.earlier(note) }
}
