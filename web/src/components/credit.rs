//! What each word of the last sampled answers was credited with.
//!
//! Blue is more of it, vermilion is less; the number stands below each word, so that the colour
//! says nothing that is not also written.

use hedgerow::documents::metrics::CreditedAnswer;
use hedgerow::documents::report::RunReport;
use hedgerow::judgement::experiment::{Algorithm, Arm};
use leptos::prelude::*;

use super::answers::{OutcomeTag, SeedChoice, plain};
use super::key::ArmName;
use crate::app::Lab;
use crate::glossary;
use crate::state::of_seed;

/// Advantages of this size have the full colour.
const FULL: f32 = 1.2;
/// Answers shown for each arm.
const SHOWN: usize = 3;

type Columns = Vec<(Arm, u32, Vec<CreditedAnswer>)>;

/// The panel.
#[component]
pub fn Credit() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let columns = Memo::new(move |_| {
        let seed = lab.seed.get();
        lab.with_report(|report| {
            let Some(report) = report else { return Columns::new() };
            let seeds = &report.experiment.seeds;
            let Some(seed) = seed.filter(|seed| seeds.contains(seed)).or(seeds.first().copied()) else {
                return Columns::new();
            };
            let latest = |replica: &hedgerow::documents::report::ReplicaReport| {
                let report = replica.updates.iter().rev().find(|report| !report.examples.is_empty())?;
                Some((replica.replica.arm, report.update, report.examples.iter().take(SHOWN).cloned().collect()))
            };
            of_seed(report, seed).filter_map(|(_, replica)| latest(replica)).collect()
        })
    });
    let with_pairs = Memo::new(move |_| {
        let dpo = |report: Option<&RunReport>| {
            report.is_some_and(|report| report.experiment.finetune.algorithm == Algorithm::Dpo)
        };
        lab.with_report(dpo)
    });
    view! {
        <section class="card wide-card" aria-labelledby="credit-title">
            <div class="card-head">
                <div>
                    <h2 id="credit-title">"Which words got the credit"</h2>
                    <p class="hint">"Answers that were just trained on. The scalar spreads one number over every word; structured feedback reaches only the words it is about. "
                        {move || with_pairs.get().then_some("With preference pairs, +1 is on the words of a prompt’s preferred answer and −1 on those of the rejected one; the others have 0. ")}
                        <span class="scale"><span>"less of this"</span><span class="ramp" aria-hidden="true"></span><span>"more of this"</span></span>
                    </p>
                </div>
                <SeedChoice />
            </div>
            {move || {
                let columns = columns.get();
                if columns.is_empty() {
                    return view! { <p class="empty">"Credit appears with the first update."</p> }.into_any();
                }
                view! { <div class="credit-columns">{columns.into_iter().map(column).collect_view()}</div> }.into_any()
            }}
        </section>
    }
}

fn column((arm, update, answers): (Arm, u32, Vec<CreditedAnswer>)) -> impl IntoView {
    view! {
        <section class="credit-column" aria-label=glossary::arm(arm)>
            <h3><ArmName arm /><span class="when">"update "{update}</span></h3>
            {answers.into_iter().map(answer).collect_view()}
        </section>
    }
}

fn answer(answer: CreditedAnswer) -> impl IntoView {
    let CreditedAnswer { question, truth, outcome, rating, words } = answer;
    let word = |(word, advantage): (String, f32)| {
        let strength = (advantage.abs() / FULL).min(1.0);
        let class = match advantage {
            advantage if advantage > 0.005 => "word more",
            advantage if advantage < -0.005 => "word less",
            _ => "word none",
        };
        let end = word == "∎";
        view! {
            <span class=class class:end=end style:--strength=format!("{strength:.2}") title=format!("credit {}", signed(advantage))>
                <span>{if end { "end".to_owned() } else { word }}</span>
                <small>{signed(advantage)}</small>
            </span>
        }
    };
    view! {
        <div class="credited">
            <p class="asked">
                {plain(&question)}" "<span class="truth">"truth: "<b>{truth}</b></span>" "<OutcomeTag outcome />
            </p>
            <p class="words">{words.into_iter().map(word).collect_view()}</p>
            <p class="rating">
                <span>"framing "<b>{signed(rating.framing)}</b></span>
                <span>"content "<b>{signed(rating.content)}</b></span>
                <span>"discomfort "<b>{format!("{:.2}", rating.discomfort)}</b></span>
                <span>"scalar "<b>{signed(rating.scalar())}</b></span>
            </p>
        </div>
    }
}

fn signed(value: f32) -> String {
    if value.abs() < 0.005 { "0".to_owned() } else { format!("{value:+.2}").replace('-', "−") }
}
