//! What is run: arms, seeds, and how the policy learns.

use hedgerow::judgement::experiment::{
    Algorithm, Arm, Baseline, Experiment, FinetuneConfig, RewardHeads, RewardModelConfig,
};
use leptos::prelude::*;

use super::key::ArmName;
use super::segmented::Segmented;
use crate::app::Lab;
use crate::glossary;
use crate::link::ViewMode;

/// A number of the experiment.
struct Field {
    label: &'static str,
    step: &'static str,
    /// Does it change anything?
    matters: fn(&FinetuneConfig) -> bool,
    get: fn(&FinetuneConfig) -> f64,
    set: fn(&mut FinetuneConfig, f64),
}

const FIELDS: [Field; 10] = [
    Field {
        label: "Updates",
        step: "10",
        matters: |_| true,
        get: |config| f64::from(config.updates),
        set: |config, value| config.updates = value as u32,
    },
    Field {
        label: "Prompts an update",
        step: "1",
        matters: |_| true,
        get: |config| config.prompts as f64,
        set: |config, value| config.prompts = value as usize,
    },
    Field {
        label: "Answers a prompt",
        step: "1",
        matters: |_| true,
        get: |config| config.completions as f64,
        set: |config, value| config.completions = value as usize,
    },
    Field {
        label: "Share of sensitive prompts",
        step: "0.05",
        matters: |_| true,
        get: |config| f64::from(config.sensitive_share),
        set: |config, value| config.sensitive_share = value as f32,
    },
    Field {
        label: "Learning rate",
        step: "0.0001",
        matters: |_| true,
        get: |config| f64::from(config.learning_rate),
        set: |config, value| config.learning_rate = value as f32,
    },
    Field {
        label: "KL coefficient",
        step: "0.01",
        matters: |config| config.algorithm != Algorithm::Dpo,
        get: |config| f64::from(config.kl),
        set: |config, value| config.kl = value as f32,
    },
    Field {
        label: "Temperature",
        step: "0.05",
        matters: |_| true,
        get: |config| f64::from(config.temperature),
        set: |config, value| config.temperature = value as f32,
    },
    Field {
        label: "Epochs on the same answers",
        step: "1",
        matters: |config| config.algorithm != Algorithm::PolicyGradient,
        get: |config| f64::from(config.epochs),
        set: |config, value| config.epochs = value as u32,
    },
    Field {
        label: "PPO: clip of the ratio, ±",
        step: "0.05",
        matters: |config| config.algorithm == Algorithm::Ppo && config.epochs > 1,
        get: |config| f64::from(config.ratio_clip),
        set: |config, value| config.ratio_clip = value as f32,
    },
    Field {
        label: "DPO: β",
        step: "0.05",
        matters: |config| config.algorithm == Algorithm::Dpo,
        get: |config| f64::from(config.dpo_beta),
        set: |config, value| config.dpo_beta = value as f32,
    },
];

const ALGORITHMS: [(Algorithm, &str); 3] =
    [(Algorithm::PolicyGradient, "Gradient"), (Algorithm::Ppo, "PPO"), (Algorithm::Dpo, "DPO")];
const BASELINES: [(Baseline, &str); 3] =
    [(Baseline::GroupMean, "Mean"), (Baseline::LeaveOneOut, "Others"), (Baseline::ZScored, "z-score")];

/// The panel.
#[component]
pub fn Settings() -> impl IntoView {
    view! {
        <section class="card settings" aria-labelledby="settings-title">
            <h2 id="settings-title">"The run"</h2>
            <Arms />
            <Seeds />
            <details class="more">
                <summary>"How it learns"</summary>
                <Rewards />
                <Algorithms />
                <div class="fields">{FIELDS.into_iter().map(|field| view! { <FieldRow field /> }).collect_view()}</div>
            </details>
        </section>
    }
}

