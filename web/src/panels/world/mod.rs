//! A world of the visitor's own: it is written or added, models are trained on it, and the laboratory runs on them.

pub mod entry;
pub mod facts;
pub mod training;
pub mod write;

use hedgerow::documents::own_world::Recipe;
use hedgerow::judgement::experiment::WorldId;
use leptos::prelude::*;

use crate::kit::later::Later;
use crate::kit::refused::refused;
use crate::lab::{Lab, Trainer, use_lab};
use crate::model::files::read::{text as file_text, unpacked};
use crate::model::own_world::{Flaw, ForeignWorld, Known, LAYERS, LONGEST_NAME, MOST_STEPS, OwnWorld, Size, WIDTHS};
use crate::text::later::{later, unreadable};
use crate::text::world_faults::world_fault;
use crate::text::{numbers, text};
use entry::EntryRow;
use training::Training;
use write::Write;

/// A world that can be put back.
#[derive(Clone)]
pub enum Deleted {
    /// The visitor's own.
    Own(Box<Known>),
    /// That of another build.
    Foreign(ForeignWorld),
}

/// What the panel remembers while it is open.
#[derive(Clone, Copy)]
pub struct Bench {
    lab: Lab,
    /// The worlds that this browser keeps, or why it keeps none; `None` until it has answered.
    pub worlds: RwSignal<Option<Vec<Known>>>,
    /// Why the browser keeps nothing.
    pub not_kept: RwSignal<Option<String>>,
    /// Worlds that another build has kept in a way that this one cannot read.
    pub foreign: RwSignal<Vec<ForeignWorld>>,
    /// What was deleted last, until something else is.
    pub deleted: RwSignal<Option<Deleted>>,
    /// The model that is trained, or was last.
    pub training: RwSignal<Option<Training>>,
    /// Its worker.
    pub trainer: StoredValue<Option<Trainer>, LocalStorage>,
}

/// The panel.
#[component]
pub fn WorldPanel(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    view! {
        <section id=id class="card wide-card world-card" aria-label=text().page.world>
            <Later draw=inside />
        </section>
    }
}

fn inside() -> AnyView {
    let (lab, words) = (use_lab(), &later().world);
    let bench = Bench {
        lab,
        worlds: RwSignal::new(None),
        not_kept: RwSignal::new(None),
        foreign: RwSignal::new(Vec::new()),
        deleted: RwSignal::new(None),
        training: RwSignal::new(None),
        trainer: StoredValue::new_local(None),
    };
    on_cleanup(move || bench.end_worker());
    lab.look_at_worlds(move |found| match found {
        Ok((all, foreign)) => {
            bench.worlds.set(Some(all.into_iter().map(Known::of).collect()));
            bench.foreign.set(foreign);
        }
        Err(reason) => {
            bench.not_kept.set(Some(reason));
            bench.worlds.set(Some(Vec::new()));
        }
    });
    let bad = RwSignal::new(Vec::new());
    let hand_over = move |event: web_sys::Event| {
        lab.read_files(&event, move |files| {
            let mut refused = Vec::new();
            for (name, bytes) in files.into_iter().flat_map(unpacked) {
                let read = bytes.map_err(|fault| unreadable(&fault)).and_then(|bytes| {
                    let text = file_text(&bytes).map_err(|fault| unreadable(&fault))?;
                    OwnWorld::of_text(text, Recipe::default()).map_err(|flaw| flawed(&flaw))
                });
                match read {
                    Ok(own) => bench.add(own),
                    Err(reason) => refused.push((name, reason)),
                }
            }
            bad.set(refused);
        });
    };
    let ids = Memo::new(move |_| {
        bench.worlds.with(|worlds| Some(worlds.as_ref()?.iter().map(|known| known.id).collect::<Vec<_>>()))
    });
    let list = move || match ids.get() {
        None => view! { <p class="hint" role="status">{text().page.loading}</p> }.into_any(),
        Some(ids) if ids.is_empty() => view! { <p class="empty">{words.empty}</p> }.into_any(),
        Some(ids) => {
            let rows = ids.into_iter().map(|id| view! { <EntryRow id bench /> }).collect_view();
            view! { <ul class="shelf">{rows}</ul> }.into_any()
        }
    };
    let undo = move || {
        bench.deleted.get().map(|deleted| {
            let put_back = move |_| {
                bench.deleted.set(None);
                match deleted.clone() {
                    Deleted::Own(known) => bench.add(known.own),
                    Deleted::Foreign(foreign) => bench.add_foreign(foreign),
                }
            };
            view! {
                <p role="status">
                    {words.deleted}" "<button class="small" type="button" on:click=put_back>{words.undo}</button>
                </p>
            }
        })
    };
    view! {
        <p>{words.about}</p>
        <Write bench />
        <label class="choose">
            <input class="unseen" type="file" multiple accept=".json,.zip,application/json,application/zip" on:change=hand_over />
            <span>{words.add}</span>
        </label>
        {move || refused(words.refused, &bad.get())}
        {move || bench.not_kept.get().map(|reason| view! { <p class="problem" role="alert">{words.not_kept(reason)}</p> })}
        <h3>{words.worlds}</h3>
        {undo}
        {list}
        {move || bench.foreign.with(|foreign| (!foreign.is_empty()).then(|| others(bench, foreign)))}
    }
    .into_any()
}

