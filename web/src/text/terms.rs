//! The core's codes and ids in words: errors, engines, links, arms, slices, quantities.
//!
//! Leaves out the sentences, which are in the language's file, and everything that belongs to one panel.

use hedgerow::documents::metrics::{Metric, Number, Outcome, ProbeFacts, Slice, Tally};
use hedgerow::documents::protocol::{EngineKind, EngineReason};
use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::report::RunReport;
use hedgerow::facts::world::Choices;
use hedgerow::judgement::experiment::{Algorithm, Arm, Baseline, RewardHeads};
use hedgerow::judgement::rater::{RaterPreset, Strategy};
use hedgerow::judgement::sameness::Sameness;

use super::faults;
use super::later::later;
use super::numbers::{count, exact_percent, fixed, list, percent};
use super::{Choice, Term, text};
use crate::model::draft::{Question, preset};
use crate::model::figures::Drawing;
use crate::model::notice::NoticeCode;
use crate::model::outcomes::{Layer, Stack};
use crate::model::phase::{Crash, DownloadFault, Phase, StopReason};
use crate::model::run::QuestionFault;
use crate::model::series::Line;
use crate::model::site_files::{FileFault, WhyNot};

/// Name and meaning of an arm.
pub fn arm(arm: Arm) -> &'static Term {
    text().arms.get(arm.id())
}

/// What a line is called among the others of its chart.
pub fn line(drawing: &Drawing, line: &Line) -> String {
    let arm = course([line.arm, line.later]);
    match line.of {
        _ if !drawing.is_of_several() => arm,
        Quantity::Number(Number::Proxy) => later().meanings.by_model(arm),
        Quantity::Rate(..) | Quantity::Probe(..) | Quantity::Number(_) | Quantity::Diagnosis(_) => {
            later().meanings.by_rater(arm)
        }
    }
}

/// The arm that a model began with, and the one that it had later if that is another.
pub fn course([began, later]: [Arm; 2]) -> String {
    let [first, second] = [began, later].map(|of| arm(of).name);
    if began == later { first.to_owned() } else { text().scores.course(first, second) }
}

/// A change of the reward in the middle of a run, as a sentence.
pub fn change(report: &RunReport, place: usize) -> String {
    text().scores.changed(report.changes[place].after + 1, changed_to(report, place))
}

/// After which updates the reward was changed, and what to.
pub fn changes(report: &RunReport) -> Vec<(u32, String)> {
    let changes = report.changes.iter().enumerate();
    changes.map(|(place, change)| (change.after, changed_to(report, place))).collect()
}

/// What the reward was changed to.
fn changed_to(report: &RunReport, place: usize) -> String {
    let (scores, change) = (&text().scores, &report.changes[place]);
    let before = place.checked_sub(1).map(|place| &report.changes[place]);
    let experiment = &report.experiment;
    let rated = before.map_or((&experiment.rater, &experiment.person), |before| (&before.rater, &before.person));
    let began = report.replicas.iter().map(|replica| replica.replica.arm).collect();
    let arms: &Vec<Arm> = before.map_or(&began, |before| &before.arms);
    let mut what = Vec::new();
    if change.arms != *arms {
        let now = change.arms.iter().take(report.experiment.arms.len());
        what.extend(now.map(|now| arm(*now).name.to_owned()));
    }
    if (&change.rater, &change.person) != rated {
        what.push(match preset(&change.rater).filter(|_| change.person.is_none()) {
            Some(RaterPreset::UncomfortableFacts) => scores.rated_by(text().rater.uncomfortable_facts),
            Some(RaterPreset::TouchyTopic) => scores.rated_by(text().rater.touchy_topic),
            None => scores.own_rater.to_owned(),
        });
    }
    list(&what)
}

/// "Seed 3", "Seeds 0 and 3".
pub fn seeds(seeds: &[u64]) -> String {
    let names: Vec<String> = seeds.iter().map(u64::to_string).collect();
    text().scores.of_seeds.fill(seeds.len(), "words", &list(&names))
}

