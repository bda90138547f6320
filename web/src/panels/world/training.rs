//! A model that is trained on a world: how it is begun, paused and gone on with, and what is shown of it.

use hedgerow::Error;
use hedgerow::documents::own_world::{Exam, PretrainNews, PretrainOrder};
use hedgerow::judgement::experiment::WorldId;
use leptos::prelude::*;

use super::Bench;
use crate::lab::{Failure, Told};
use crate::model::own_world::{Begun, Model};
use crate::text::later::later;
use crate::text::{faults, numbers, terms};

/// The model that is trained, or was last.
#[derive(Debug, Clone, PartialEq)]
pub struct Training {
    /// Its world.
    pub world: WorldId,
    /// Its seed.
    pub seed: u64,
    /// How far it is.
    pub stage: Stage,
    /// Steps done.
    pub step: u32,
    /// Loss of the last step that was told, nats a token.
    pub loss: Option<f32>,
    /// The step and the time, in milliseconds, from which the pace is counted.
    pub since: Option<(u32, f64)>,
    /// Seconds that are left if all steps are made.
    pub left: Option<f64>,
}

/// How far a training is.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// The engine is on its way.
    Starting,
    /// Steps are made.
    Going,
    /// The state is on its way, and then it waits.
    Pausing,
    /// It waits.
    Paused,
    /// The model knows so much.
    Finished(Exam),
    /// It cannot go on; says why, and what is left of it.
    Failed(String),
}

impl Stage {
    /// Is there a worker at work?
    pub fn is_busy(&self) -> bool {
        matches!(self, Stage::Starting | Stage::Going | Stage::Pausing)
    }
}

impl Bench {
    /// Trains a model of this seed from its beginning, or from where it was left.
    pub fn train(self, world: WorldId, seed: u64) {
        let begun = |begun: &&Begun| begun.seed == seed;
        let order = self.with(world, |known| {
            let begun = known.own.begun.iter().find(begun).filter(|begun| !begun.state.is_empty());
            let (state, step) = (begun.map(|begun| begun.state.clone()), begun.map_or(0, |begun| begun.step));
            let (text, recipe) = (known.own.world.clone(), known.own.recipe);
            (PretrainOrder::Begin { world: text, seed, recipe, state }, step)
        });
        let Some((order, step)) = order else { return };
        self.change(world, |own| match own.begun.iter_mut().find(|begun| begun.seed == seed) {
            // What was told of later steps is told again.
            Some(begun) => {
                begun.losses.retain(|(told, _)| *told <= step);
                begun.exams.retain(|(told, _)| *told <= step);
            }
            None => own.begun.push(Begun { seed, step: 0, state: vec![], losses: vec![], exams: vec![] }),
        });
        self.end_worker();
        let stage = Stage::Starting;
        self.training.set(Some(Training { world, seed, stage, step, loss: None, since: None, left: None }));
        let trainer = self.lab.train_model(order, move |told| self.hear(world, seed, told));
        self.trainer.set_value(Some(trainer));
    }

    /// Waits as soon as the state is kept.
    pub fn pause(self) {
        self.stage(Stage::Pausing);
        self.trainer.with_value(|trainer| {
            if let Some(trainer) = trainer {
                trainer.stop();
            }
        });
    }

    fn stage(self, stage: Stage) {
        self.training.update(|training| {
            if let Some(training) = training {
                training.stage = stage;
            }
        });
    }

    fn hear(self, world: WorldId, seed: u64, told: Told) {
        let change = |change: &dyn Fn(&mut Begun)| {
            self.change(world, |own| own.begun.iter_mut().filter(|begun| begun.seed == seed).for_each(change));
        };
        match told {
            Told::Begun => self.stage(Stage::Going),
            Told::News(PretrainNews::Step { step, loss }) => {
                change(&|begun| begun.losses.push((step, loss)));
                let most = self.with(world, |known| known.own.recipe.steps).unwrap_or(step);
                self.training.update(|training| {
                    if let Some(training) = training {
                        training.told(step, loss, most, js_sys::Date::now());
                    }
                });
            }
            Told::News(PretrainNews::Examined { step, exam }) => change(&|begun| begun.exams.push((step, exam))),
            Told::News(PretrainNews::State { step, bytes }) => {
                change(&|begun| {
                    begun.step = step;
                    begun.state.clone_from(&bytes);
                });
                self.keep(world, move || {
                    if self.training.with_untracked(|own| own.as_ref().is_some_and(|own| own.stage == Stage::Pausing)) {
                        self.end_worker();
                        self.training.update(|training| {
                            if let Some(training) = training {
                                (training.stage, training.step) = (Stage::Paused, step);
                            }
                        });
                    }
                });
            }
            Told::News(PretrainNews::Finished { steps, exam, tokenizer, checkpoint }) => {
                self.change(world, |own| own.add(tokenizer, Model { seed, steps, exam, checkpoint }));
                self.end_worker();
                self.keep(world, move || self.stage(Stage::Finished(exam)));
            }
            Told::Failed(failure) => {
                let (words, reason) = (&later().world, why(&failure));
                if !matches!(failure, Failure::Engine(Error::Message(_) | Error::Checkpoint(_))) {
                    return self.stage(Stage::Failed(words.failed(reason)));
                }
                // A state that nothing can go on with: otherwise this seed would never be trained again.
                change(&|begun| (begun.step, begun.state) = (0, Vec::new()));
                self.keep(world, move || self.stage(Stage::Failed(words.failed_anew(reason))));
            }
        }
    }
}

