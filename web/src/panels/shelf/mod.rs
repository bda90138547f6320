//! The visitor's runs: those that have ended or were paused on this device, and those that came as files. Each can be shown
//! in place of what is drawn, named, pinned, saved and deleted, and two can be compared.

pub mod compare;
pub mod entry;
pub mod report;

use std::collections::BTreeSet;

use hedgerow::documents::report::RunReport;
use hedgerow::judgement::experiment::WorldId;
use leptos::prelude::*;

use crate::kit::later::Later;
use crate::kit::refused::refused;
use crate::kit::waiting::waiting;
use crate::lab::{Lab, Latest, Taken, use_lab};
use crate::model::codap::of_run;
use crate::model::files::Dropped;
use crate::model::own_world::WorldName;
use crate::model::phase::Phase;
use crate::model::prediction::settings;
use crate::model::recorded::Shown;
use crate::model::run::Part;
use crate::model::shelf::{Entry, Refused, Said, Shelf, id, line};
use crate::stores::use_stores;
use crate::text::later::{later, unreadable};
use crate::text::numbers::list as list_of;
use crate::text::runs::what;
use crate::text::text;
use crate::views::to_codap::ToCodap;
use compare::Compare;
use entry::EntryRow;
use report::ReportOf;

/// What the panel remembers while it is open.
#[derive(Clone, Copy)]
pub struct Here {
    /// The shelf.
    pub shelf: RwSignal<Shelf>,
    /// Looks at what the browser keeps of it.
    pub looks: Latest,
    /// Runs that are compared, by their names.
    pub compared: RwSignal<Vec<String>>,
    /// What was deleted last, until something else is.
    pub taken: RwSignal<Option<Taken>, LocalStorage>,
    /// Why a run could not be shown, saved or deleted.
    pub fault: RwSignal<Option<Refused>>,
    /// What worlds of the visitor's own are called.
    pub worlds: RwSignal<Vec<WorldName>>,
    /// The run whose report is open, where no exercise has one.
    pub reported: RwSignal<Option<String>>,
}

impl Here {
    /// The visitor says something of a run.
    pub fn say(self, lab: Lab, id: String, said: Said) {
        // What an earlier look finds does not know of it.
        self.looks.pass_over();
        self.shelf.update(|shelf| {
            if let Shelf::Here(entries) = shelf
                && let Some(own) = entries.iter_mut().find(|own| own.id == id)
            {
                own.say(&said);
            }
        });
        lab.label(id, said);
    }
}

/// The panel.
#[component]
pub fn ShelfPanel(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    view! {
        <section id=id class="card wide-card shelf-card" aria-label=text().page.shelf>
            <Later draw=inside />
        </section>
    }
}

fn inside() -> AnyView {
    let (lab, view, words) = (use_lab(), use_stores().view, &later().shelf);
    let here = Here {
        shelf: RwSignal::new(Shelf::Asked),
        looks: Latest::new(),
        compared: RwSignal::new(Vec::new()),
        taken: RwSignal::new_local(None),
        fault: RwSignal::new(None),
        worlds: RwSignal::new(Vec::new()),
        reported: RwSignal::new(None),
    };
    let look = move || lab.look_at_shelf(here.looks, here.shelf);
    Effect::new(move |_| {
        view.shelved.track();
        look();
    });
    let own_worlds = Memo::new(move |_| here.shelf.with(own_worlds));
    Effect::new(move |_| {
        if own_worlds.with(|own| !own.is_empty()) {
            lab.name_worlds(here.worlds);
        }
    });
    let (bad, known) = (RwSignal::new(Vec::new()), RwSignal::new(Vec::<String>::new()));
    let said_known = move || {
        known
            .with(|known| (!known.is_empty()).then(|| words.known(list_of(known))))
            .map(|said| view! { <p role="status">{said}</p> })
    };
    let hand_over = move |event: web_sys::Event| {
        lab.read_files(&event, move |files: Vec<Dropped>| {
            lab.shelve_files(files, move |refused, were_there| {
                bad.set(refused.into_iter().map(|(name, reason)| (name, why(&reason))).collect());
                known.set(were_there);
            });
        });
    };
    let fault = move || here.fault.get().map(|reason| view! { <p class="problem" role="alert">{why(&reason)}</p> });
    let undo = move || {
        here.taken.get().map(|taken| {
            let put_back = move |_| {
                lab.put_back(taken.clone());
                here.taken.set(None);
            };
            view! {
                <p role="status">
                    {words.deleted}" "<button class="small" type="button" on:click=put_back>{words.undo}</button>
                </p>
            }
        })
    };
    let (phase, run) = (use_stores().engine.phase, use_stores().run);
    let has_models = Memo::new(move |_| phase.with(Phase::waits) && run.has_progress());
    let models = move || {
        let save = move |_| {
            here.fault.set(None);
            lab.save_models(move |reason| here.fault.set(Some(reason)));
        };
        has_models.get().then(|| {
            view! {
                <h3>{words.models}</h3>
                <p class="hint">{words.models_about}</p>
                <p class="deeds"><button class="small" type="button" on:click=save>{words.save_models}</button></p>
            }
        })
    };
    let rows = Memo::new(move |_| here.shelf.with(names));
    let state = Memo::new(move |_| here.shelf.with(state));
    let list = move || match state.get() {
        State::Asked => waiting(false, look),
        State::NotFetched => waiting(true, look),
        State::NoStorage(reason) => view! { <p class="hint">{words.no_storage(reason)}</p> }.into_any(),
        State::Empty => view! { <p class="empty">{words.empty}</p> }.into_any(),
        State::Here => view! {
            <ul class="shelf">
                <For each=move || rows.get() key=String::clone children=move |id| view! { <EntryRow id here /> } />
            </ul>
        }
        .into_any(),
    };
    let reported = move || {
        let entry = here.reported.get().and_then(|id| here.shelf.with_untracked(|shelf| find(shelf, &id).cloned()));
        entry.map(|entry| view! { <ReportOf entry here /> })
    };
    view! {
        <p>{words.about}</p>
        {ToCodap::new(lab).map(|to_codap| drawn_run(to_codap, here))}
        <label class="choose">
            <input class="unseen" type="file" multiple accept=".json,.zip,application/json,application/zip" on:change=hand_over />
            <span>{words.import}</span>
        </label>
        {move || refused(words.refused, &bad.get())}
        {said_known}
        {fault}
        {undo}
        {list}
        {reported}
        <Compare here />
        {models}
    }
    .into_any()
}

