//! Where files come in: chosen, dropped or pasted.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::Gathered;
use crate::lab::use_lab;
use crate::model::class::read::read;
use crate::model::files::Dropped;
use crate::text::later::later;
use crate::text::numbers;

/// The field of the files.
const INPUT: &str = "class-files";

/// A button to choose files, around which they can be dropped, and what has come of them.
#[component]
pub fn Files(
    /// The class.
    gathered: Gathered,
) -> impl IntoView {
    let (lab, text) = (use_lab(), &later().class);
    let (over, reading) = (RwSignal::new(false), RwSignal::new(false));
    let pasted = StoredValue::new(0);
    let take = move |files: Vec<Dropped>| {
        let named = |mut file: Dropped| {
            if file.name.is_empty() {
                pasted.update_value(|count| *count += 1);
                file.name = text.pasted(numbers::count(pasted.get_value()));
            }
            file
        };
        gathered.add(files.into_iter().map(named).flat_map(read).collect());
        reading.set(false);
    };
    let hand_over = move |event: web_sys::Event| {
        if lab.read_files(&event, take) {
            event.prevent_default();
            reading.set(true);
        }
    };
    let said = move || {
        if reading.get() { text.reading.to_owned() } else { counted(gathered) }
    };
    view! {
        <div
            class="drop"
            class:over=over
            on:dragover=move |event| {
                event.prevent_default();
                over.set(true);
            }
            on:dragleave=move |_| over.set(false)
            on:drop=move |event| {
                over.set(false);
                hand_over(event.into());
            }
            on:paste=move |event| hand_over(event.into())
        >
            <p>{text.about}</p>
            <label class="choose">
                <input
                    id=INPUT
                    class="unseen"
                    type="file"
                    multiple
                    accept=".json,.zip,application/json,application/zip"
                    on:change=hand_over
                />
                <span>{text.choose}</span>
            </label>
            <p class="hint">{text.choose_about}</p>
            <p role="status"><strong>{said}</strong></p>
        </div>
    }
}

/// Where one goes on when the files are gone, and with them the button that removed them.
pub fn focus_on_files() {
    if let Some(input) = document().get_element_by_id(INPUT) {
        let _ = input.unchecked_into::<HtmlElement>().focus();
    }
}

fn counted(gathered: Gathered) -> String {
    let text = &later().class;
    if gathered.files.with(Vec::is_empty) {
        return text.none.to_owned();
    }
    gathered.pool.with(|pool| {
        let mut sources = pool.sources.clone();
        sources.sort_unstable();
        sources.dedup();
        let seeds = text.seeds.count(pool.sources.len());
        let (people, of_ratings) = gathered.raters.with(|raters| (raters.people.len(), raters.left_out.len()));
        let predictions = text.predictions.count(pool.predictions.len());
        let left = text.left.count(pool.left_out.len() + of_ratings);
        let counted = text.counted(text.runs.count(sources.len()), seeds, predictions, left);
        if people == 0 { counted } else { format!("{counted} {}", text.raters.count(people)) }
    })
}
