//! A world that is kept: its models, and what can be done with it.

use hedgerow::judgement::experiment::WorldId;
use leptos::prelude::*;

use super::Bench;
use super::training::Course;
use crate::lab::{FileKind, use_lab};
use crate::model::own_world::{Extent, Model, cost};
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::numbers;

/// The row.
#[component]
pub fn EntryRow(
    /// The world.
    id: WorldId,
    /// What the panel remembers.
    bench: Bench,
) -> impl IntoView {
    let (lab, draft, words) = (use_lab(), use_stores().draft, &later().world);
    let (name, extent, recipe) =
        bench.with(id, |known| (known.name.clone(), known.extent, known.own.recipe)).expect("a row of a known world");
    let Extent { entities, facts, words: vocabulary } = extent;
    let [entities, facts, words_of] = [entities, facts, vocabulary].map(numbers::count);
    let about = words.extent(entities, facts, words_of, numbers::short(cost(recipe, vocabulary)));
    let models = Memo::new(move |_| {
        bench.worlds.with(|worlds| {
            let known = worlds.as_ref().and_then(|worlds| worlds.iter().find(|known| known.id == id));
            let line = |model: &Model| (model.seed, model.steps, model.exam);
            known.map(|known| known.own.models.iter().map(line).collect::<Vec<_>>()).unwrap_or_default()
        })
    });
    let begun = Memo::new(move |_| {
        bench.worlds.with(|worlds| {
            let known = worlds.as_ref().and_then(|worlds| worlds.iter().find(|known| known.id == id));
            known.map(|known| known.own.begun.iter().map(|begun| begun.seed).collect::<Vec<_>>()).unwrap_or_default()
        })
    });
    let is_in = draft.memo(move |draft| draft.own_world == Some(id));
    let model = move |(seed, steps, exam): (u64, u32, hedgerow::documents::own_world::Exam)| {
        let [chosen, verified] = [exam.forced_choice, exam.verification].map(numbers::exact_percent);
        let knows = words.knows(seed, numbers::count(steps as usize), chosen, verified);
        let weak = (!exam.is_passed()).then_some(words.weak);
        view! { <li>{knows}{weak.map(|weak| view! { " " <strong>{weak}</strong> })}</li> }
    };
    let next = move |_| {
        if let Some(seed) = bench.with(id, |known| known.own.next_seed()) {
            bench.train(id, seed);
        }
    };
    let enter = move |_| lab.enter(if is_in.get_untracked() { None } else { Some(id) });
    let save = move |_| {
        if let Some(file) = bench.with(id, |known| known.own.to_file()) {
            lab.save_text("hedgerow-world", FileKind::Json, &file);
        }
    };
    view! {
        <li class:open=is_in>
            <h4>{name}</h4>
            <p>{about}</p>
            <ul>{move || models.get().into_iter().map(model).collect_view()}</ul>
            {move || begun.get().into_iter().map(|seed| view! { <Course world=id seed bench /> }).collect_view()}
            <p class="deeds">
                <button class="small" type="button" prop:disabled=move || bench.is_busy() on:click=next>
                    {move || if models.with(Vec::is_empty) { words.train } else { words.train_another }}
                </button>
                <button
                    class="small"
                    type="button"
                    prop:disabled=move || models.with(Vec::is_empty)
                    aria-pressed=move || is_in.get().to_string()
                    on:click=enter
                >
                    {move || if is_in.get() { words.leave } else { words.enter }}
                </button>
                <button class="small" type="button" on:click=save>{words.save}</button>
                <button class="small" type="button" on:click=move |_| bench.delete(id)>{words.delete}</button>
            </p>
        </li>
    }
}
