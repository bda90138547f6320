//! Which of a run's seeds is shown, if there are several.

use leptos::prelude::*;

use super::menu::Menu;
use crate::model::run::seed_among;
use crate::text::terms::SeedWords;
use crate::text::{numbers, text};

/// A menu of seeds; nothing where there is no choice.
#[component]
pub fn SeedMenu(
    /// Those of the run that is drawn.
    #[prop(into)]
    seeds: Signal<Vec<u64>>,
    /// The one that was chosen, if one was.
    chosen: RwSignal<Option<u64>>,
    /// The menu's name, and the words of a seed.
    words: SeedWords,
) -> impl IntoView {
    let several = Memo::new(move |_| seeds.with(Vec::len) > 1);
    let options =
        Signal::derive(move || seeds.get().into_iter().map(|seed| (seed, (words.option)(seed))).collect::<Vec<_>>());
    let selected = Signal::derive(move || seeds.with(|seeds| seed_among(seeds, chosen.get())));
    let select = Callback::new(move |seed| chosen.set(Some(seed)));
    move || several.get().then(|| view! { <Menu label=words.label options selected on_select=select /> })
}

/// A menu of all seeds together and of each alone; nothing where there is no choice.
#[component]
pub fn SeedsMenu(
    /// Those of the run that is drawn.
    #[prop(into)]
    seeds: Signal<Vec<u64>>,
    /// The one that was chosen alone, if it is of the run.
    chosen: RwSignal<Option<u64>>,
) -> impl IntoView {
    let own = &text().outcomes;
    let options = Signal::derive(move || {
        let seeds = seeds.get();
        let one = |seed: &u64| (Some(*seed), text().answers.seed_number(seed));
        let all = (None, own.all_seeds(numbers::count(seeds.len())));
        std::iter::once(all).chain(seeds.iter().map(one)).collect::<Vec<_>>()
    });
    let selected = Signal::derive(move || Some(chosen.get().filter(|seed| seeds.with(|seeds| seeds.contains(seed)))));
    let select = Callback::new(move |seed| chosen.set(seed));
    let label = Signal::stored(own.seed.to_owned());
    move || (seeds.with(Vec::len) > 1).then(|| view! { <Menu label options selected on_select=select /> })
}