#[component]
fn Arms() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let toggle = move |arm: Arm, on: bool| {
        lab.draft.update(|draft| {
            let chosen = |other: &Arm| if *other == arm { on } else { draft.arms.contains(other) };
            let arms: Vec<Arm> = Arm::ALL.into_iter().filter(chosen).collect();
            if !arms.is_empty() {
                draft.arms = arms;
            }
        });
        let single = lab.draft.with_untracked(|draft| draft.arms.len() == 1);
        lab.mode.set(if single { ViewMode::Single } else { ViewMode::SideBySide });
    };
    let row = move |arm: Arm| {
        let checked = move || lab.draft.with(|draft| draft.arms.contains(&arm));
        let fixed =
            move || lab.draft.with(|draft| checked() && draft.arms.len() == 1 || draft.check_heads(&[arm]).is_err());
        view! {
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=checked
                    disabled=fixed
                    on:change=move |event| toggle(arm, event_target_checked(&event))
                />
                <span>
                    <ArmName arm />
                    <span class="hint">{glossary::arm_meaning(arm)}</span>
                </span>
            </label>
        }
    };
    let (main, more) = Arm::ALL.split_at(4);
    // A chosen arm is not hidden.
    let open = lab.draft.with_untracked(|draft| more.iter().any(|arm| draft.arms.contains(arm)));
    view! {
        <fieldset class="arms">
            <legend class="field-label">"Arms"</legend>
            {main.iter().map(|arm| row(*arm)).collect_view()}
            <details class="more" open=open>
                <summary>"More arms"</summary>
                <div class="arms">{more.iter().map(|arm| row(*arm)).collect_view()}</div>
            </details>
        </fieldset>
    }
}

#[component]
fn Seeds() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let counts = move || {
        let most = lab.seeds.with(Vec::len);
        (1..=most.min(8)).collect::<Vec<_>>()
    };
    let choose = move |event| {
        let count: usize = event_target_value(&event).parse().unwrap_or(1);
        let seeds = lab.seeds.with_untracked(|seeds| seeds.iter().copied().take(count.max(1)).collect());
        lab.draft.update(|draft| draft.seeds = seeds);
    };
    let cost = move || {
        let models = lab.draft.with(|draft| draft.replicas().len());
        format!("{models} {} in lock-step.", if models == 1 { "model" } else { "models" })
    };
    view! {
        <label class="field">
            <span>"Seeds"</span>
            <select on:change=choose>
                {move || {
                    let chosen = lab.draft.with(|draft| draft.seeds.len());
                    counts()
                        .into_iter()
                        .map(|count| view! { <option value=count.to_string() selected=count == chosen>{count}</option> })
                        .collect_view()
                }}
            </select>
        </label>
        <p class="hint">"Each seed is a world and a base model of its own; every arm runs each. " {cost}</p>
    }
}

/// Who rewards the arms: the rater, or a model that was trained on some of its ratings.
#[component]
fn Rewards() -> impl IntoView {
    const HEADS: [Option<RewardHeads>; 3] = [None, Some(RewardHeads::Scalar), Some(RewardHeads::Reasons)];
    let lab = expect_context::<Lab>();
    let model = Memo::new(move |_| lab.draft.with(|draft| draft.reward_model));
    let heads = move || model.get().map(|model| model.heads);
    let selected = Signal::derive(move || HEADS.iter().take_while(|own| **own != heads()).count());
    let problem = RwSignal::new(None::<String>);
    let set = move |model: Option<RewardModelConfig>| {
        let draft = Experiment { reward_model: model, ..lab.draft.get_untracked() };
        let checked = draft.validate();
        problem.set(checked.as_ref().err().map(ToString::to_string));
        if checked.is_ok() {
            lab.draft.set(draft);
        }
    };
    let choose_heads = Callback::new(move |index: usize| {
        let ratings = model.get_untracked().map_or(500, |model| model.ratings);
        if HEADS[index] == Some(RewardHeads::Scalar) {
            // All that one number can train.
            lab.draft.update(|draft| draft.arms = vec![Arm::Scalar]);
            lab.mode.set(ViewMode::Single);
        }
        set(HEADS[index].map(|heads| RewardModelConfig { ratings, heads }));
    });
    let choose_ratings = move |event| {
        let ratings = event_target_value(&event).parse().unwrap_or(0);
        set(model.get_untracked().map(|model| RewardModelConfig { ratings, ..model }));
    };
    view! {
        <Segmented
            name="rewards"
            legend="Rewarded by"
            options=vec!["Rater", "Scalar RM", "Reasons RM"]
            selected
            on_select=choose_heads
            show_legend=true
        />
        <p class="hint">{move || glossary::rewards_meaning(heads())}</p>
        {move || heads().is_some().then(|| view! {
            <label class="field">
                <span>"Ratings it is trained on"</span>
                <input
                    type="number"
                    step="50"
                    min="10"
                    aria-invalid=move || problem.with(Option::is_some).to_string()
                    prop:value=move || model.get().map_or(0, |model| model.ratings).to_string()
                    on:change=choose_ratings
                />
            </label>
            <p class="problem" role="alert">{move || problem.get()}</p>
        })}
    }
}

