//! The three experiments and their control, each one choice of rater and arms.

use hedgerow::judgement::experiment::{Arm, Experiment};
use hedgerow::judgement::rater::RaterPreset;
use leptos::prelude::*;

use super::segmented::Segmented;
use crate::app::Lab;
use crate::link::ViewMode;

/// One experiment as the page names it.
struct Choice {
    label: &'static str,
    question: &'static str,
    rater: RaterPreset,
    arms: &'static [Arm],
}

const CHOICES: [Choice; 4] = [
    Choice {
        label: "Attribution",
        question: "Does feedback with reasons keep the facts that a single number loses?",
        rater: RaterPreset::UncomfortableFacts,
        arms: &[Arm::Scalar, Arm::Structured],
    },
    Choice {
        label: "Hedging",
        question: "Where statements on a topic are unwelcome, does hedging spread to topics that nobody asked about?",
        rater: RaterPreset::TouchyTopic,
        arms: &[Arm::Scalar, Arm::Structured],
    },
    Choice {
        label: "Retention",
        question: "Are facts forgotten if stating them is punished, and if only their wording is?",
        rater: RaterPreset::UncomfortableFacts,
        arms: &[Arm::ContentPenalty, Arm::FramingPenalty, Arm::Noise],
    },
    Choice {
        label: "Controls",
        question: "Is it how fine the credit is, or where the discomfort goes?",
        rater: RaterPreset::UncomfortableFacts,
        arms: &[Arm::Scalar, Arm::Structured, Arm::ScalarWithoutDiscomfort, Arm::StructuredDiscomfortOnContent],
    },
];

impl Choice {
    /// What it runs, on these seeds.
    fn experiment(&self, seeds: Vec<u64>) -> Experiment {
        Experiment { arms: self.arms.to_vec(), seeds, ..Experiment::preset(self.rater) }
    }
}

/// The panel.
#[component]
pub fn Experiments() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let chosen = move || {
        let draft = lab.draft.get();
        CHOICES.iter().position(|choice| choice.experiment(draft.seeds.clone()) == draft)
    };
    let selected = Signal::derive(move || chosen().unwrap_or(CHOICES.len()));
    let select = Callback::new(move |index: usize| {
        lab.mode.set(ViewMode::SideBySide);
        lab.draft.update(|draft| *draft = CHOICES[index].experiment(std::mem::take(&mut draft.seeds)));
    });
    let question = move || chosen().map_or("Your own settings.", |index| CHOICES[index].question);
    view! {
        <section class="card experiments" aria-labelledby="experiments-title">
            <h2 id="experiments-title">"The question"</h2>
            <Segmented
                name="experiment"
                legend="Experiment"
                options=CHOICES.iter().map(|choice| choice.label).collect()
                selected
                on_select=select
            />
            <p class="hint">{question}</p>
        </section>
    }
}
