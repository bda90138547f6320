//! Writing a world: from lists of words, from an example, or by hand.

use hedgerow::documents::own_world::Recipe;
use hedgerow::facts::world::{Theme, World};
use leptos::prelude::*;

use super::facts::FactTable;
use super::{Bench, flawed};
use crate::kit::menu::Menu;
use crate::model::own_world::simple::{Field, Simple, Slip};
use crate::model::own_world::{Known, LAYERS, OwnWorld, WIDTHS, cost};
use crate::text::later::later;
use crate::text::numbers;
use crate::text::world_faults::world_fault;

/// The two ways to write one, and the model that is to know it.
#[component]
pub fn Write(
    /// What the panel remembers.
    bench: Bench,
) -> impl IntoView {
    let words = &later().world;
    let file = RwSignal::new(String::new());
    let recipe = RwSignal::new(Recipe::default());
    let read = Memo::new(move |_| {
        let text = file.get();
        (!text.trim().is_empty()).then(|| OwnWorld::of_text(&text, recipe.get()))
    });
    let verdict = move || match read.get() {
        None => view! { <p class="hint">{words.nothing_written}</p> }.into_any(),
        Some(Err(flaw)) => view! { <p class="problem" role="alert">{flawed(&flaw)}</p> }.into_any(),
        Some(Ok(own)) => {
            let Known { name, extent, .. } = Known::of(own);
            let [entities, facts, count] = [extent.entities, extent.facts, extent.words].map(numbers::count);
            let cost = numbers::short(cost(recipe.get(), extent.words));
            view! { <p role="status"><strong>{name}</strong>": "{words.extent(entities, facts, count, cost)}</p> }
                .into_any()
        }
    };
    let is_sound = Memo::new(move |_| read.with(|read| matches!(read, Some(Ok(_)))));
    let keep = move |_| {
        if let Some(Ok(own)) = read.get_untracked() {
            bench.add(own);
            file.set(String::new());
        }
    };
    let widths = WIDTHS.into_iter().map(|width| (width, numbers::count(width))).collect::<Vec<_>>();
    let layers = LAYERS.into_iter().map(|layers| (layers, numbers::count(layers))).collect::<Vec<_>>();
    view! {
        <details class="more">
            <summary>{words.write}</summary>
            <Lists file />
            <label class="field">
                <span class="field-label">{words.file}</span>
                <textarea
                    class="world-file"
                    rows="12"
                    spellcheck="false"
                    prop:value=file
                    on:change=move |event| file.set(event_target_value(&event))
                ></textarea>
            </label>
            <p class="hint">{words.file_about}" "<a href="worlds/world.schema.json">{words.schema}</a></p>
            <p class="deeds">
                <button class="small" type="button" on:click=move |_| file.set(example(Theme::Everyday))>
                    {words.example_everyday}
                </button>
                <button class="small" type="button" on:click=move |_| file.set(example(Theme::Groups))>
                    {words.example_groups}
                </button>
            </p>
            <FactTable file />
            <div class="pair">
                <label class="field">
                    <span class="field-label">{words.width}</span>
                    <Menu
                        options=widths
                        selected=Signal::derive(move || Some(recipe.get().width))
                        on_select=Callback::new(move |width| recipe.update(|recipe| recipe.width = width))
                    />
                </label>
                <label class="field">
                    <span class="field-label">{words.layers}</span>
                    <Menu
                        options=layers
                        selected=Signal::derive(move || Some(recipe.get().layers))
                        on_select=Callback::new(move |layers| recipe.update(|recipe| recipe.layers = layers))
                    />
                </label>
            </div>
            <p class="hint">{words.shape_about}</p>
            {verdict}
            <p class="deeds">
                <button class="strong" type="button" prop:disabled=move || !is_sound.get() on:click=keep>{words.keep}</button>
            </p>
        </details>
    }
}

fn example(theme: Theme) -> String {
    World::of(theme, 0).to_json()
}

/// Lists of words that become a world file.
#[component]
fn Lists(
    /// The world file.
    file: RwSignal<String>,
) -> impl IntoView {
    let words = &later().world;
    let own = |text: &'static str| RwSignal::new(text.to_owned());
    let simple = Lines {
        name: own(words.first_name),
        values: own(words.first_values),
        names: own(words.first_names),
        much: own(words.first_much),
        little: own(""),
        neutral: own(words.first_neutral),
        other_names: own(words.first_other_names),
        other_topics: own(words.first_other_topics),
    };
    let seed = StoredValue::new(0);
    let slip = RwSignal::new(None::<Slip>);
    let make = move |_| match simple.read().file(seed.get_value()) {
        Ok(made) => {
            slip.set(None);
            file.set(made);
            seed.update_value(|seed| *seed += 1);
        }
        Err(wrong) => slip.set(Some(wrong)),
    };
    view! {
        <fieldset class="world-lists">
            <legend class="field-label">{words.lists}</legend>
            <p class="hint">{words.lists_about}</p>
            {line(words.name, simple.name)}
            {line(words.values, simple.values)}
            {line(words.names, simple.names)}
            {line(words.much, simple.much)}
            {line(words.little, simple.little)}
            {line(words.neutral, simple.neutral)}
            {line(words.other_names, simple.other_names)}
            {line(words.other_topics, simple.other_topics)}
            <p class="deeds">
                <button class="small" type="button" on:click=make>{words.make}</button>
            </p>
            {move || slip.get().map(|slip| view! { <p class="problem" role="alert">{said(&slip)}</p> })}
        </fieldset>
    }
}

/// What is wrong with the lists, by the field as it is called on the page.
fn said(slip: &Slip) -> String {
    let words = &later().world;
    let name = |field: Field| match field {
        Field::Name => words.name,
        Field::Values => words.values,
        Field::Names => words.names,
        Field::Much => words.much,
        Field::Little => words.little,
        Field::Neutral => words.neutral,
        Field::OtherNames => words.other_names,
        Field::OtherTopics => words.other_topics,
    };
    match slip {
        Slip::TooFew(field, least) => words.form_empty(name(*field), numbers::count(*least)),
        Slip::Fault(field, fault) => words.form_fault(name(*field), world_fault(fault)),
        Slip::Flaw(flaw) => flawed(flaw),
    }
}

/// [`Simple`], as it is typed.
#[derive(Clone, Copy)]
struct Lines {
    name: RwSignal<String>,
    values: RwSignal<String>,
    names: RwSignal<String>,
    much: RwSignal<String>,
    little: RwSignal<String>,
    neutral: RwSignal<String>,
    other_names: RwSignal<String>,
    other_topics: RwSignal<String>,
}

impl Lines {
    fn read(self) -> Simple {
        Simple {
            name: self.name.get_untracked(),
            values: self.values.get_untracked(),
            names: self.names.get_untracked(),
            much: self.much.get_untracked(),
            little: self.little.get_untracked(),
            neutral: self.neutral.get_untracked(),
            other_names: self.other_names.get_untracked(),
            other_topics: self.other_topics.get_untracked(),
        }
    }
}

fn line(label: &'static str, text: RwSignal<String>) -> impl IntoView {
    view! {
        <label class="field">
            <span class="field-label">{label}</span>
            <input type="text" prop:value=text on:change=move |event| text.set(event_target_value(&event)) />
        </label>
    }
}
