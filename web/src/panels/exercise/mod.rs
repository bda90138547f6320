//! An exercise beside the laboratory: its steps one by one, what was answered, kept on this device, and the report.
//!
//! The exercises are those of the lesson's sheets, as the site's build has rendered them. What a link locks or hides is
//! locked and hidden by attributes of the page's root (`locks`), so that no other panel has to know of exercises.

pub mod locks;
pub mod questions;
pub mod report;
pub mod steps;
pub mod teacher;

use std::sync::Arc;
use std::time::Duration;

use hedgerow::judgement::experiment::Experiment;
use leptos::html::{Div, H3};
use leptos::portal::Portal;
use leptos::prelude::*;

use crate::kit::later::Later;
use crate::kit::near::is_in_view;
use crate::kit::waiting::waiting;
use crate::lab::{Lab, use_lab};
use crate::model::exercise::{Asked, Exercise, Lesson, Progress, Standing, Task, hold, spelled};
use crate::model::recorded::Recording;
use crate::model::run::{Part, RunState};
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::{numbers, text};
use locks::{Marks, mark};
use report::Report;
use steps::StepView;
use teacher::More;

/// What the panel knows of the exercise that is open.
#[derive(Clone, Copy)]
pub struct Here {
    lab: Lab,
    exercise: StoredValue<Arc<Exercise>>,
    asked: StoredValue<Asked>,
    /// What is locked in it.
    locked: StoredValue<Vec<String>>,
    /// The settings that it was opened with, once they are known; what is locked stays like them.
    base: RwSignal<Option<Experiment>>,
    /// What was done of it.
    progress: RwSignal<Progress>,
    /// Is everything shown, whatever the exercise is about?
    whole: RwSignal<bool>,
    /// Is the report open?
    reports: RwSignal<Option<bool>>,
    /// What was done before it was started over.
    before: RwSignal<Option<Progress>>,
}

impl Here {
    fn new(lab: Lab, exercise: Arc<Exercise>, asked: Asked) -> Self {
        let locked = asked.locked.clone().unwrap_or_else(|| exercise.locked.clone());
        Here {
            lab,
            exercise: StoredValue::new(exercise),
            asked: StoredValue::new(asked),
            locked: StoredValue::new(locked),
            base: RwSignal::new(None),
            progress: RwSignal::new(Progress::default()),
            whole: RwSignal::new(false),
            reports: use_stores().view.reports,
            before: RwSignal::new(None),
        }
    }

    /// Changes what was done, and keeps it.
    pub fn change(self, change: impl FnOnce(&mut Progress)) {
        self.before.set(None);
        self.progress.update(|progress| {
            change(progress);
            progress.reached = progress.reached.max(progress.step);
        });
        self.keep();
    }

    /// Begins it anew.
    fn start_over(self) {
        let Progress { settings, .. } = self.progress.get_untracked();
        let before =
            self.progress.try_update(|own| std::mem::replace(own, Progress { settings, ..Progress::default() }));
        self.before.set(before);
        self.keep();
    }

    fn undo(self) {
        if let Some(before) = self.before.try_update(Option::take).flatten() {
            self.progress.set(before);
            self.keep();
        }
    }

    fn keep(self) {
        let Some(key) = self.base.with_untracked(|base| self.key(base.as_ref()?)) else { return };
        self.progress.with_untracked(|progress| self.lab.keep_exercise(&key, Some(progress)));
    }

    fn key(self, experiment: &Experiment) -> Option<String> {
        let exercise = self.exercise.get_value();
        self.locked.with_value(|locked| Some(exercise.key(experiment, locked)))
    }

    /// How far it has come. Tracks.
    pub fn standing(self) -> Standing {
        self.exercise.with_value(|exercise| self.progress.with(|progress| exercise.standing(progress)))
    }

    /// The settings of the run, if it is one that this exercise asks for and has come to its end. Tracks.
    fn finished(self) -> Option<String> {
        let of_run = |run: &RunState| spelled(&run.report.experiment);
        matches!(self.run_stage(), RunStage::Done(_)).then(|| use_stores().run.with(&[Part::Subjects], of_run))
    }

    /// Has the run counted for an earlier step than the one that is read? Tracks.
    pub fn has_counted(self) -> bool {
        let Some(settings) = self.finished() else { return false };
        let id = self.exercise.with_value(|exercise| exercise.steps[self.step()].id.clone());
        self.progress.with(|progress| !progress.ran.contains(&id) && progress.trained.contains(&settings))
    }

    /// Where a run is that this exercise asks for. Tracks.
    pub fn run_stage(self) -> RunStage {
        let run = use_stores().run;
        if !run.has_progress() {
            return RunStage::None;
        }
        run.with(&[Part::Updates, Part::Measurements], |run| {
            let experiment = &run.report.experiment;
            let is_other = self.base.with(|base| {
                let of = base.as_ref().unwrap_or(experiment);
                self.locked.with_value(|locked| hold(&mut experiment.clone(), of, locked))
            });
            let (done, updates) = (run.report.updates_done(), experiment.finetune.updates);
            match is_other {
                true => RunStage::Other,
                false if done >= updates => RunStage::Done(updates),
                false => RunStage::Begun(done, updates),
            }
        })
    }

