//! The rater: its presets, every number of it, and what its one number rewards most.

use hedgerow::judgement::rater::{RaterConfig, RaterPreset, Strategy};
use leptos::prelude::*;

use super::segmented::Segmented;
use crate::app::Lab;
use hedgerow::judgement::experiment::{Arm, Experiment};

/// One number of the rater.
struct Dial {
    symbol: &'static str,
    label: &'static str,
    low: f32,
    high: f32,
    get: fn(&RaterConfig) -> f32,
    set: fn(&mut RaterConfig, f32),
}

const MAIN: [Dial; 4] = [
    Dial {
        symbol: "p",
        label: "Checks facts",
        low: 0.0,
        high: 1.0,
        get: |rater| rater.check_probability,
        set: |rater, value| rater.check_probability = value,
    },
    Dial {
        symbol: "d",
        label: "Uncomfortable value",
        low: 0.0,
        high: 3.0,
        get: |rater| rater.discomfort_value,
        set: |rater, value| rater.discomfort_value = value,
    },
    Dial {
        symbol: "d_any",
        label: "Any statement",
        low: 0.0,
        high: 3.0,
        get: |rater| rater.discomfort_any,
        set: |rater, value| rater.discomfort_any = value,
    },
    Dial {
        symbol: "d_ctx",
        label: "Left when given context",
        low: 0.0,
        high: 1.0,
        get: |rater| rater.context_relief,
        set: |rater, value| rater.context_relief = value,
    },
];

const MORE: [Dial; 7] = [
    Dial {
        symbol: "c",
        label: "Checked fact right or wrong, ±",
        low: 0.0,
        high: 3.0,
        get: |rater| rater.correctness,
        set: |rater, value| rater.correctness = value,
    },
    Dial {
        symbol: "u",
        label: "Saying anything",
        low: -1.0,
        high: 2.0,
        get: |rater| rater.usefulness,
        set: |rater, value| rater.usefulness = value,
    },
    Dial {
        symbol: "f_blunt",
        label: "Framing, blunt",
        low: -2.0,
        high: 2.0,
        get: |rater| rater.blunt,
        set: |rater, value| rater.blunt = value,
    },
    Dial {
        symbol: "f_ctx",
        label: "Framing, with context",
        low: -2.0,
        high: 2.0,
        get: |rater| rater.contextual,
        set: |rater, value| rater.contextual = value,
    },
    Dial {
        symbol: "f_hedge",
        label: "Framing, hedge",
        low: -2.0,
        high: 2.0,
        get: |rater| rater.hedge,
        set: |rater, value| rater.hedge = value,
    },
    Dial {
        symbol: "f_bad",
        label: "Framing, malformed",
        low: -2.0,
        high: 2.0,
        get: |rater| rater.malformed,
        set: |rater, value| rater.malformed = value,
    },
    Dial {
        symbol: "σ",
        label: "Noise",
        low: 0.0,
        high: 2.0,
        get: |rater| rater.noise,
        set: |rater, value| rater.noise = value,
    },
];

/// What only the arm of that name reads.
const MISATTRIBUTION: Dial = Dial {
    symbol: "q",
    label: "Discomfort blamed on the fact",
    low: 0.0,
    high: 1.0,
    get: |rater| rater.misattribution,
    set: |rater, value| rater.misattribution = value,
};

/// The panel.
#[component]
pub fn RaterPanel() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let selected = Signal::derive(move || match lab.preset() {
        Some(RaterPreset::UncomfortableFacts) => 0,
        Some(RaterPreset::TouchyTopic) => 1,
        None => 2,
    });
    let select = Callback::new(move |index: usize| {
        let preset = if index == 0 { RaterPreset::UncomfortableFacts } else { RaterPreset::TouchyTopic };
        let Experiment { rater, finetune, .. } = Experiment::preset(preset);
        lab.draft.update(|draft| {
            draft.rater = rater;
            // A preset is asked about its own topics, at its own pace.
            if !lab.has_progress() {
                draft.finetune.sensitive_share = finetune.sensitive_share;
                draft.finetune.learning_rate = finetune.learning_rate;
            }
        });
    });
    let story = move || match lab.preset() {
        Some(RaterPreset::UncomfortableFacts) => "Dislikes uncomfortable facts and rarely checks what is true.",
        Some(RaterPreset::TouchyTopic) => "Dislikes any statement on the topic, whatever it says.",
        None => "Your own numbers.",
    };
    view! {
        <section class="card rater" aria-labelledby="rater-title">
            <h2 id="rater-title">"The rater"</h2>
            <Segmented
                name="rater"
                legend="Preset"
                options=vec!["A  Uneasy facts", "B  Touchy topic"]
                selected
                on_select=select
            />
            <p class="hint">{story}</p>
            <Optimum />
            <div class="dials">{MAIN.into_iter().map(|dial| view! { <DialRow dial /> }).collect_view()}</div>
            <Misattribution />
            <details class="more">
                <summary>"All numbers"</summary>
                <div class="dials">{MORE.into_iter().map(|dial| view! { <DialRow dial /> }).collect_view()}</div>
            </details>
        </section>
    }
}

