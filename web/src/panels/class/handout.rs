//! Links to hand out: which exercise, what of it is fixed, what students see, in which language, and each with another
//! seed, as a list with codes to print.

use hedgerow::judgement::experiment::Experiment;
use leptos::prelude::*;

use super::left_out::setting;
use crate::kit::number_field::NumberField;
use crate::lab::use_lab;
use crate::model::exercise::{Asked, Exercise, LOCKS, Lesson, PANELS as EXERCISE_PANELS, on_the_page};
use crate::model::handout::{Handout as Settings, MOST_STUDENTS, PANELS, qr, replaced};
use crate::model::recorded::Recording;
use crate::model::scorm::Version;
use crate::stores::use_stores;
use crate::text::later::{later, panel_name};
use crate::text::{language, numbers, text};

/// On the page's root while the list alone is printed.
const PRINTS: &str = "data-printing";

/// The builder.
#[component]
pub fn Handout() -> impl IntoView {
    let (lab, stores, text) = (use_lab(), use_stores(), &later().handout);
    let panels = RwSignal::new(PANELS.to_vec());
    let found = RwSignal::new(Recording::Loading);
    let exercise = RwSignal::new(None::<Exercise>);
    let asked = RwSignal::new(Asked::default());
    let chosen = RwSignal::new(None::<String>);
    let students = RwSignal::new(None::<usize>);
    let made = move |students: Option<usize>| {
        let page = lab.link().split(['?', '#']).next().unwrap_or_default().to_owned();
        let (panels, language) = (panels.get(), chosen.get());
        let seeds = stores.catalogue.seeds.get();
        let exercise = exercise.get().map(|exercise| (exercise, asked.get()));
        let settings = Settings { panels, language, exercise, students };
        stores.draft.experiment.with(|draft| settings.links(&page, draft, &seeds))
    };
    let links = Memo::new(move |_| made(students.get()));
    let print = move |_| {
        let mark = |is_on: bool| {
            document()
                .document_element()
                .map(|root| if is_on { root.set_attribute(PRINTS, "") } else { root.remove_attribute(PRINTS) })
        };
        mark(true);
        let _ = window().print();
        mark(false);
    };
    let open = move |_| {
        if !matches!(found.get_untracked(), Recording::Here(_)) {
            lab.fetch_lesson(found);
        }
    };
    let first = move || links.with(|links| links.first().cloned().unwrap_or_default());
    view! {
        <details class="more" on:toggle=open>
            <summary>{text.title}</summary>
            <p class="hint">{text.about}</p>
            {exercise_choice(found, exercise, asked)}
            {move || match exercise.get() {
                Some(exercise) => of_exercise(&exercise, asked),
                None => panel_choice(panels),
            }}
            {language_choice(chosen)}
            {student_choice(students)}
            <div class="deeds">
                <a href=first target="_blank" rel="noopener">{text.preview}</a>
                <button class="small" type="button" on:click=print>{text.print}</button>
                <a href=self::text().header.lesson_address>{text.answers}</a>
            </div>
            <p class="hint">{text.answers_about}</p>
            {move || exercise.get().map(|exercise| packages(exercise, move || untrack(|| made(None))))}
            <ol class="handout">{move || links.get().into_iter().enumerate().map(entry).collect_view()}</ol>
        </details>
    }
}

fn entry((place, link): (usize, String)) -> AnyView {
    let code = qr(&link).map(|(size, path)| {
        // Four squares of light around it, as readers expect.
        let view_box = format!("-4 -4 {0} {0}", size + 8);
        view! { <svg viewBox=view_box role="img" aria-label=later().handout.code><path d=path /></svg> }
    });
    view! {
        <li>
            <strong>{later().class.someone(numbers::count(place + 1))}</strong>
            {code}
            <a href=link.clone()>{link.clone()}</a>
        </li>
    }
    .into_any()
}

