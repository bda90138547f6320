//! The page: the one list of panels, in their order, with their ids and anchors.

use std::time::Duration;

use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use wasm_bindgen_futures::JsFuture;

use crate::kit::chart::lines;
use crate::kit::chart::stack::StackPatterns;
use crate::kit::deferred::{Deferred, Draw, Fetching};
use crate::kit::disclosure::Disclosure;
use crate::kit::focus;
use crate::lab::{Lab, use_lab};
use crate::model::embed::Embed;
use crate::panels::answers::Answers;
use crate::panels::ask::Ask;
use crate::panels::class::Class;
use crate::panels::controls::Controls;
use crate::panels::credit::Credit;
use crate::panels::exercise::ExercisePanel;
use crate::panels::experiments::Experiments;
use crate::panels::facts::Facts;
use crate::panels::figures::Figures;
use crate::panels::header::Header;
use crate::panels::hidden::{Hidden, ID as HIDDEN};
use crate::panels::keys::Keys;
use crate::panels::lessons::Lessons;
use crate::panels::limits::Limits;
use crate::panels::method::Method;
use crate::panels::notices::Notices;
use crate::panels::offline::Offline;
use crate::panels::outcomes::Outcomes;
use crate::panels::predict::Predict;
use crate::panels::rate::Rate;
use crate::panels::rater::Rater;
use crate::panels::real::Real;
use crate::panels::scores::Scores;
use crate::panels::sent::SentPanel;
use crate::panels::settings::Settings;
use crate::panels::shelf::ShelfPanel;
use crate::panels::states::{ID as STATES, States};
use crate::panels::story::Story;
use crate::panels::story::stage::Stage;
use crate::panels::world::WorldPanel;
use crate::text::text;

/// One panel.
struct Panel {
    /// Its place in the address; panels of one id form none of their own.
    id: &'static str,
    /// Where it stands.
    region: Region,
    /// Its name among the header's links, if it has one there.
    link: Option<fn() -> &'static str>,
    view: fn(&'static str) -> AnyView,
}

/// A part of the page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Region {
    /// Above the experiment.
    Top,
    /// The bar that stays in view.
    Bar,
    /// What can be set, beside the results.
    Rail,
    /// Scores and charts.
    Results,
    /// Below both, as wide as the page.
    Wide,
    /// What there is to read below the experiment.
    Prose,
}

const fn panel(id: &'static str, region: Region, view: fn(&'static str) -> AnyView) -> Panel {
    Panel { id, region, link: None, view }
}

