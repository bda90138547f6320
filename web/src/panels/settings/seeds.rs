//! How many seeds each arm runs.

use leptos::prelude::*;

use crate::kit::menu::Menu;
use crate::stores::use_stores;
use crate::text::{numbers, text};

/// More are too slow for a page.
const MOST: usize = 8;

/// A menu, and what the choice costs.
#[component]
pub fn Seeds() -> impl IntoView {
    let stores = use_stores();
    let counts = Memo::new(move |_| {
        let most = stores.catalogue.seeds.with(Vec::len).min(MOST);
        (1..=most).map(|count| (count, numbers::count(count))).collect::<Vec<_>>()
    });
    let choose = Callback::new(move |count: usize| {
        let seeds = stores.catalogue.seeds.with_untracked(|seeds| seeds.iter().copied().take(count).collect());
        stores.draft.experiment.update(|draft| draft.seeds = seeds);
    });
    let models = stores.draft.memo(|draft| draft.replicas().len());
    let text = &text().settings;
    let cost = move || text.models.count(models.get());
    view! {
        <label class="field">
            <span>{text.seeds}</span>
            <Menu class="" options=counts selected=stores.draft.memo(|draft| Some(draft.seeds.len())) on_select=choose />
        </label>
        <p class="hint">{text.seeds_meaning}" "{cost}</p>
    }
}