/// Packages for learning management systems, which open the link for all.
fn packages(exercise: Exercise, links: impl Fn() -> Vec<String> + Copy + Send + Sync + 'static) -> AnyView {
    let (lab, text) = (use_lab(), &later().handout);
    let saved = RwSignal::new(None::<bool>);
    let button = |version: Version| {
        let exercise = exercise.clone();
        let save = move |_| {
            let link = links().into_iter().next().unwrap_or_default();
            lab.save_scorm(version, exercise.clone(), link, move |is_saved| saved.set(Some(is_saved)));
        };
        view! { <button class="small" type="button" on:click=save>{text.package(version.name())}</button> }
    };
    view! {
        <div class="deeds">{Version::ALL.map(button).into_iter().collect_view()}</div>
        <p class="hint">{text.package_about}</p>
        <p class="problem" role="alert">{move || (saved.get() == Some(false)).then_some(text.no_package)}</p>
    }
    .into_any()
}

/// Which exercise, if any. Its settings become the laboratory's, where they can be changed before the links are made.
fn exercise_choice(
    found: RwSignal<Recording<Lesson>>,
    exercise: RwSignal<Option<Exercise>>,
    asked: RwSignal<Asked>,
) -> AnyView {
    let (draft, text) = (use_stores().draft, &later().handout);
    // The settings that an exercise took the place of.
    let before = RwSignal::new(None::<Experiment>);
    let choose = move |event| {
        let name = event_target_value(&event);
        let chosen = found.with_untracked(|found| match found {
            Recording::Here(lesson) => lesson.exercises.iter().find(|own| own.name == name).cloned(),
            Recording::Loading | Recording::Missing | Recording::Failed(_) => None,
        });
        if let Some(own) = chosen.as_ref().map(Exercise::experiment) {
            let now = draft.experiment.get_untracked();
            // Whoever tries one exercise after the other gets back what there was before the first.
            let untouched = exercise.with_untracked(|last| last.as_ref().is_some_and(|last| last.experiment() == now));
            before.update(|before| *before = before.take().filter(|_| untouched).or(Some(now)));
            draft.change(|draft| *draft = own);
        }
        // What is fixed and shown is the exercise's; what is asked of any exercise stays.
        asked.update(|asked| *asked = Asked { name, locked: None, panels: None, ..asked.clone() });
        exercise.set(chosen);
    };
    let options = move || {
        found.with(|found| match found {
            Recording::Here(lesson) => {
                let option =
                    |own: &Exercise| view! { <option value=own.name.clone() inner_html=own.title.clone()></option> };
                lesson.exercises.iter().map(option).collect_view()
            }
            Recording::Loading | Recording::Missing | Recording::Failed(_) => Vec::new(),
        })
    };
    let took_over = move || {
        let own = exercise.with(|exercise| exercise.as_ref().map(Exercise::experiment))?;
        let paths = before.with(|before| before.as_ref().map(|before| replaced(before, &own)))?;
        let names: Vec<String> = paths.into_iter().map(|path| setting(path).to_owned()).collect();
        if names.is_empty() {
            return None;
        }
        let put_back = move |_| {
            if let Some(before) = before.try_update(Option::take).flatten() {
                draft.change(|draft| *draft = before);
            }
        };
        Some(view! {
            <p class="hint">
                {text.replaced(numbers::list(&names))}" "
                <button class="small" type="button" on:click=put_back>{text.put_back}</button>
            </p>
        })
    };
    view! {
        <label class="exercise-number">
            <span class="field-label">{text.exercise}</span>
            <select on:change=choose>
                <option value="">{text.no_exercise}</option>
                {options}
            </select>
        </label>
        <div role="status">{took_over}</div>
    }
    .into_any()
}