const fn linked(id: &'static str, link: fn() -> &'static str, view: fn(&'static str) -> AnyView) -> Panel {
    Panel { id, region: Region::Prose, link: Some(link), view }
}

const PANELS: &[Panel] = &[
    // The exercise that the address asks for, in the place of the story.
    panel("story", Region::Top, |id| {
        if use_lab().has_exercise() {
            return deferred("exercise", text().header.lesson, "card deferred", || Box::pin(exercise()));
        }
        let beside = || deferred("story-stage", text().outcomes.title, "deferred-stage", || Box::pin(stage()));
        view! { <Story id beside /> }.into_any()
    }),
    panel("notices", Region::Top, |_| view! { <Notices /> }.into_any()),
    panel("controls", Region::Bar, |_| view! { <Controls /> }.into_any()),
    panel("experiments", Region::Rail, |id| view! { <Experiments id /> }.into_any()),
    panel("rater", Region::Rail, |id| view! { <Rater id /> }.into_any()),
    panel("predict", Region::Rail, |id| deferred(id, text().page.predict, "card deferred", || Box::pin(predict()))),
    panel("settings", Region::Rail, |id| {
        deferred(id, text().settings.title, "card deferred settings", || Box::pin(settings()))
    }),
    panel("outcomes", Region::Results, |id| {
        deferred(id, text().outcomes.title, "deferred outcomes-panel", || Box::pin(outcomes()))
    }),
    panel("scores", Region::Results, |id| view! { <Scores id /> }.into_any()),
    panel("figures", Region::Results, |id| {
        let text = &text().figures;
        let inside = deferred(id, text.how_known, "deferred", || Box::pin(with_charts(Box::pin(figures()))));
        view! { <Disclosure title=text.how_known about=text.how_known_about>{inside}</Disclosure> }.into_any()
    }),
    panel("facts", Region::Wide, |id| deferred(id, text().page.facts, "card deferred wide-card", || Box::pin(facts()))),
    panel("answers", Region::Wide, |id| {
        deferred(id, text().answers.title, "card deferred wide-card", || Box::pin(answers()))
    }),
    panel("credit", Region::Wide, |id| {
        deferred(id, text().credit.title, "card deferred wide-card", || Box::pin(credit()))
    }),
    panel("ask", Region::Wide, |id| deferred(id, text().page.ask, "card deferred wide-card", || Box::pin(ask()))),
    panel("rate", Region::Wide, |id| {
        let text = &text().page;
        let inside = deferred(id, text.rate, "deferred", || Box::pin(rate()));
        view! { <Disclosure title=text.rate about=text.rate_about>{inside}</Disclosure> }.into_any()
    }),
    panel("world", Region::Wide, |id| {
        let text = &text().page;
        let inside = deferred(id, text.world, "deferred", || Box::pin(world()));
        view! { <Disclosure title=text.world about=text.world_about>{inside}</Disclosure> }.into_any()
    }),
    panel("shelf", Region::Wide, |id| {
        let text = &text().page;
        let inside = deferred(id, text.shelf, "deferred", || Box::pin(shelf()));
        view! { <Disclosure title=text.shelf about=text.shelf_about>{inside}</Disclosure> }.into_any()
    }),
    panel("real", Region::Wide, |id| {
        let text = &text().page;
        let inside = deferred(id, text.real, "deferred", || Box::pin(real()));
        view! { <Disclosure title=text.real about=text.real_about>{inside}</Disclosure> }.into_any()
    }),
    linked(
        "what-to-look-for",
        || text().header.look,
        |id| deferred(id, text().header.look, "prose deferred", || Box::pin(lessons())),
    ),
    linked(
        "limits",
        || text().header.limits,
        |id| deferred(id, text().limits.title, "prose deferred", || Box::pin(limits())),
    ),
    linked(
        "method",
        || text().header.method,
        |id| deferred(id, text().page.method, "prose deferred", || Box::pin(method())),
    ),
    panel("class", Region::Prose, |id| {
        let text = &text().page;
        let inside = deferred(id, text.class, "deferred", || Box::pin(with_charts(Box::pin(class()))));
        view! { <Disclosure title=text.class about=text.class_about>{inside}</Disclosure> }.into_any()
    }),
    panel("offline", Region::Prose, |id| deferred(id, text().page.offline, "prose deferred", || Box::pin(offline()))),
];

#[wasm_split(settings, wasm_split_path = ::leptos::wasm_split, fallible)]
fn settings() -> Result<Draw, SplitLoaderError> {
    Ok(|id| view! { <Settings id /> }.into_any())
}

#[wasm_split(outcomes, wasm_split_path = ::leptos::wasm_split, fallible)]
fn stage() -> Result<Draw, SplitLoaderError> {
    Ok(|id| view! { <Stage id /> }.into_any())
}

#[wasm_split(outcomes, wasm_split_path = ::leptos::wasm_split, fallible)]
fn outcomes() -> Result<Draw, SplitLoaderError> {
    Ok(|id| view! { <Outcomes id /> <SentPanel /> }.into_any())
}

#[wasm_split(figures, wasm_split_path = ::leptos::wasm_split, fallible)]
fn figures() -> Result<Draw, SplitLoaderError> {
    Ok(|id| view! { <Figures id /> }.into_any())
}

#[wasm_split(below, wasm_split_path = ::leptos::wasm_split, fallible)]
fn facts() -> Result<Draw, SplitLoaderError> {
    Ok(|id| {
        let lab = use_lab();
        let [facts, states, hidden] = [id, STATES, HIDDEN].map(|part| lab.draws(part));
        view! { {facts.then(|| view! { <Facts id /> })} {states.then(|| view! { <States /> })} {hidden.then(|| view! { <Hidden /> })} }.into_any()
    })
}

#[wasm_split(below, wasm_split_path = ::leptos::wasm_split, fallible)]
fn answers() -> Result<Draw, SplitLoaderError> {
    Ok(|id| view! { <Answers id /> }.into_any())
}

#[wasm_split(below, wasm_split_path = ::leptos::wasm_split, fallible)]
fn credit() -> Result<Draw, SplitLoaderError> {
    Ok(|id| view! { <Credit id /> }.into_any())
}

#[wasm_split(below, wasm_split_path = ::leptos::wasm_split, fallible)]
fn ask() -> Result<Draw, SplitLoaderError> {
    Ok(|id| view! { <Ask id /> }.into_any())
}

#[wasm_split(class, wasm_split_path = ::leptos::wasm_split, fallible)]
fn real() -> Result<Draw, SplitLoaderError> {
    Ok(|id| view! { <Real id /> }.into_any())
}

#[wasm_split(class, wasm_split_path = ::leptos::wasm_split, fallible)]
fn rate() -> Result<Draw, SplitLoaderError> {
    Ok(|id| view! { <Rate id /> }.into_any())
}

#[wasm_split(class, wasm_split_path = ::leptos::wasm_split, fallible)]
fn world() -> Result<Draw, SplitLoaderError> {
    Ok(|id| view! { <WorldPanel id /> }.into_any())
}

#[wasm_split(class, wasm_split_path = ::leptos::wasm_split, fallible)]
fn shelf() -> Result<Draw, SplitLoaderError> {
    Ok(|id| view! { <ShelfPanel id /> }.into_any())
}

#[wasm_split(class, wasm_split_path = ::leptos::wasm_split, fallible)]
fn class() -> Result<Draw, SplitLoaderError> {
    Ok(|id| view! { <Class id /> }.into_any())
}

#[wasm_split(class, wasm_split_path = ::leptos::wasm_split, fallible)]
fn exercise() -> Result<Draw, SplitLoaderError> {
    Ok(|id| view! { <ExercisePanel id /> }.into_any())
}

// Beside the settings, and so with them: every module more is a line more in the lists that the first view loads.
#[wasm_split(settings, wasm_split_path = ::leptos::wasm_split, fallible)]
fn predict() -> Result<Draw, SplitLoaderError> {
    Ok(|id| view! { <Predict id /> }.into_any())
}

#[wasm_split(below, wasm_split_path = ::leptos::wasm_split, fallible)]
fn lessons() -> Result<Draw, SplitLoaderError> {
    Ok(|id| view! { <Lessons id /> }.into_any())
}

#[wasm_split(below, wasm_split_path = ::leptos::wasm_split, fallible)]
fn limits() -> Result<Draw, SplitLoaderError> {
    Ok(|id| view! { <Limits id /> }.into_any())
}

#[wasm_split(below, wasm_split_path = ::leptos::wasm_split, fallible)]
fn method() -> Result<Draw, SplitLoaderError> {
    Ok(|id| view! { <Method id /> }.into_any())
}

#[wasm_split(below, wasm_split_path = ::leptos::wasm_split, fallible)]
fn offline() -> Result<Draw, SplitLoaderError> {
    Ok(|id| view! { <Offline id /> }.into_any())
}

#[wasm_split(below, wasm_split_path = ::leptos::wasm_split, fallible)]
fn keys() -> Result<Draw, SplitLoaderError> {
    Ok(|id| view! { <Keys id /> }.into_any())
}

/// Fetches what draws charts before a panel. Without it there are tables.
async fn with_charts(panel: Fetching) -> Result<Draw, SplitLoaderError> {
    let _ = JsFuture::from(lines::fetch_library()).await;
    panel.await
}

fn deferred(id: &'static str, title: &'static str, class: &'static str, fetch: fn() -> Fetching) -> AnyView {
    view! { <Deferred id title class fetch /> }.into_any()
}

/// The whole page, the experiment first.
#[component]
pub fn Page() -> impl IntoView {
    let lab = Lab::provide();
    lab.start();
    focus::keep();
    let text = &text().page;
    if let Some(embed) = lab.join_host() {
        return inside_another_page(lab, &embed).into_any();
    }
    view! {
        <a class="skip" href="#lab">{text.skip}</a>
        {in_its_turn("", header)}
        <StackPatterns />
        <main>
            {in_turns(Region::Top)}
            <section id="lab" class="lab" aria-label=text.experiment tabindex="-1">
                {in_turns(Region::Bar)}
                {in_its_turn("", drop_shell)}
                <div class="bench">
                    <div class="rail">{in_turns(Region::Rail)}</div>
                    <div class="results">{in_turns(Region::Results)}</div>
                </div>
                {in_turns(Region::Wide)}
            </section>
            {in_turns(Region::Prose)}
        </main>
        {in_its_turn("", foot)}
        {in_its_turn("", open)}
        <div
            id="keys-help"
            class="keys-help"
            popover
            role="dialog"
            aria-labelledby="keys-title"
            tabindex="-1"
            on:toggle=|event| focus::give(event.target())
        >
            {deferred("keys", text.keys, "keys", || Box::pin(keys()))}
        </div>
    }
    .into_any()
}

fn header(_: &'static str) -> AnyView {
    let places = PANELS.iter().filter_map(|panel| Some((panel.id, panel.link?()))).collect::<Vec<_>>();
    view! { <Header places /> }.into_any()
}

/// Takes away what `index.html` shows, now that there is what takes its place: until then it hides the rest.
fn drop_shell(_: &'static str) -> AnyView {
    if let Some(shell) = document().get_element_by_id("shell") {
        shell.remove();
    }
    ().into_any()
}

/// After all that is drawn: the engine has time until then, and they have none to give it.
fn open(_: &'static str) -> AnyView {
    use_lab().open();
    ().into_any()
}

/// The foot, after all that is above it: before that it would be seen, and then leave the view.
fn foot(_: &'static str) -> AnyView {
    let (header, text) = (&text().header, &text().page);
    view! {
        <footer class="foot">
            <p>{text.runs_here}</p>
            <p>{text.licence}</p>
            <p class="lesson">
                <a href=header.lesson_address>{header.lesson}</a>
            </p>
            <p>
                <a href="#class">{text.class}</a>
            </p>
            <button class="quiet" type="button" popovertarget="keys-help">{text.keys}</button>
        </footer>
    }
    .into_any()
}

/// The panels of a region, each in a task of its own, so that none is long on a slow machine.
fn in_turns(region: Region) -> Vec<AnyView> {
    let panels = PANELS.iter().filter(|panel| panel.region == region);
    panels.map(|panel| in_its_turn(panel.id, panel.view)).collect()
}

fn in_its_turn(id: &'static str, draw: fn(&'static str) -> AnyView) -> AnyView {
    let turn = RwSignal::new(false);
    set_timeout(move || turn.set(true), Duration::ZERO);
    (move || turn.get().then(|| draw(id))).into_any()
}

