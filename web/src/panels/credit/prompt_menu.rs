//! Which answers the panel shows: examples, or all answers to a prompt.

use leptos::prelude::*;

use crate::kit::menu::Menu;
use crate::stores::use_stores;
use crate::text::text;

/// Picks a prompt of the last update of the user's run, once there is one.
#[component]
pub fn PromptMenu(
    /// The one that is picked; `None` for the examples.
    prompt: RwSignal<Option<usize>>,
) -> impl IntoView {
    let (stores, text) = (use_stores(), &text().credit);
    let prompts = stores.run.memo(&[], |run| run.report.experiment.finetune.prompts);
    let able = Memo::new(move |_| stores.view.is_live() && stores.run.has_progress());
    let options = Memo::new(move |_| {
        let prompts = (0..prompts.get()).map(|prompt| (Some(prompt), text.prompt(prompt + 1)));
        std::iter::once((None, text.examples.to_owned())).chain(prompts).collect::<Vec<_>>()
    });
    let selected = Signal::derive(move || Some(prompt.get()));
    let select = Callback::new(move |chosen| prompt.set(chosen));
    move || able.get().then(|| view! { <Menu label=text.answers options selected on_select=select /> })
}