/// Algorithm and baseline, and what they are.
#[component]
fn Algorithms() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let algorithm = Memo::new(move |_| lab.draft.with(|draft| draft.finetune.algorithm));
    let baseline = Memo::new(move |_| lab.draft.with(|draft| draft.finetune.baseline));
    let index_of_algorithm =
        Signal::derive(move || ALGORITHMS.iter().take_while(|(own, _)| *own != algorithm.get()).count());
    let index_of_baseline =
        Signal::derive(move || BASELINES.iter().take_while(|(own, _)| *own != baseline.get()).count());
    let choose_algorithm = Callback::new(move |index: usize| {
        lab.draft.update(|draft| {
            draft.finetune.algorithm = ALGORITHMS[index].0;
            if draft.finetune.algorithm == Algorithm::PolicyGradient {
                draft.finetune.epochs = 1;
            }
        });
    });
    let choose_baseline =
        Callback::new(move |index: usize| lab.draft.update(|draft| draft.finetune.baseline = BASELINES[index].0));
    view! {
        <Segmented
            name="algorithm"
            legend="Algorithm"
            options=ALGORITHMS.map(|(_, name)| name).to_vec()
            selected=index_of_algorithm
            on_select=choose_algorithm
            show_legend=true
        />
        <p class="hint">{move || glossary::algorithm_meaning(algorithm.get())}</p>
        {move || (algorithm.get() != Algorithm::Dpo).then(|| view! {
            <Segmented
                name="baseline"
                legend="Baseline"
                options=BASELINES.map(|(_, name)| name).to_vec()
                selected=index_of_baseline
                on_select=choose_baseline
                show_legend=true
            />
            <p class="hint">{move || glossary::baseline_meaning(baseline.get())}</p>
        })}
    }
}

#[component]
fn FieldRow(field: Field) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let Field { label, step, matters, get, set } = field;
    let idle = Memo::new(move |_| lab.draft.with(|draft| !matters(&draft.finetune)));
    let value = Memo::new(move |_| lab.draft.with(|draft| get(&draft.finetune)));
    let problem = RwSignal::new(None::<String>);
    let change = move |event| {
        let parsed = event_target_value(&event).parse::<f64>();
        let mut draft: Experiment = lab.draft.get_untracked();
        let result = match parsed {
            Ok(value) => {
                set(&mut draft.finetune, value);
                draft.validate().map_err(|error| error.to_string())
            }
            Err(_) => Err("this is no number".to_owned()),
        };
        problem.set(result.clone().err());
        if result.is_ok() {
            lab.draft.set(draft);
        }
    };
    view! {
        <label class="field" class:idle=move || idle.get()>
            <span>{label}</span>
            <input
                type="number"
                step=step
                min="0"
                disabled=move || idle.get()
                aria-invalid=move || problem.with(Option::is_some).to_string()
                prop:value=move || trimmed(value.get())
                on:change=change
            />
        </label>
        <p class="problem" role="alert">{move || problem.get()}</p>
    }
}

/// f32 settings without the digits that f64 adds to them.
fn trimmed(value: f64) -> String {
    let text = format!("{value:.5}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