impl Training {
    fn told(&mut self, step: u32, loss: f32, most: u32, now: f64) {
        (self.step, self.loss) = (step, Some(loss));
        let (first, then) = *self.since.get_or_insert((step, now));
        if step > first && now > then {
            self.left = Some(f64::from(most.saturating_sub(step)) * (now - then) / 1000.0 / f64::from(step - first));
        }
    }
}

fn why(failure: &Failure) -> String {
    let words = &later().world;
    match failure {
        Failure::File(fault) => terms::file_fault_sentence(fault),
        Failure::Engine(error) => faults::error(error),
        Failure::Crashed(Some(reason)) => words.crashed(reason),
        Failure::Crashed(None) | Failure::Silent => words.silent.to_owned(),
    }
}

/// How the training goes, or went.
#[component]
pub fn Course(
    /// The world.
    world: WorldId,
    /// The model's seed.
    seed: u64,
    /// What the panel remembers.
    bench: Bench,
) -> impl IntoView {
    let words = &later().world;
    let own =
        Memo::new(move |_| bench.training.with(|own| own.clone().filter(|own| (own.world, own.seed) == (world, seed))));
    let stage = Memo::new(move |_| own.with(|own| own.as_ref().map(|own| own.stage.clone())));
    let begun = move |read: &dyn Fn(&Begun) -> u32| {
        bench.worlds.with(|worlds| {
            let known = worlds.as_ref()?.iter().find(|known| known.id == world)?;
            known.own.begun.iter().find(|begun| begun.seed == seed).map(read)
        })
    };
    let most = bench.with(world, |known| known.own.recipe.steps).unwrap_or_default();
    let exams = Memo::new(move |_| {
        bench.worlds.with(|worlds| {
            let known = worlds.as_ref()?.iter().find(|known| known.id == world)?;
            Some(known.own.begun.iter().find(|begun| begun.seed == seed)?.exams.clone())
        })
    });
    let step =
        Memo::new(move |_| own.with(|own| own.as_ref().map(|own| own.step)).or_else(|| begun(&|begun| begun.step)));
    let progress = move || {
        let done = words.steps(numbers::count(step.get().unwrap_or_default() as usize), numbers::count(most as usize));
        let loss = own
            .with(|own| own.as_ref().and_then(|own| own.loss))
            .map(|loss| words.loss(numbers::fixed(loss.into(), 3)));
        let left = own.with(|own| own.as_ref().and_then(|own| own.left)).map(|left| words.left(numbers::time(left)));
        [Some(done), loss, left].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    let status = move || match stage.get() {
        Some(Stage::Starting) => Some(words.starting.to_owned()),
        Some(Stage::Pausing) => Some(words.pausing.to_owned()),
        Some(Stage::Failed(sentence)) => Some(sentence),
        Some(Stage::Going | Stage::Paused | Stage::Finished(_)) | None => None,
    };
    let is_running = Memo::new(move |_| stage.with(|stage| stage.as_ref().is_some_and(Stage::is_busy)));
    let buttons = move || match is_running.get() {
        true => view! { <button class="small" type="button" on:click=move |_| bench.pause()>{words.pause}</button> }
            .into_any(),
        false => view! {
            <button
                class="small"
                type="button"
                prop:disabled=move || bench.is_busy()
                on:click=move |_| bench.train(world, seed)
            >
                {words.go_on}
            </button>
        }
        .into_any(),
    };
    let rows = move || exams.get().unwrap_or_default().into_iter().rev().map(row).collect_view();
    let has_exams = move || exams.with(|exams| exams.as_ref().is_some_and(|exams| !exams.is_empty()));
    view! {
        <div class="world-course">
            <p><strong>{words.model(seed)}</strong>" "{progress}</p>
            <progress max=most prop:value=move || step.get().unwrap_or_default() aria-label=words.model(seed)></progress>
            <p class="deeds">{buttons}</p>
            <p role="status">{status}</p>
            <Show when=has_exams>
                <div class="scroll" tabindex="0" role="group" aria-label=words.exams>
                    <table class="class-table">
                        <caption class="hint">{words.exams}</caption>
                        <thead>
                            <tr>
                                <th scope="col">{words.step}</th>
                                <th scope="col">{words.chooses}</th>
                                <th scope="col">{words.verifies}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </Show>
        </div>
    }
}

fn row((step, exam): (u32, Exam)) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">{numbers::count(step as usize)}</th>
            <td>{numbers::exact_percent(exam.forced_choice)}</td>
            <td>{numbers::exact_percent(exam.verification)}</td>
        </tr>
    }
}