    /// The steps.
    pub fn steps(self) -> usize {
        self.exercise.with_value(|exercise| exercise.steps.len())
    }

    /// The place of the step that is read. Tracks.
    pub fn step(self) -> usize {
        self.progress.with(|progress| progress.step.min(self.steps().saturating_sub(1)))
    }

    /// Is a panel to be seen? Tracks.
    pub fn shows(self, panel: &str) -> bool {
        let hidden = || {
            self.exercise.with_value(|exercise| self.asked.with_value(|asked| exercise.hidden(asked.panels.as_deref())))
        };
        self.whole.get() || !hidden().contains(&panel)
    }

    /// Are the results hidden, because the prediction is still to come? Tracks.
    pub fn predicts(self) -> bool {
        let place = self
            .exercise
            .with_value(|exercise| exercise.steps.iter().position(|step| matches!(step.task, Task::Predict { .. })));
        let has_none = self.progress.with(|progress| progress.prediction.is_none());
        has_none && place.is_some_and(|place| self.step() <= place) && !self.whole.get()
    }

    /// Settings, seed and what was done, from the link, this device, or the exercise.
    fn open(self) {
        let (lab, draft) = (self.lab, use_stores().draft);
        let exercise = self.exercise.get_value();
        let linked = lab.linked_experiment();
        let own = linked.clone().unwrap_or_else(|| exercise.experiment());
        let kept = self.key(&own).and_then(|key| lab.exercise_progress(&key));
        let drawn = self.asked.with_value(|asked| asked.draws_seed).then(|| lab.drawn_seed()).flatten();
        let site = use_stores().catalogue.seeds.get_untracked();
        let experiment = exercise.begun(linked, kept.as_ref(), drawn, &site);
        if draft.experiment.with_untracked(|now| *now != experiment) {
            draft.change(|now| now.clone_from(&experiment));
        }
        self.progress.set(kept.unwrap_or_default());
        self.base.set(Some(experiment));
    }
}

/// Where a run is that an exercise asks for.
#[derive(Clone, Copy, PartialEq)]
pub enum RunStage {
    /// There is none.
    None,
    /// It has what is locked otherwise.
    Other,
    /// It has made so many updates of so many.
    Begun(u32, u32),
    /// It has made all of so many.
    Done(u32),
}

/// The panel.
#[component]
pub fn ExercisePanel(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    view! {
        <section id=id class="card exercise" aria-label=text().header.lesson>
            <Later draw=inside />
        </section>
    }
}

fn inside() -> AnyView {
    let lab = use_lab();
    let found = RwSignal::new(Recording::Loading);
    lab.fetch_lesson(found);
    let asked = lab.asked_exercise().unwrap_or_default();
    (move || {
        let lesson = match found.get() {
            Recording::Here(lesson) => lesson,
            Recording::Loading => return waiting(false, || ()),
            Recording::Missing | Recording::Failed(_) => return waiting(true, move || lab.fetch_lesson(found)),
        };
        let own = lesson.exercises.iter().find(|exercise| exercise.name == asked.name);
        match own.cloned() {
            Some(exercise) => view! { <Opened exercise asked=asked.clone() /> }.into_any(),
            None => unknown(&lesson, &asked.name),
        }
    })
    .into_any()
}

/// That there is no such exercise, and which there are.
fn unknown(lesson: &Lesson, name: &str) -> AnyView {
    let text = &later().exercise;
    let link =
        |own: &Exercise| view! { <li><a href=format!("?exercise={}", own.name) inner_html=own.title.clone()></a></li> };
    view! {
        <p role="alert">{text.unknown(name)}</p>
        <p>{text.others}</p>
        <ul class="exercise-list">{lesson.exercises.iter().map(link).collect_view()}</ul>
        <p><a href="?">{text.without}</a></p>
    }
    .into_any()
}