/// What is locked and shown in an exercise, where its seed comes from, and whether answers are.
fn of_exercise(exercise: &Exercise, asked: RwSignal<Asked>) -> AnyView {
    let text = &later().handout;
    let (own_locks, own_hidden) = (exercise.locked.clone(), exercise.hidden(None));
    let locked = move || asked.with(|asked| asked.locked.clone()).unwrap_or_else(|| own_locks.clone());
    let shown = move || {
        let own =
            || EXERCISE_PANELS.into_iter().filter(|panel| !own_hidden.contains(panel)).map(str::to_owned).collect();
        asked.with(|asked| asked.panels.clone()).unwrap_or_else(own)
    };
    let lock = |lock: &'static str| {
        let (locked, change) = (locked.clone(), locked.clone());
        let change = move |is_on| {
            // What there is now is read before it is changed: a signal cannot be read while it is.
            let locked = with(untrack(&change), lock, is_on);
            asked.update(|asked| asked.locked = Some(locked));
        };
        tick(later().exercise.locks.get(lock), move || locked().iter().any(|own| own == lock), change)
    };
    let panel = |panel: &'static str| {
        let (shown, change) = (shown.clone(), shown.clone());
        let change = move |is_on| {
            let panels = with(untrack(&change), panel, is_on);
            asked.update(|asked| asked.panels = Some(panels));
        };
        tick(panel_name(panel), move || shown().iter().any(|own| own == panel), change)
    };
    let teacher = on_the_page(&exercise.teacher, language());
    view! {
        <fieldset class="panel-choice">
            <legend class="field-label">{text.locks}</legend>
            {LOCKS.map(lock).collect_view()}
        </fieldset>
        <p class="hint">{text.locks_about}</p>
        <fieldset class="panel-choice">
            <legend class="field-label">{text.panels}</legend>
            {EXERCISE_PANELS.map(panel).collect_view()}
        </fieldset>
        {tick(
            text.draws,
            move || asked.with(|asked| asked.draws_seed),
            move |is_on| asked.update(|asked| asked.draws_seed = is_on),
        )}
        <p class="hint" role="status">{move || asked.with(|asked| asked.draws_seed).then_some(text.draws_about)}</p>
        {tick(
            text.hides,
            move || asked.with(|asked| asked.hides_answers),
            move |is_on| asked.update(|asked| asked.hides_answers = is_on),
        )}
        <details class="more">
            <summary>{later().exercise.teacher}</summary>
            <p class="hint">{later().exercise.teacher_about}</p>
            <div class="exercise-text" inner_html=teacher></div>
        </details>
    }
    .into_any()
}

/// A list with a name, or without it.
fn with(mut names: Vec<String>, name: &str, is_on: bool) -> Vec<String> {
    names.retain(|own| own != name);
    if is_on {
        names.push(name.to_owned());
    }
    names
}

fn tick(
    label: &'static str,
    checked: impl Fn() -> bool + Send + Sync + 'static,
    change: impl Fn(bool) + 'static,
) -> AnyView {
    view! {
        <label class="check">
            <input type="checkbox" prop:checked=checked on:change=move |event| change(event_target_checked(&event)) />
            <span>{label}</span>
        </label>
    }
    .into_any()
}

fn panel_choice(panels: RwSignal<Vec<&'static str>>) -> AnyView {
    let choice = move |panel: &'static str| {
        let toggle = move |event| {
            let is_on = event_target_checked(&event);
            panels.update(|panels| {
                panels.retain(|shown| *shown != panel);
                if is_on {
                    panels.push(panel);
                }
            });
        };
        let checked = move || panels.with(|panels| panels.contains(&panel));
        view! {
            <label class="check">
                <input type="checkbox" prop:checked=checked on:change=toggle />
                <span>{panel_name(panel)}</span>
            </label>
        }
    };
    view! {
        <fieldset class="panel-choice">
            <legend class="field-label">{later().handout.panels}</legend>
            {PANELS.map(choice).collect_view()}
        </fieldset>
    }
    .into_any()
}

fn language_choice(chosen: RwSignal<Option<String>>) -> AnyView {
    let fix = move |event| chosen.set(event_target_checked(&event).then(|| language().to_owned()));
    view! {
        <label class="check">
            <input type="checkbox" prop:checked=move || chosen.get().is_some() on:change=fix />
            <span>{later().handout.language}</span>
        </label>
    }
    .into_any()
}

fn student_choice(students: RwSignal<Option<usize>>) -> AnyView {
    let text = &later().handout;
    let problem = RwSignal::new(None::<String>);
    let typed = Callback::new(move |typed: String| match typed.parse::<usize>() {
        Ok(count) if count <= MOST_STUDENTS => {
            problem.set(None);
            students.set((count > 0).then_some(count));
        }
        Ok(_) | Err(_) => problem.set(Some(text.bad_count(MOST_STUDENTS))),
    });
    let value = Signal::derive(move || students.get().unwrap_or(0).to_string());
    view! {
        <NumberField label=text.students step=1.0 value problem on_change=typed />
        <p class="hint">{text.students_about}</p>
    }
    .into_any()
}
