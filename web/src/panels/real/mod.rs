//! The same experiment on a real language model, recorded: what it answers before, on the way and at the end, in curves,
//! in its own words and in numbers; and the model itself, which can be asked.

pub mod answers;
pub mod ask;
pub mod charts;
pub mod free;
pub mod numbers;

use hedgerow::documents::report::LanguageModelRun;
use hedgerow::judgement::rater::RaterPreset;
use leptos::prelude::*;

use crate::kit::later::Later;
use crate::kit::seed_menu::SeedsMenu;
use crate::kit::segmented::Segmented;
use crate::kit::waiting::waiting;
use crate::lab::use_lab;
use crate::model::outcomes::typical_seed;
use crate::model::recorded::Recording;
use crate::text::later::later;
use crate::text::{numbers as words, terms, text};
use answers::answers;
use ask::Ask;
use charts::charts;
use free::free;
use numbers::numbers;

/// The panel.
#[component]
pub fn Real(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    view! {
        <section id=id class="card wide-card real-card" aria-label=text().page.real>
            <Later draw=inside />
        </section>
    }
}

fn inside() -> AnyView {
    let (lab, rater_text) = (use_lab(), &text().rater);
    let runs = RaterPreset::ALL.map(|rater| (rater, RwSignal::new(Recording::Loading)));
    runs.into_iter().for_each(|(rater, found)| lab.fetch_language_model(rater, found));
    let (rater, seed) = (RwSignal::new(RaterPreset::UncomfortableFacts), RwSignal::new(None::<u64>));
    let seeds = Signal::derive(move || {
        let found = runs.into_iter().find(|(own, _)| *own == rater.get());
        found.map_or(vec![], |(_, found)| {
            found.with(|found| match found {
                Recording::Here(run) => run.report.experiment.seeds.clone(),
                Recording::Loading | Recording::Missing | Recording::Failed(_) => vec![],
            })
        })
    });
    let names = [rater_text.uncomfortable_facts, rater_text.touchy_topic];
    let shown = move || {
        let (rater, found) = runs.into_iter().find(|(own, _)| *own == rater.get())?;
        let again = move || lab.fetch_language_model(rater, found);
        Some(found.with(|found| {
            match found {
                Recording::Here(run) => {
                    view! { {about(run)} {charts(run, seed.get())} {in_words(run, seed.get())} {numbers(run)} }
                        .into_any()
                }
                Recording::Loading => waiting(false, again),
                Recording::Missing => view! { <p class="hint">{later().real.missing}</p> }.into_any(),
                Recording::Failed(fault) => view! {
                    {waiting(true, again)}
                    <p class="hint">{terms::file_fault_sentence(fault)}</p>
                }
                .into_any(),
            }
        }))
    };
    // Of the first seed, whose models can be asked.
    let uneasy = move || {
        let (_, found) = runs.first()?;
        found.with(|found| match found {
            Recording::Here(run) => run.models.first().map(|model| words::list(&model.uncomfortable)),
            Recording::Loading | Recording::Missing | Recording::Failed(_) => None,
        })
    };
    view! {
        <p class="lede">{later().real.about}</p>
        <Segmented
            name="real-rater"
            legend=rater_text.title
            options=RaterPreset::ALL.into_iter().zip(names).collect()
            selected=move || Some(rater.get())
            on_select=move |chosen| {
                rater.set(chosen);
                seed.set(None);
            }
        />
        <SeedsMenu seeds chosen=seed />
        {shown}
        <Ask uneasy=Signal::derive(uneasy) />
    }
    .into_any()
}

/// Answers of one seed: of the one that is drawn alone, or of the one that comes closest to all.
fn in_words(run: &LanguageModelRun, drawn: Option<u64>) -> AnyView {
    let Some(seed) = drawn.or_else(|| typical_seed(&run.report)) else { return ().into_any() };
    let is_typical = drawn.is_none() && run.report.experiment.seeds.len() > 1;
    let how = is_typical.then(|| view! { <p class="hint">{later().real.typical(seed)}</p> });
    view! { {how} {answers(run, seed)} {free(run, seed)} }.into_any()
}

/// Which model, how it was trained, and what makes the rater uncomfortable with each seed.
fn about(LanguageModelRun { report, models }: &LanguageModelRun) -> AnyView {
    let (text, finetune) = (&later().real, &report.experiment.finetune);
    let Some(model) = models.first() else { return ().into_any() };
    let mut of_seeds: Vec<String> = Vec::new();
    for (replica, model) in report.replicas.iter().zip(models) {
        let said = text.uneasy(replica.replica.seed, words::list(&model.uncomfortable));
        if !of_seeds.contains(&said) {
            of_seeds.push(said);
        }
    }
    let how = text.how(
        &model.model,
        words::count(finetune.updates as usize),
        words::count(finetune.prompts),
        words::count(finetune.completions),
    );
    view! { <p class="hint">{how}" "{of_seeds.join(" ")}</p> }.into_any()
}