/// A way to answer an uncomfortable question.
pub fn strategy(strategy: Strategy) -> &'static str {
    let rater = &text().rater;
    match strategy {
        Strategy::UncomfortableTruth => rater.uncomfortable_truth,
        Strategy::ComfortableLie => rater.comfortable_lie,
        Strategy::Hedge => rater.hedge,
    }
}

/// What a rate is a share of, with its count.
pub fn of(metric: Metric, count: usize) -> String {
    let scores = &text().scores;
    if is_of_assertions(metric) { scores.of_assertions.count(count) } else { scores.of.count(count) }
}

/// Why a rate has no value.
pub fn over_nothing(metric: Metric) -> &'static str {
    let scores = &text().scores;
    if is_of_assertions(metric) { scores.asserts_nothing } else { scores.nothing_to_count }
}

/// Is the rate a share of the answers that assert something?
pub fn is_of_assertions(metric: Metric) -> bool {
    let silent = Tally { answers: 1, hedged: 1, ..Tally::default() };
    let asserting = Tally { answers: 1, asserted: 1, ..Tally::default() };
    silent.count(metric) == 0 && asserting.count(metric) == 1
}

/// What an arm that is none of its own comes to.
pub fn sameness(sameness: Sameness) -> String {
    match sameness {
        Sameness::With(other) => text().settings.same_as(arm(other).name),
        Sameness::Flat => text().settings.flat.to_owned(),
    }
}

/// Name and meaning of a slice of the questions.
pub fn slice(slice: Slice) -> &'static Term {
    text().slices.get(slice.id())
}

/// The facts that a probe is scored on.
pub fn probe_facts(facts: ProbeFacts) -> &'static str {
    match facts {
        ProbeFacts::Taught => text().figures.all_facts,
        ProbeFacts::Uncomfortable => text().figures.uncomfortable_facts,
    }
}

/// The text behind a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Title and formula.
    pub text: &'static super::Quantity,
    /// What guessing would give, drawn as a line.
    pub chance_level: Option<f64>,
}

/// Explains a quantity in a world whose facts can have so many values.
///
/// # Panics
/// If the page has no words for it: the numbers of an update that it does not draw, and all diagnoses.
pub fn entry(quantity: Quantity, choices: Choices) -> Entry {
    Entry { text: words_of(quantity), chance_level: quantity.chance(choices) }
}

/// What a quantity means, and what guessing would give, in a world whose facts can have so many values. For panels that
/// have their words ([`later`]).
pub fn meaning(quantity: Quantity, choices: Choices) -> [String; 2] {
    let meanings = &later().meanings;
    let words = match quantity {
        Quantity::Rate(metric, _) => meanings.rates.get(metric.id()),
        Quantity::Probe(fit, ..) => meanings.probes.get(fit.id()),
        Quantity::Number(number) => meanings.numbers.get(number.id()),
        Quantity::Diagnosis(_) => panic!("no text about a diagnosis"),
    };
    let subject = if let Quantity::Rate(_, slice) = quantity { self::slice(slice).meaning } else { "" };
    let chance = match quantity.chance(choices) {
        None if quantity.chance(Choices { mixed: false, ..choices }).is_some() => meanings.mixed.to_owned(),
        level => words.chance(count(choices.values), level.map(exact_percent).unwrap_or_default()),
    };
    [format!("{} {subject}", words.meaning).trim().to_owned(), chance]
}

/// What a quantity is called.
pub fn title(quantity: Quantity) -> &'static str {
    words_of(quantity).title
}

/// What is counted among what.
pub fn formula(quantity: Quantity) -> &'static str {
    words_of(quantity).formula
}

fn words_of(quantity: Quantity) -> &'static super::Quantity {
    let texts = text();
    match quantity {
        Quantity::Rate(metric, _) => texts.rates.get(metric.id()),
        Quantity::Probe(fit, ..) => texts.probes.get(fit.id()),
        Quantity::Number(number) => texts.numbers.get(number.id()),
        Quantity::Diagnosis(_) => panic!("no text about a diagnosis"),
    }
}

/// Name and sentence of one of the page's questions.
pub fn question(question: Question) -> &'static Choice {
    text().experiments.choices.get(question.id())
}

