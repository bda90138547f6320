//! Links to hand out: what students see, in which language, and each with another seed, as a list with codes to print.

use leptos::prelude::*;

use crate::kit::number_field::NumberField;
use crate::lab::use_lab;
use crate::model::embed::whole_page;
use crate::model::handout::{Handout as Settings, MOST_STUDENTS, PANELS, qr};
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
    let chosen = RwSignal::new(None::<String>);
    let students = RwSignal::new(None::<usize>);
    let links = Memo::new(move |_| {
        let whole = whole_page(&lab.link());
        let page = whole.split('#').next().unwrap_or_default().to_owned();
        let (panels, language, students) = (panels.get(), chosen.get(), students.get());
        let seeds = stores.catalogue.seeds.get();
        stores.draft.experiment.with(|draft| Settings { panels, language, students }.links(&page, draft, &seeds))
    });
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
    let first = move || links.with(|links| links.first().cloned().unwrap_or_default());
    view! {
        <details class="more">
            <summary>{text.title}</summary>
            <p class="hint">{text.about}</p>
            {panel_choice(panels)}
            {language_choice(chosen)}
            {student_choice(students)}
            <div class="deeds">
                <a href=first target="_blank" rel="noopener">{text.preview}</a>
                <button class="small" type="button" on:click=print>{text.print}</button>
                <a href=self::text().header.lesson_address>{text.answers}</a>
            </div>
            <p class="hint">{text.answers_about}</p>
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
