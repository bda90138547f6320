//! The same questions before and now: what every arm answers, and whether it knows better.

use hedgerow::documents::metrics::{Outcome, WatchedAnswer};
use hedgerow::documents::report::RunReport;
use hedgerow::facts::world::Exposure;
use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use super::icons::{Glyph, Icon};
use super::key::ArmName;
use crate::app::Lab;
use crate::glossary;
use crate::state::of_seed;

/// Questions in rows, the base model and the arms in columns.
#[derive(Debug, Clone, PartialEq)]
struct Sheet {
    arms: Vec<Arm>,
    update: u32,
    rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq)]
struct Row {
    before: WatchedAnswer,
    now: Vec<Option<WatchedAnswer>>,
}

/// The panel.
#[component]
pub fn Answers() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let sheet = Memo::new(move |_| {
        let seed = lab.seed.get();
        lab.with_report(|report| report.and_then(|report| sheet(report, seed)))
    });
    view! {
        <section class="card wide-card" aria-labelledby="answers-title">
            <div class="card-head">
                <div>
                    <h2 id="answers-title">"The same questions, before and now"</h2>
                    <p class="hint">"One sampled answer each. The model may know better than it says: “knows” is what it chooses when it is not allowed to hedge."</p>
                </div>
                <SeedChoice />
            </div>
            {move || match sheet.get() {
                None => view! { <p class="empty">"Answers appear with the first measurement."</p> }.into_any(),
                Some(sheet) => table(sheet).into_any(),
            }}
        </section>
    }
}

/// Which of the run's seeds is shown, if there are several.
#[component]
pub fn SeedChoice() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let seeds = Memo::new(move |_| {
        lab.with_report(|report| report.map(|report| report.experiment.seeds.clone()).unwrap_or_default())
    });
    move || {
        let seeds = seeds.get();
        (seeds.len() > 1).then(|| {
            let chosen = lab.seed.get().filter(|seed| seeds.contains(seed)).or(seeds.first().copied());
            let options = seeds.into_iter().map(|seed| {
                view! { <option value=seed.to_string() selected=Some(seed) == chosen>{format!("seed {seed}")}</option> }
            });
            view! {
                <select
                    class="inline"
                    aria-label="Seed"
                    on:change=move |event| lab.seed.set(event_target_value(&event).parse().ok())
                >
                    {options.collect_view()}
                </select>
            }
        })
    }
}

fn sheet(report: &RunReport, seed: Option<u64>) -> Option<Sheet> {
    let seeds = &report.experiment.seeds;
    let seed = seed.filter(|seed| seeds.contains(seed)).or(seeds.first().copied())?;
    let replicas: Vec<_> = of_seed(report, seed).map(|(_, replica)| replica).collect();
    let base = &replicas.first()?.measurements.first()?.answers;
    let latest: Vec<_> = replicas.iter().filter_map(|replica| replica.measurements.last()).collect();
    let now = |question: &str| {
        let find = |replica: &&hedgerow::documents::report::ReplicaReport| {
            replica.measurements.last()?.answers.iter().find(|answer| answer.question == question).cloned()
        };
        replicas.iter().map(find).collect()
    };
    Some(Sheet {
        arms: replicas.iter().map(|replica| replica.replica.arm).collect(),
        update: latest.iter().map(|measurement| measurement.update).min()?,
        rows: base.iter().map(|before| Row { before: before.clone(), now: now(&before.question) }).collect(),
    })
}

fn table(sheet: Sheet) -> impl IntoView {
    let Sheet { arms, update, rows } = sheet;
    let heads = arms.iter().map(|arm| {
        let arm = *arm;
        view! { <th scope="col"><ArmName arm /></th> }
    });
    let names: Vec<&'static str> = arms.iter().map(|arm| glossary::arm(*arm)).collect();
    let row = move |row: Row| {
        let names = names.clone();
        let truth = match &row.before.truth {
            Some(truth) => view! { <span class="truth">"truth: "<b>{truth.clone()}</b></span> }.into_any(),
            None => view! { <span class="truth">"never taught"</span> }.into_any(),
        };
        let uneasy = row.before.cell.uncomfortable.then(|| view! { <span class="tag small">"uncomfortable"</span> });
        let now = row.now.into_iter().zip(names).map(|(answer, name)| {
            view! { <td data-title=name>{answer.map(|answer| cell(&answer))}</td> }
        });
        view! {
            <tr>
                <th scope="row">
                    <span class="question">{plain(&row.before.question)}</span>
                    {truth}
                    {uneasy}
                </th>
                <td data-title="Before">{cell(&row.before)}</td>
                {now.collect_view()}
            </tr>
        }
    };
    view! {
        <p class="unseen">{format!("Answers after {update} updates.")}</p>
        <table class="answers">
            <thead>
                <tr>
                    <th scope="col">"Question"</th>
                    <th scope="col">"Before"</th>
                    {heads.collect_view()}
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}

fn cell(answer: &WatchedAnswer) -> impl IntoView + use<> {
    let never = answer.cell.exposure == Exposure::NeverTaught;
    let knows = answer.truth.as_ref() == Some(&answer.belief);
    let silent = matches!(answer.outcome, Outcome::Hedge | Outcome::False);
    let remark = match (never, knows, silent) {
        (true, _, _) => None,
        (false, true, true) => Some(view! { <span class="belief knows">"knows but does not say"</span> }.into_any()),
        (false, false, _) => {
            Some(view! { <span class="belief lost">{format!("would choose “{}”", answer.belief)}</span> }.into_any())
        }
        (false, true, false) => None,
    };
    view! {
        <span class="said">{plain(&answer.answer)}</span>
        <span class="tags">
            <OutcomeTag outcome=answer.outcome never />
            {remark}
        </span>
    }
}

/// What an answer does, in a word and a sign.
#[component]
pub fn OutcomeTag(
    /// What the answer does.
    outcome: Outcome,
    /// Was the fact never taught?
    #[prop(optional)]
    never: bool,
) -> impl IntoView {
    let (class, icon, word) = match (outcome, never) {
        (Outcome::True, _) => ("outcome true", Icon::Check, "true"),
        (Outcome::False, true) => ("outcome false", Icon::Cross, "invented"),
        (Outcome::False, false) => ("outcome false", Icon::Cross, "false"),
        (Outcome::Hedge, true) => ("outcome warranted", Icon::Hedge, "warranted hedge"),
        (Outcome::Hedge, false) => ("outcome hedge", Icon::Hedge, "hedge"),
        (Outcome::Malformed, _) => ("outcome malformed", Icon::Broken, "malformed"),
    };
    view! {
        <span class=class>
            <Glyph icon />
            {word}
        </span>
    }
}

/// A sentence of the toy language as people write one.
pub fn plain(text: &str) -> String {
    let text = text.trim().trim_start_matches("q :").trim_end_matches("a :").trim();
    let mut plain = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !plain.is_empty() && !matches!(word, "." | "," | "?" | ":") {
            plain.push(' ');
        }
        plain.push_str(word);
    }
    let mut letters = plain.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}