/// Sends the run that is drawn, one of the shelf or the tab's own, to CODAP. In its frame a browser may give the page no
/// storage, and so no shelf.
fn drawn_run(to_codap: ToCodap, here: Here) -> AnyView {
    let (lab, view, words) = (use_lab(), use_stores().view, &later().codap);
    let has_none = Memo::new(move |_| {
        let is_own = matches!(view.shown(), Shown::Live | Shown::Opened);
        let is_empty = |report: &RunReport| report.replicas.iter().all(|own| own.measurements.is_empty());
        !is_own || view.with(&[Part::Measurements], |report| report.is_none_or(is_empty))
    });
    let send = move |_| {
        let sent = |report: Option<&RunReport>| {
            let report = report?;
            let (who, predicted) =
                (here.worlds.with(|worlds| what(&line(report), worlds)), lab.predicted(&settings(&report.experiment)));
            let cases = of_run(report, |_, arm| (who.clone(), predicted.as_ref().and_then(|own| own.of(arm))));
            Some((id(report), cases))
        };
        if let Some((id, cases)) = untrack(|| view.with(&[], sent)) {
            to_codap.send(&format!("run-{id}"), &cases);
        }
    };
    let is_idle = move || has_none.get() || to_codap.is_busy();
    view! {
        <p class="hint">{words.about}</p>
        <p class="deeds">
            <button class="small" type="button" disabled=is_idle on:click=send>{words.send_run}</button>
            {to_codap.said()}
            <span class="hint">{move || has_none.get().then_some(words.train_first)}</span>
        </p>
    }
    .into_any()
}

/// Why a file was not added, or a run not shown, saved or deleted.
fn why(refused: &Refused) -> String {
    let words = &later().shelf;
    match refused {
        Refused::Unreadable(fault) => unreadable(fault),
        Refused::NoModels => words.no_models.to_owned(),
        Refused::Prediction => words.prediction(text().page.class),
        Refused::Browser(reason) => words.failed(reason),
    }
}

/// What the shelf holds.
fn entries(shelf: &Shelf) -> &[Entry] {
    match shelf {
        Shelf::Here(entries) => entries,
        Shelf::Asked | Shelf::NotFetched | Shelf::NoStorage(_) => &[],
    }
}

/// A run of the shelf.
fn find<'shelf>(shelf: &'shelf Shelf, id: &str) -> Option<&'shelf Entry> {
    entries(shelf).iter().find(|entry| entry.id == id)
}

fn names(shelf: &Shelf) -> Vec<String> {
    entries(shelf).iter().map(|entry| entry.id.clone()).collect()
}

/// The worlds of somebody's own that its runs are in.
fn own_worlds(shelf: &Shelf) -> BTreeSet<WorldId> {
    let worlds = entries(shelf).iter().filter_map(|entry| entry.line.as_ref()?.experiment.own_world);
    worlds.filter(|world| WorldId::theme(Some(*world)).is_err()).collect()
}

/// What is known of the shelf, without its runs.
#[derive(Clone, PartialEq)]
enum State {
    Asked,
    Empty,
    Here,
    NotFetched,
    NoStorage(String),
}

fn state(shelf: &Shelf) -> State {
    match shelf {
        Shelf::Asked => State::Asked,
        Shelf::Here(entries) if entries.is_empty() => State::Empty,
        Shelf::Here(_) => State::Here,
        Shelf::NotFetched => State::NotFetched,
        Shelf::NoStorage(reason) => State::NoStorage(reason.clone()),
    }
}
