//! How rewards change the policy: algorithm, baseline, and the numbers.

use hedgerow::judgement::experiment::{Algorithm, Baseline};
use hedgerow::judgement::settings::Setting;
use leptos::prelude::*;

use crate::kit::number_field::NumberField;
use crate::kit::segmented::Segmented;
use crate::model::draft::choose_algorithm;
use crate::model::fields::{is_off, shown};
use crate::stores::use_stores;
use crate::text::{faults, terms, text};

/// Algorithm and baseline, and what they are.
#[component]
pub fn Algorithms() -> impl IntoView {
    let draft = use_stores().draft;
    let algorithm = draft.memo(|draft| draft.finetune.algorithm);
    let baseline = draft.memo(|draft| draft.finetune.baseline);
    let is_gradient = draft.memo(|draft| draft.finetune.algorithm == Algorithm::Ppo && draft.finetune.epochs == 1);
    let has_baseline = Memo::new(move |_| algorithm.get() != Algorithm::Dpo);
    view! {
        <Segmented
            name="algorithm"
            legend=text().settings.algorithm
            options=Algorithm::ALL.map(|algorithm| (algorithm, terms::algorithm(algorithm).name)).to_vec()
            selected=move || Some(algorithm.get())
            on_select=move |algorithm| draft.experiment.update(|draft| choose_algorithm(draft, algorithm))
            show_legend=true
        />
        <p class="hint">
            {move || terms::algorithm(algorithm.get()).meaning}" "
            {move || is_gradient.get().then_some(text().settings.ppo_is_gradient)}
        </p>
        {move || has_baseline.get().then(|| view! {
            <Segmented
                name="baseline"
                legend=text().settings.baseline
                options=Baseline::ALL.map(|baseline| (baseline, terms::baseline(baseline).name)).to_vec()
                selected=move || Some(baseline.get())
                on_select=move |baseline| draft.experiment.update(|draft| draft.finetune.baseline = baseline)
                show_legend=true
            />
            <p class="hint">{move || terms::baseline(baseline.get()).meaning}</p>
        })}
    }
}

/// One number.
#[component]
pub fn SettingRow(
    /// Which one.
    setting: &'static Setting,
) -> impl IntoView {
    let draft = use_stores().draft;
    let problem = RwSignal::new(None::<String>);
    let idle = draft.memo(|draft| !(setting.matters)(draft));
    let is_off = draft.memo(|draft| is_off(draft, setting));
    let note = Signal::derive(move || match (idle.get(), is_off.get()) {
        (true, _) => Some(text().settings.idle),
        (false, true) => Some(*text().settings.off.get(setting.path)),
        (false, false) => None,
    });
    let change = Callback::new(move |typed: String| {
        problem.set(match typed.parse::<f64>() {
            Ok(value) => draft.try_change(|draft| (setting.set)(draft, value)).err().map(|error| faults::error(&error)),
            Err(_) => Some(text().errors.no_number.to_owned()),
        });
    });
    view! {
        <NumberField
            label=terms::setting(setting.path)
            path=setting.path
            step=setting.step
            value=draft.memo(|draft| shown((setting.get)(draft)))
            idle
            note
            problem
            on_change=change
        />
    }
}