/// The worlds that only another build of the page can go on with.
fn others(bench: Bench, foreign: &[ForeignWorld]) -> AnyView {
    let words = &later().world;
    let row = |own: &ForeignWorld| {
        let (saved, own) = (own.clone(), own.clone());
        let name = own.name();
        let save = move |_| bench.lab.save_foreign(&saved);
        let delete = move |_| {
            let gone = own.clone();
            bench.lab.drop_foreign(own.id.clone(), move || {
                bench.foreign.update(|foreign| foreign.retain(|own| own.id != gone.id));
                bench.deleted.set(Some(Deleted::Foreign(gone)));
            });
        };
        view! {
            <li>
                <h4>{name}</h4>
                <p class="deeds">
                    <button class="small" type="button" on:click=save>{words.save_foreign}</button>
                    <button class="small" type="button" on:click=delete>{words.delete}</button>
                </p>
            </li>
        }
    };
    let rows = foreign.iter().map(row).collect_view();
    view! {
        <h3>{words.foreign}</h3>
        <p class="hint">{words.foreign_about}</p>
        <ul class="shelf">{rows}</ul>
    }
    .into_any()
}

impl Bench {
    /// Adds a world, or its models to the world that is there.
    pub fn add(self, own: OwnWorld) {
        let id = own.id();
        self.worlds.update(|worlds| {
            let worlds = worlds.get_or_insert_default();
            match worlds.iter_mut().find(|known| known.id == id) {
                Some(known) => known.own.merge(own),
                None => worlds.insert(0, Known::of(own)),
            }
        });
        self.keep(id, || ());
    }

    fn add_foreign(self, foreign: ForeignWorld) {
        self.foreign.update(|all| all.push(foreign.clone()));
        self.lab.keep_foreign(foreign, move |reason| self.not_kept.set(Some(reason)));
    }

    /// Keeps a world as it is now, or says why it cannot, and only then goes on.
    fn keep(self, id: WorldId, then: impl FnOnce() + 'static) {
        if let Some(own) = self.with(id, |known| known.own.clone()) {
            self.lab.keep_world(own, move |kept| {
                if let Err(reason) = kept {
                    self.not_kept.set(Some(reason));
                }
                then();
            });
        }
    }

    /// Reads from a world, without tracking.
    fn with<T>(self, id: WorldId, read: impl FnOnce(&Known) -> T) -> Option<T> {
        self.worlds.with_untracked(|worlds| worlds.as_ref()?.iter().find(|known| known.id == id).map(read))
    }

    fn change(self, id: WorldId, change: impl FnOnce(&mut OwnWorld)) {
        self.worlds.update(|worlds| {
            if let Some(known) = worlds.as_mut().and_then(|worlds| worlds.iter_mut().find(|known| known.id == id)) {
                change(&mut known.own);
            }
        });
    }

    fn delete(self, id: WorldId) {
        if self.training.with_untracked(|training| training.as_ref().is_some_and(|training| training.world == id)) {
            self.end_worker();
            self.training.set(None);
        }
        self.deleted.set(self.with(id, |known| Deleted::Own(Box::new(known.clone()))));
        self.worlds.update(|worlds| worlds.iter_mut().for_each(|worlds| worlds.retain(|known| known.id != id)));
        self.lab.drop_world(id);
    }

    fn end_worker(self) {
        if let Some(trainer) = self.trainer.try_update_value(Option::take).flatten() {
            trainer.end();
        }
    }

    /// Is a model being trained?
    pub fn is_busy(self) -> bool {
        self.training.with(|training| training.as_ref().is_some_and(|training| training.stage.is_busy()))
    }
}

/// Why a text is no world, in words.
pub fn flawed(flaw: &Flaw) -> String {
    let words = &later().world;
    match flaw {
        Flaw::World(misplaced) => {
            let (reason, line) = (world_fault(&misplaced.fault), numbers::count(misplaced.line));
            if misplaced.path.is_empty() {
                words.in_line(reason, line)
            } else {
                words.at_line(reason, line, misplaced.field())
            }
        }
        Flaw::Beside(line) => words.bad_beside(numbers::count(*line)),
        Flaw::TooLarge { what, has, most } => {
            let [has, most] = [has, most].map(|number| numbers::count(*number));
            match what {
                Size::Facts => words.too_many_facts(has, most),
                Size::Words => words.too_many_words(has, most),
                Size::Tokens => words.too_many_tokens(has, most),
            }
        }
        Flaw::Recipe => {
            let list =
                |sizes: &[usize]| numbers::list(&sizes.iter().map(|size| numbers::count(*size)).collect::<Vec<_>>());
            words.bad_recipe(list(&WIDTHS), list(&LAYERS), numbers::count(MOST_STEPS as usize))
        }
        Flaw::Name => words.bad_name(numbers::count(LONGEST_NAME)),
        Flaw::Newer => words.newer.to_owned(),
        Flaw::Checkpoint(seed) => words.bad_checkpoint(seed),
    }
}