/// The panels that the page around this one chose, in their order, and the way to the whole.
fn inside_another_page(lab: Lab, embed: &Embed) -> impl IntoView + use<> {
    let text = &text().page;
    let panels = PANELS.iter().filter(|panel| embed.shows(panel.id)).map(|panel| (panel.view)(panel.id));
    view! {
        {drop_shell("")}
        {in_its_turn("", open)}
        <StackPatterns />
        <main class="embedded">
            <section id="lab" class="lab" aria-label=text.experiment tabindex="-1">{panels.collect::<Vec<_>>()}</section>
        </main>
        <footer class="foot">
            <p>
                <a href=move || lab.whole_page() target="_blank" rel="noopener">{text.whole}</a>
            </p>
            <p>{text.runs_here}</p>
        </footer>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{exercise, handout};

    /// A panel of another name here would be hidden by no exercise, and handed out to nobody.
    #[test]
    fn panels_of_exercises_and_of_links_to_hand_out_are_the_page_s_in_its_order() {
        let parts = |panel: &Panel| if panel.id == "facts" { vec![panel.id, STATES, HIDDEN] } else { vec![panel.id] };
        let page: Vec<&str> = PANELS.iter().flat_map(parts).collect();
        for named in [&exercise::PANELS[..], &handout::PANELS[..]] {
            let place = |own: &&str| page.iter().position(|id| id == own).unwrap_or_else(|| panic!("no panel {own}"));
            let places: Vec<usize> = named.iter().map(place).collect();
            assert!(places.is_sorted(), "{named:?}");
        }
        let style = include_str!("../style/later/later.css");
        for id in exercise::PANELS {
            assert!(style.contains(&format!("[data-hides~=\"{id}\"]")), "no style hides {id}");
        }
        // What an exercise is about can be left out of it; worlds and runs of one's own stay whatever it is about.
        let about = [Region::Rail, Region::Results, Region::Wide];
        let of_region = PANELS.iter().filter(|panel| about.contains(&panel.region)).map(|panel| panel.id);
        let others: Vec<&str> = of_region.filter(|id| !exercise::PANELS.contains(id)).collect();
        assert_eq!(
            others,
            ["world", "shelf"],
            "another one is for exercise::PANELS, with a style that hides it, or stays"
        );
    }
}