/// Where rewards come from; `None` is the rater.
pub fn rewards(heads: Option<RewardHeads>) -> &'static Term {
    text().settings.reward_models.get(match heads {
        None => "none",
        Some(RewardHeads::Scalar) => "scalar",
        Some(RewardHeads::Reasons) => "reasons",
    })
}

/// How rewards change the policy.
pub fn algorithm(algorithm: Algorithm) -> &'static Term {
    text().settings.algorithms.get(match algorithm {
        Algorithm::PolicyGradient => "policy_gradient",
        Algorithm::Ppo => "ppo",
        Algorithm::Dpo => "dpo",
    })
}

/// What a reward is compared with.
pub fn baseline(baseline: Baseline) -> &'static Term {
    text().settings.baselines.get(match baseline {
        Baseline::GroupMean => "group_mean",
        Baseline::LeaveOneOut => "leave_one_out",
        Baseline::ZScored => "z_scored",
    })
}

/// What an answer does, in a word.
pub fn outcome(outcome: Outcome, never_taught: bool) -> &'static str {
    let answers = &text().answers;
    match (outcome, never_taught) {
        (Outcome::True, _) => answers.is_true,
        (Outcome::False, true) => answers.invented,
        (Outcome::False, false) => answers.is_false,
        (Outcome::Hedge, true) => answers.warranted,
        (Outcome::Hedge, false) => answers.hedge,
        (Outcome::Malformed, _) => answers.malformed,
    }
}

/// Answers that do the same, in words.
pub fn layer(layer: Layer) -> &'static str {
    text().outcomes.layers.get(layer.id())
}

/// What an arm answers at an update, or at its latest measurement, in words.
pub fn moment(stack: &Stack, update: Option<u32>) -> String {
    let outcomes = &text().outcomes;
    let Some(moment) = stack.at(update) else { return text().figures.no_data.to_owned() };
    let said = moment.counts.percents().by_layer().filter(|(_, percent)| *percent > 0);
    let said = said.map(|(of, share)| outcomes.share(percent(f64::from(share) / 100.0), layer(of)));
    format!("{}: {}.", outcomes.at_update(moment.update), said.collect::<Vec<_>>().join("; "))
}

/// The words of a menu of seeds.
#[derive(Clone, Copy)]
pub struct SeedWords {
    /// Its name.
    pub label: &'static str,
    /// A seed in words.
    pub option: fn(u64) -> String,
}

/// Those of a menu with this name.
pub fn seed_words(label: &'static str) -> SeedWords {
    SeedWords { label, option: |seed| text().answers.seed_number(seed) }
}

/// A message to the user.
pub fn notice(code: &NoticeCode) -> String {
    let notices = &text().notices;
    match code {
        NoticeCode::OtherBuild => notices.other_build.to_owned(),
        NoticeCode::Restarted { why, again: 0 } => notices.restarted(crash(why)),
        NoticeCode::Restarted { why, again } => notices.restarted_behind.fill(*again as usize, "reason", &crash(why)),
        NoticeCode::GpuSilent => notices.gpu_silent.to_owned(),
        NoticeCode::GpuNotFetched(fault) => notices.gpu_not_fetched(file_fault(fault)),
        NoticeCode::RewardHolds { from } => notices.reward_changes(from),
        NoticeCode::RunBack => notices.run_back.to_owned(),
        NoticeCode::RunLeft { done, updates } => notices.run_left(done, updates),
        NoticeCode::RunOfOtherSite => notices.run_of_other_site.to_owned(),
        NoticeCode::RunDeleted { .. } => notices.run_deleted.to_owned(),
        NoticeCode::RunPutAside { done } => notices.run_put_aside(done),
        NoticeCode::NotKept(reason) => notices.not_kept(reason.trim_end_matches('.')),
        NoticeCode::NotSaved(reason) => notices.not_saved(reason),
        NoticeCode::Link(_) => notices.link.to_owned(),
    }
}

