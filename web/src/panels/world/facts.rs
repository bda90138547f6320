//! What is true in a world that is being written: a table of choices over its file.

use hedgerow::facts::world::World;
use leptos::prelude::*;

use crate::kit::menu::Menu;
use crate::model::own_world::sheet::{self, Unknown};
use crate::text::later::later;
use crate::text::numbers;

/// A table for each kind of names, a menu for each fact; nothing until the file holds a world.
#[component]
pub fn FactTable(
    /// The world file.
    file: RwSignal<String>,
) -> impl IntoView {
    let words = &later().world;
    let open = RwSignal::new(false);
    let world = Memo::new(move |_| open.get().then(|| file.with(|text| World::from_json(text).ok())).flatten());
    // A fact that changes leaves the table, and the focus in it, where it is.
    let shape = Memo::new(move |_| {
        let mut shape = world.get()?;
        shape.entities.retain(|entity| !entity.facts.is_empty());
        shape.entities.iter_mut().for_each(|entity| entity.facts.clear());
        Some(shape)
    });
    let choose = Callback::new(move |(name, topic, value): (String, String, String)| {
        if let Some(mut world) = world.get_untracked() {
            let own = world.entities.iter_mut().filter(|entity| entity.word == name);
            own.for_each(|entity| drop(entity.facts.insert(topic.clone(), value.clone())));
            file.set(world.to_json());
        }
    });
    let put = Callback::new(move |world: World| file.set(world.to_json()));
    let tables = move || match shape.get() {
        Some(shape) => {
            kinds(&shape).into_iter().map(|kind| table(&shape, &kind, world, choose, put)).collect_view().into_any()
        }
        None => view! { <p class="hint">{words.no_facts}</p> }.into_any(),
    };
    view! {
        <details class="more" on:toggle=move |_| open.update(|open| *open = !*open)>
            <summary>{words.facts}</summary>
            <p class="hint">{words.facts_about}</p>
            {move || open.get().then(tables)}
        </details>
    }
}

/// In the order of their attributes.
fn kinds(world: &World) -> Vec<String> {
    let mut kinds: Vec<String> = Vec::new();
    for attribute in &world.attributes {
        if !kinds.contains(&attribute.of) {
            kinds.push(attribute.of.clone());
        }
    }
    kinds
}

fn table(
    shape: &World,
    kind: &str,
    world: Memo<Option<World>>,
    choose: Callback<(String, String, String)>,
    put: Callback<World>,
) -> AnyView {
    let attributes = shape.attributes.iter().enumerate().filter(|(_, attribute)| attribute.of == kind);
    let attributes: Vec<(String, Vec<String>)> = attributes
        .map(|(place, own)| {
            (own.word.clone(), shape.values_of(place).into_iter().map(|value| shape.values[value].clone()).collect())
        })
        .collect();
    let cell = |name: &str, (topic, values): &(String, Vec<String>)| {
        let options: Vec<(String, String)> = values.iter().map(|value| (value.clone(), value.clone())).collect();
        let (name, topic) = (name.to_owned(), topic.clone());
        let label = Signal::stored(format!("{name}, {topic}"));
        let selected = {
            let (name, topic) = (name.clone(), topic.clone());
            Signal::derive(move || {
                world.with(|world| {
                    let entity = world.as_ref()?.entities.iter().find(|entity| entity.word == name)?;
                    entity.facts.get(&topic).cloned()
                })
            })
        };
        let on_select = Callback::new(move |value| choose.run((name.clone(), topic.clone(), value)));
        view! { <td><Menu label options selected on_select /></td> }
    };
    let rows = shape.entities.iter().filter(|entity| entity.kind == kind).map(|entity| {
        let cells = attributes.iter().map(|own| cell(&entity.word, own)).collect_view();
        view! { <tr><th scope="row">{entity.word.clone()}</th>{cells}</tr> }
    });
    let rows = rows.collect_view();
    let pasted = sheet_of(kind.to_owned(), world, put);
    let heads = attributes.iter().map(|(topic, _)| view! { <th scope="col">{topic.clone()}</th> }).collect_view();
    let words = &later().world;
    // Each table by its topics.
    let topics: Vec<String> = attributes.iter().map(|(topic, _)| topic.clone()).collect();
    let label = format!("{}: {}", words.facts, topics.join(", "));
    view! {
        <div class="scroll" role="region" aria-label=label tabindex="0">
            <table class="class-table">
                <thead><tr><th scope="col">{words.fact_of}</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {pasted}
    }
    .into_any()
}

/// The same as text, which can be copied into a spreadsheet and back.
fn sheet_of(kind: String, world: Memo<Option<World>>, put: Callback<World>) -> AnyView {
    let words = &later().world;
    let unknown = RwSignal::new(None::<Unknown>);
    let text = Memo::new(move |_| world.with(|world| world.as_ref().map(|world| sheet::written(world, &kind))));
    // What was said of a text is not said of the next one.
    Effect::new(move |_| {
        text.track();
        unknown.set(None);
    });
    let change = move |event| {
        let read = world.with_untracked(|world| Some(sheet::read(world.as_ref()?, &event_target_value(&event))));
        match read {
            Some(Ok(world)) => {
                unknown.set(None);
                put.run(world);
            }
            Some(Err(word)) => unknown.set(Some(word)),
            None => (),
        }
    };
    let said = move || {
        unknown.get().map(|unknown| match unknown {
            Unknown::Topic(word) => words.no_topic(word),
            Unknown::Name(line, word) => words.no_name(numbers::count(line), word),
            Unknown::Value(line, word, topic) => words.no_value(numbers::count(line), word, topic),
        })
    };
    view! {
        <label class="field">
            <span class="field-label">{words.sheet}</span>
            <textarea rows="4" spellcheck="false" prop:value=text on:change=change></textarea>
        </label>
        <p class="problem" role="alert">{said}</p>
    }
    .into_any()
}
