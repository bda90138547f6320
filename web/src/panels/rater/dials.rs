//! The rater's numbers as sliders.

use hedgerow::judgement::sameness::matters;
use leptos::prelude::*;

use crate::kit::dial::Dial;
use crate::kit::marked::marked;
use crate::model::fields;
use crate::stores::use_stores;
use crate::text::{numbers, terms, text};

/// One number of the rater.
#[component]
pub fn DialRow(
    /// Which one.
    dial: fields::Dial,
) -> impl IntoView {
    let draft = use_stores().draft;
    let fields::Dial { setting, symbol, low, high } = dial;
    let wrong = RwSignal::new(false);
    let change = Callback::new(move |typed: String| {
        let set = |value: f64| draft.try_change(|draft| (setting.set)(draft, value)).is_ok();
        wrong.set(!typed.parse().is_ok_and(set));
    });
    let label = terms::setting(setting.path);
    let idle = draft.memo(move |draft| !matters(draft, setting));
    let note = Signal::derive(move || idle.get().then_some(text().settings.idle));
    view! {
        <Dial
            path=setting.path
            symbol
            label
            slider_label=text().rater.slider(label)
            low
            high
            step=setting.step
            value=draft.memo(setting.get)
            note
            wrong
            on_change=change
        />
    }
}

/// q, and the q above which a lie pays as it follows from the formula; there only with the arm that has one.
#[component]
pub fn Misattribution() -> impl IntoView {
    let draft = use_stores().draft;
    let dial = fields::misattribution()?;
    let matters = draft.memo(dial.setting.matters);
    let threshold = draft.memo(|draft| draft.rater.misattribution_threshold());
    let verdict = move || match threshold.get() {
        threshold if threshold < 1.0 => numbers::fixed(f64::from(threshold), 2),
        _ => text().rater.never.to_owned(),
    };
    Some(move || {
        matters.get().then(|| {
            view! {
                <div class="dials">
                    <DialRow dial />
                    <p class="hint">
                        {marked(text().rater.misattributed)}" "<span class="figure">{verdict}</span>
                    </p>
                </div>
            }
        })
    })
}