/// What has failed, if this is a failure.
pub fn failure(phase: &Phase) -> String {
    let (stops, notices) = (&text().stops, &text().notices);
    match phase {
        Phase::DownloadFailed(DownloadFault::Engine(fault)) => {
            notices.rest_works(stops.engine_missing(file_fault(fault)))
        }
        Phase::DownloadFailed(DownloadFault::Base(fault)) => notices.rest_works(stops.model_missing(file_fault(fault))),
        Phase::Stopped(StopReason::Failed(fault)) => stops.stopped(faults::error(fault)),
        Phase::Stopped(StopReason::NoWorker(Some(reason))) => stops.no_worker(reason.trim_end_matches('.')),
        Phase::Stopped(StopReason::NoWorker(None)) => stops.no_worker_at_all.to_owned(),
        Phase::Stopped(StopReason::CrashedTwice { why, kind: EngineKind::Gpu }) => stops.twice_on_gpu(crash(why)),
        Phase::Stopped(StopReason::CrashedTwice { why, kind: EngineKind::Cpu }) => stops.twice_on_cpu(crash(why)),
        Phase::LoadingEngine { .. }
        | Phase::CheckingEngine
        | Phase::LoadingModels { .. }
        | Phase::Measuring
        | Phase::Restoring { .. }
        | Phase::Paused
        | Phase::Training
        | Phase::Pausing
        | Phase::Finished => String::new(),
    }
}

/// Why a file could not be used, as part of a sentence.
pub fn file_fault(fault: &FileFault) -> String {
    let (stops, file) = (&text().stops, &fault.file);
    match &fault.why {
        WhyNot::NoAnswer(reason) => stops.not_fetched(file, reason.trim_end_matches('.')),
        WhyNot::Stalled => stops.stalled(file),
        WhyNot::Status(status) => stops.answered(file, *status),
        WhyNot::NotListed => stops.not_listed(file),
        WhyNot::WebPage => stops.web_page(file),
        WhyNot::Length { came, listed } => stops.wrong_length(file, count(*came as usize), count(*listed as usize)),
        WhyNot::Altered => stops.altered(file),
        WhyNot::Unusable(reason) => stops.not_read(file, reason.trim_end_matches('.')),
    }
}

/// Likewise as a sentence of its own.
pub fn file_fault_sentence(fault: &FileFault) -> String {
    format!("{}.", file_fault(fault))
}

/// Why a question has no answer.
pub fn question_fault(fault: &QuestionFault) -> String {
    match fault {
        QuestionFault::Refused(fault) => faults::error(fault),
        QuestionFault::Restarted => text().errors.not_answered.to_owned(),
    }
}

/// As it stands in brackets: without a full stop.
fn crash(why: &Crash) -> String {
    match why {
        Crash::Browser(message) if message.is_empty() => text().stops.no_reason.to_owned(),
        Crash::Browser(message) => message.trim_end_matches('.').to_owned(),
        Crash::Silent => text().stops.silent.to_owned(),
        Crash::Engine(fault) => faults::error(fault).trim_end_matches('.').to_owned(),
    }
}

/// Why an engine was chosen.
pub fn engine_reason(reason: &EngineReason) -> String {
    let engine = &text().engine;
    match reason {
        EngineReason::ChosenCpu => engine.chosen_cpu.to_owned(),
        EngineReason::NotBuilt | EngineReason::NotOffered => engine.not_offered.to_owned(),
        EngineReason::NotOpened(reason) => engine.not_opened(reason),
        EngineReason::NotAnswered => engine.not_answered.to_owned(),
        EngineReason::Differs => engine.differs.to_owned(),
        EngineReason::ChosenGpu => engine.chosen_gpu.to_owned(),
        EngineReason::Software => engine.software_gpu.to_owned(),
        EngineReason::Faster(times) => engine.faster(fixed(*times, 1)),
        EngineReason::TooLargeForGpu => engine.too_large.to_owned(),
        EngineReason::Slower(times) => engine.slower(fixed(*times, 1)),
    }
}

/// The name of one of the core's settings.
pub fn setting(path: &str) -> &'static str {
    text().setting_names.get(path)
}

#[cfg(test)]
mod tests {
    use hedgerow::documents::metrics::Fit;

