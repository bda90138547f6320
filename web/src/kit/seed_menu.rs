//! Which of a run's seeds is shown, if there are several.

use leptos::prelude::*;

use super::menu::Menu;
use crate::model::run::seed_among;
use crate::text::terms::SeedWords;

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