/// A label, a slider and a number box that are one setting.
#[component]
fn DialRow(dial: Dial) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let Dial { symbol, label, low, high, get, set } = dial;
    let value = Memo::new(move |_| lab.draft.with(|draft| get(&draft.rater)));
    let wrong = RwSignal::new(false);
    let change = move |text: String| match text.parse::<f32>() {
        Ok(value) => {
            let mut rater = lab.draft.with_untracked(|draft| draft.rater);
            set(&mut rater, value);
            let valid = rater.validate().is_ok();
            wrong.set(!valid);
            if valid {
                lab.draft.update(|draft| draft.rater = rater);
            }
        }
        Err(_) => wrong.set(true),
    };
    let (name, subscript) = symbol.split_once('_').unwrap_or((symbol, ""));
    view! {
        <div class="dial" class:wrong=move || wrong.get()>
            <span class="dial-label">
                <var>{name}<sub>{subscript}</sub></var>
                {label}
            </span>
            <input
                type="range"
                min=low.to_string()
                max=high.to_string()
                step="0.05"
                aria-label=format!("{label}, slider")
                prop:value=move || value.get().to_string()
                style:--fill=move || format!("{:.1}%", ((value.get() - low) / (high - low)).clamp(0.0, 1.0) * 100.0)
                on:input=move |event| change(event_target_value(&event))
            />
            <input
                type="number"
                step="0.05"
                aria-label=label
                aria-invalid=move || wrong.get().to_string()
                prop:value=move || value.get().to_string()
                on:change=move |event| change(event_target_value(&event))
            />
        </div>
    }
}

/// q, and the q above which a lie pays as it follows from the formula; there only with the arm that has one.
#[component]
fn Misattribution() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let matters = Memo::new(move |_| lab.draft.with(|draft| draft.arms.contains(&Arm::Misattribution)));
    let verdict = move || match lab.draft.with(|draft| draft.rater.misattribution_threshold()) {
        threshold if threshold < 1.0 => format!("{threshold:.2}"),
        _ => "never".to_owned(),
    };
    move || {
        matters.get().then(|| {
            view! {
                <div class="dials">
                    <DialRow dial=MISATTRIBUTION />
                    <p class="hint">
                        "Sometimes misattributed, a lie pays when " <var>"q"</var> " > 2·"<var>"p"</var>"·"<var>"c"</var>
                        " ÷ "<var>"d"</var>"·"<var>"d"<sub>"ctx"</sub></var>": " <span class="figure">{verdict}</span>
                    </p>
                </div>
            }
        })
    }
}

/// What the scalar pays for each way to answer, as it follows from the formula.
#[component]
fn Optimum() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let rater = Memo::new(move |_| lab.draft.with(|draft| draft.rater));
    let strategies = [
        (Strategy::UncomfortableTruth, "Uncomfortable truth"),
        (Strategy::ComfortableLie, "Comfortable lie"),
        (Strategy::Hedge, "Hedge"),
    ];
    let row = move |(strategy, name): (Strategy, &'static str)| {
        let pay = Memo::new(move |_| rater.get().expected_scalar(strategy));
        let scale =
            move || strategies.iter().map(|(other, _)| rater.get().expected_scalar(*other).abs()).fold(0.2, f32::max);
        let width = move || format!("{:.1}%", pay.get().abs() / scale() * 50.0);
        let best = move || rater.get().scalar_optimum() == strategy;
        view! {
            <li class:best=best class:negative=move || pay.get() < 0.0>
                <span class="pay-name">{name}</span>
                <span class="pay-bar" aria-hidden="true"><span style:width=width></span></span>
                <span class="pay-value">{move || signed(pay.get())}</span>
            </li>
        }
    };
    let lesson = move || {
        let rater = rater.get();
        let (gain, risk) =
            (rater.discomfort_value * rater.context_relief, 2.0 * rater.check_probability * rater.correctness);
        let sign = if gain > risk {
            ">"
        } else if gain < risk {
            "<"
        } else {
            "="
        };
        let verdict = match rater.scalar_optimum() {
            Strategy::UncomfortableTruth => "the truth pays best",
            Strategy::ComfortableLie => "a comfortable lie pays best",
            Strategy::Hedge => "a hedge pays best",
        };
        (verdict, format!("{gain:.2} {sign} {risk:.2}"))
    };
    view! {
        <div class="optimum">
            <p class="optimum-title">"Under one number, " <strong>{move || lesson().0}</strong></p>
            <ul class="pays">{strategies.map(row).collect_view()}</ul>
            <p class="hint">
                "Expected " <i>"F + C − D"</i> " where the truth is uncomfortable. A lie beats it when "
                <var>"d"</var>"·"<var>"d"<sub>"ctx"</sub></var> " > 2·"<var>"p"</var>"·"<var>"c"</var> ": "
                <span class="figure">{move || lesson().1}</span>
            </p>
        </div>
    }
}

fn signed(value: f32) -> String {
    format!("{value:+.2}").replace('-', "−")
}
