//! A prediction before the curve: made while the results are hidden, kept on the device, and shown beside what came.

pub mod form;
pub mod outcome;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::kit::later::Later;
use crate::lab::use_lab;
use crate::model::prediction::{Prediction, settings};
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::text;
use form::Form;
use outcome::Outcome;

/// On the page's root while results are hidden.
const HIDES: &str = "data-predicting";

/// The panel.
#[component]
pub fn Predict(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let page = &text().page;
    view! {
        <section id=id class="card predict" aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title") tabindex="-1">{page.predict}</h2>
            <Later draw=inside />
        </section>
    }
}

fn inside() -> AnyView {
    let (lab, stores, text) = (use_lab(), use_stores(), &later().predict);
    let hides = RwSignal::new(false);
    Effect::new(move |_| show_results(!hides.get()));
    on_cleanup(|| show_results(true));
    let about = stores.draft.memo(settings);
    let kept = RwSignal::new(None::<Prediction>);
    Effect::new(move |_| about.with(|about| kept.set(lab.predicted(about))));
    let keep = Callback::new(move |prediction: Option<Prediction>| {
        if let Some(prediction) = prediction {
            lab.keep_prediction(prediction);
            about.with_untracked(|about| kept.set(lab.predicted(about)));
        }
        hides.set(false);
        focus_on_title();
    });
    let begin = move |_| {
        hides.set(true);
        focus_on_title();
    };
    view! {
        {move || match (hides.get(), kept.get()) {
            (true, _) => {
                // Other settings are another question.
                about.track();
                view! { <Form keep /> }.into_any()
            }
            (false, Some(prediction)) => view! {
                <Outcome prediction />
                <p class="deeds"><button class="small" type="button" on:click=begin>{text.again}</button></p>
            }
            .into_any(),
            (false, None) => view! {
                <p class="hint">{text.about}</p>
                <p class="deeds"><button class="small strong" type="button" on:click=begin>{text.begin}</button></p>
            }
            .into_any(),
        }}
    }
    .into_any()
}

fn show_results(shown: bool) {
    if let Some(root) = document().document_element() {
        let _ = if shown { root.remove_attribute(HIDES) } else { root.set_attribute(HIDES, "") };
    }
}

/// The button that had the focus is gone.
fn focus_on_title() {
    if let Some(title) = document().get_element_by_id("predict-title") {
        let _ = title.unchecked_into::<HtmlElement>().focus();
    }
}
