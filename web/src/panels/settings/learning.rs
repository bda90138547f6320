//! How rewards change the policy: algorithm, baseline, and the numbers.

use hedgerow::judgement::experiment::{Algorithm, Baseline};
use hedgerow::judgement::settings::Setting;
use leptos::prelude::*;

use crate::glossary;
use crate::kit::number_field::NumberField;
use crate::kit::segmented::Segmented;
use crate::model::draft::{ALGORITHMS, BASELINES, choose_algorithm};
use crate::model::fields::shown;
use crate::stores::use_stores;
use crate::words;

/// Algorithm and baseline, and what they are.
#[component]
pub fn Algorithms() -> impl IntoView {
    let draft = use_stores().draft;
    let algorithm = draft.memo(|draft| draft.finetune.algorithm);
    let baseline = draft.memo(|draft| draft.finetune.baseline);
    let algorithm_name = |algorithm| match algorithm {
        Algorithm::PolicyGradient => "Gradient",
        Algorithm::Ppo => "PPO",
        Algorithm::Dpo => "DPO",
    };
    let baseline_name = |baseline| match baseline {
        Baseline::GroupMean => "Mean",
        Baseline::LeaveOneOut => "Others",
        Baseline::ZScored => "z-score",
    };
    let has_baseline = Memo::new(move |_| algorithm.get() != Algorithm::Dpo);
    view! {
        <Segmented
            name="algorithm"
            legend="Algorithm"
            options=ALGORITHMS.map(|algorithm| (algorithm, algorithm_name(algorithm))).to_vec()
            selected=Signal::derive(move || Some(algorithm.get()))
            on_select=Callback::new(move |algorithm| draft.experiment.update(|draft| choose_algorithm(draft, algorithm)))
            show_legend=true
        />
        <p class="hint">{move || glossary::algorithm_meaning(algorithm.get())}</p>
        {move || has_baseline.get().then(|| view! {
            <Segmented
                name="baseline"
                legend="Baseline"
                options=BASELINES.map(|baseline| (baseline, baseline_name(baseline))).to_vec()
                selected=Signal::derive(move || Some(baseline.get()))
                on_select=Callback::new(move |baseline| draft.experiment.update(|draft| draft.finetune.baseline = baseline))
                show_legend=true
            />
            <p class="hint">{move || glossary::baseline_meaning(baseline.get())}</p>
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
    let change = Callback::new(move |typed: String| {
        problem.set(match typed.parse::<f64>() {
            Ok(value) => draft.try_change(|draft| (setting.set)(draft, value)).err().map(|error| words::error(&error)),
            Err(_) => Some("this is no number".to_owned()),
        });
    });
    view! {
        <NumberField
            label=glossary::setting(setting.path)
            step=setting.step
            value=draft.memo(|draft| shown((setting.get)(draft)))
            idle=draft.memo(|draft| !(setting.matters)(draft))
            problem
            on_change=change
        />
    }
}