#[component]
fn Opened(exercise: Exercise, asked: Asked) -> impl IntoView {
    let (lab, stores) = (use_lab(), use_stores());
    let exercise = Arc::new(exercise);
    let here = Here::new(lab, exercise.clone(), asked.clone());
    // A seed that the site does not have gives way before it is locked.
    Effect::new(move |opened: Option<bool>| {
        let has_seeds = stores.catalogue.seeds.with(|seeds| !seeds.is_empty());
        if has_seeds && opened != Some(true) {
            untrack(|| here.open());
        }
        has_seeds
    });
    Effect::new(move |_| {
        let now = stores.draft.experiment.get();
        let Some(base) = here.base.get() else { return };
        let goes_back = here.locked.with_value(|locked| hold(&mut now.clone(), &base, locked));
        if goes_back {
            // Later, so that the address is told of both changes and ends with the second.
            let put_back = move || {
                here.locked.with_value(|locked| {
                    stores.draft.change(|draft| {
                        hold(draft, &base, locked);
                    });
                });
            };
            set_timeout(put_back, Duration::ZERO);
            return;
        }
        let settings = spelled(&now);
        if here.progress.with_untracked(|progress| progress.settings != settings) {
            here.progress.update(|progress| progress.settings = settings);
            here.keep();
        }
    });
    // A run counts for the step that asks for one while that is read, or when it was read before.
    let finished = Memo::new(move |_| here.finished());
    let running = exercise.clone();
    Effect::new(move |_| {
        let (place, Some(settings)) = (here.step(), finished.get()) else { return };
        let counts = |progress: &Progress| running.counts_for(place, progress, &settings).map(|step| step.id.clone());
        if let Some(step) = here.progress.with_untracked(counts) {
            here.progress.update(|progress| {
                progress.ran.push(step);
                progress.trained.push(settings);
            });
            here.keep();
        }
    });
    lab.begin_exercise_in_host(&exercise.name);
    let standing = Memo::new(move |_| here.base.with(Option::is_some).then(|| here.standing()));
    let name = exercise.name.clone();
    Effect::new(move |_| {
        if let Some(standing) = standing.get() {
            lab.tell_standing(&name, standing);
        }
    });
    let hidden = exercise.hidden(asked.panels.as_deref());
    Effect::new(move |_| {
        mark(&Marks { hidden: if here.whole.get() { Vec::new() } else { hidden.clone() }, predicts: here.predicts() });
    });
    here.reports.set(Some(false));
    on_cleanup(move || {
        here.reports.set(None);
        mark(&Marks::default());
    });
    locks::name(later().exercise.fixed);
    here.locked.with_value(|locked| locks::keep_closed(locked));
    view! {
        {move || here.predicts().then(awaits)}
        {move || match here.reports.get() == Some(true) {
            true => view! { <Report here /> }.into_any(),
            false => view! { <Steps here /> }.into_any(),
        }}
    }
}

/// In the place of the results, why there are none yet and what to do.
fn awaits() -> Option<AnyView> {
    let text = &later().exercise;
    let mount = document().query_selector(".results").ok().flatten()?;
    let told = move || view! { <p class="awaits">{text.awaits}" "<a href="#exercise">{text.to_prediction}</a></p> };
    Some(view! { <Portal mount>{told}</Portal> }.into_any())
}

/// The head, the step that is read, and the ways on.
#[component]
fn Steps(here: Here) -> impl IntoView {
    let text = &later().exercise;
    let exercise = here.exercise.get_value();
    let step = Memo::new(move |_| here.step());
    let last = here.steps().saturating_sub(1);
    let heading = NodeRef::<H3>::new();
    let go = move |to: usize| {
        here.change(|progress| progress.step = to);
        // So that a screen reader reads what is new, and the next press of a key starts there.
        request_animation_frame(move || {
            if let Some(heading) = heading.get_untracked() {
                let _ = heading.focus();
            }
        });
    };
    let on = move |_| match step.get_untracked() {
        place if place < last => go(place + 1),
        _ => here.reports.set(Some(true)),
    };
    let place = {
        let exercise = exercise.clone();
        move || {
            let kind = exercise.steps[step.get()].task.id();
            text.place(numbers::count(step.get() + 1), numbers::count(last + 1), text.kinds.get(kind))
        }
    };
    let steps = exercise.clone();
    let top = NodeRef::<Div>::new();
    let seen = is_in_view(top);
    view! {
        <div node_ref=top class="exercise-body">
            <p class="exercise-about">
                {text.about(text.levels.get(&exercise.level), numbers::count(exercise.minutes))}
            </p>
            <h2 inner_html=exercise.title.clone()></h2>
            <p class="hint" inner_html=text.goal(&exercise.goal)></p>
            <p class="story-place">{place}</p>
            <progress max=last + 1 value=move || step.get() + 1 aria-label=text.steps></progress>
            {move || {
                let own = steps.steps[step.get()].clone();
                view! {
                    <h3 node_ref=heading tabindex="-1" inner_html=own.title.clone()></h3>
                    <StepView here step=own />
                }
            }}
            <nav class="exercise-nav" aria-label=text.steps>
                <button type="button" disabled=move || step.get() == 0 on:click=move |_| go(step.get_untracked().saturating_sub(1))>
                    {text.back}
                </button>
                <button type="button" class="strong" on:click=on>
                    {move || if step.get() < last { text.next } else { text.report }}
                </button>
            </nav>
            <More here />
        </div>
        {move || (!seen.get()).then(|| view! { <a class="exercise-back" href="#exercise">{text.to_exercise}</a> })}
    }
}