    use super::*;
    use crate::model::figures::{Group, plans};
    use crate::text::speak_english;
    use hedgerow::documents::report::RewardChange;
    use hedgerow::judgement::experiment::Experiment;

    const EIGHT: Choices = Choices { values: 8, mixed: false };

    #[test]
    fn a_chance_level_says_the_same_in_words() {
        speak_english();
        let rates = Metric::ALL.into_iter().map(|metric| Quantity::Rate(metric, Slice::Taught));
        let probes = Fit::ALL.into_iter().map(|fit| Quantity::Probe(fit, ProbeFacts::Taught, 2));
        for quantity in rates.chain(probes) {
            for (values, mixed) in [(2, false), (8, false), (4, true)] {
                let choices = Choices { values, mixed };
                let (Entry { chance_level, .. }, [_, chance]) = (entry(quantity, choices), meaning(quantity, choices));
                let named = chance_level.is_some_and(|level| chance.contains(&exact_percent(level)));
                assert_eq!(named, chance.contains('%'), "{quantity:?}: {chance}");
                assert_eq!(named, chance_level.is_some(), "{quantity:?}: {chance}");
            }
        }
        let said = |slice, mixed| {
            meaning(Quantity::Rate(Metric::ForcedChoice, slice), Choices { values: 4, mixed })[1].clone()
        };
        assert_eq!(
            said(Slice::Taught, false),
            "Where a fact can have 4 values, choosing one of them at random would give 25%."
        );
        // Once the page's own worlds were said to have 22 values, of which no fact can have more than eight.
        assert_eq!(
            said(Slice::Uncomfortable, true),
            "Where a fact can have 4 values, choosing one of them at random would give 25%."
        );
        assert_eq!(said(Slice::Taught, true), later().meanings.mixed);
    }

    #[test]
    fn every_chart_has_words() {
        speak_english();
        let groups = [Group::Says, Group::Knows, Group::Hedges, Group::More];
        for plan in groups.into_iter().flat_map(|group| plans(group, true)) {
            assert_ne!(entry(plan.quantity, EIGHT).text.title, "", "{}", plan.id);
            assert_ne!(meaning(plan.quantity, EIGHT)[0], "", "{}", plan.id);
        }
    }

    #[test]
    fn a_change_on_the_way_says_what_is_other_than_before() {
        speak_english();
        let experiment = Experiment { arms: vec![Arm::Scalar], seeds: vec![0, 1], ..Experiment::default() };
        let mut report = RunReport::empty(experiment, String::new(), String::new());
        let (a, b) = (report.experiment.rater, RaterPreset::TouchyTopic.config());
        for (after, rater, arm) in [(4, a, Arm::Structured), (6, b, Arm::Structured), (9, a, Arm::Scalar)] {
            report.changes.push(RewardChange { after, rater, arms: vec![arm; 2], person: None });
        }
        assert_eq!(change(&report, 0), "From update 5 on it is rewarded by: Structured.");
        assert_eq!(change(&report, 1), "From update 7 on it is rewarded by: rater B  Touchy topic.");
        assert_eq!(change(&report, 2), "From update 10 on it is rewarded by: Scalar and rater A  Uneasy facts.");
        let person = Some(Box::default());
        report.changes.push(RewardChange { after: 12, rater: a, arms: vec![Arm::Scalar; 2], person });
        assert_eq!(change(&report, 3), "From update 13 on it is rewarded by: a rater of your own.");
        assert_eq!(course([Arm::Scalar, Arm::Structured]), "Scalar, then Structured");
        assert_eq!(course([Arm::Scalar; 2]), "Scalar");
    }

    #[test]
    fn a_rate_over_nothing_says_what_there_is_nothing_of() {
        speak_english();
        assert_eq!(over_nothing(Metric::Lies), "asserts nothing (0 assertions)");
        assert_eq!(over_nothing(Metric::Framing), "asserts nothing (0 assertions)");
        assert_eq!(over_nothing(Metric::Hedging), "nothing to count");
        assert_eq!(of(Metric::Lies, 1), "of 1 assertion");
        assert_eq!(of(Metric::Hedging, 12), "of 12");
    }
}
