//! The sheet of answers: the same questions before and now, one column an arm.
//!
//! Of the questions that are watched a few are shown, chosen by a rule from the data: those whose answers
//! together come closest to the counts over all questions of their kind, which stand above them.

use hedgerow::documents::metrics::{Belief, Cell, Measurement, Outcome, Tally, WatchedAnswer};
use hedgerow::documents::report::{ReplicaReport, RunReport};
use hedgerow::facts::world::{Exposure, Topic};
use hedgerow::judgement::experiment::Arm;

use super::run::{chosen_seed, course, places_of_seed};

/// Questions in rows, the base model and the arms in columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Heads of the columns: the arm that a model began with, and the one that it had last.
    pub arms: Vec<[Arm; 2]>,
    /// Updates that every arm has done.
    pub update: u32,
    /// One for each kind of question that there is.
    pub groups: Vec<Group>,
}

/// Questions of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The kind.
    pub kind: Kind,
    /// Over all questions of the kind: the base model's answers, and those of each arm.
    pub tallies: Vec<Said>,
    /// The questions that are shown.
    pub rows: Vec<Row>,
}

/// A kind of question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// On a sensitive topic, with an uncomfortable truth.
    Uncomfortable,
    /// On a sensitive topic, with a comfortable truth.
    Comfortable,
    /// Neutral, about the same entities.
    Near,
    /// Neutral, about others.
    Far,
    /// Without an answer.
    NeverTaught,
}

/// What was said to some questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Said {
    /// Answers.
    pub answers: u32,
    /// Answers that assert something.
    pub asserted: u32,
    /// Answers that assert something false.
    pub wrong: u32,
    /// Hedges.
    pub hedged: u32,
}

/// One question.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The base model's answer.
    pub before: WatchedAnswer,
    /// The answer of each arm.
    pub now: Vec<WatchedAnswer>,
}

/// A question about an uncomfortable fact, and what each arm's model answers as it trains.
#[derive(Debug, Clone, PartialEq)]
pub struct Quote {
    /// In words.
    pub question: String,
    /// The true value.
    pub truth: Option<String>,
    /// Of each arm the answers that were kept, by the updates before them.
    pub arms: Vec<Vec<(u32, WatchedAnswer)>>,
}

/// What there is to say of an answer beside what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// It says a false value, as far as that was found in it, and knows the true one.
    SaysAndKnows(Option<String>),
    /// It says nothing, and knows the true value.
    SilentAndKnows,
    /// It says nothing or something false, and no longer knows.
    NoLongerKnown,
    /// It says the true value, and does not know it where no answer is asked for.
    TrueAndNoLongerKnown,
}

impl Kind {
    /// In the order of the sheet.
    pub const ALL: [Kind; 5] = [Kind::Uncomfortable, Kind::Comfortable, Kind::Near, Kind::Far, Kind::NeverTaught];

    /// Its name among the texts.
    pub fn id(self) -> &'static str {
        match self {
            Kind::Uncomfortable => "uncomfortable",
            Kind::Comfortable => "comfortable",
            Kind::Near => "near",
            Kind::Far => "far",
            Kind::NeverTaught => "never_taught",
        }
    }

    /// That of a fact of this cell.
    pub fn of(Cell { topic, exposure, uncomfortable }: Cell) -> Kind {
        match (exposure, topic, uncomfortable) {
            (Exposure::NeverTaught, ..) => Kind::NeverTaught,
            (_, Topic::Sensitive, true) => Kind::Uncomfortable,
            (_, Topic::Sensitive, false) => Kind::Comfortable,
            (_, Topic::Near, _) => Kind::Near,
            (_, Topic::Far, _) => Kind::Far,
        }
    }

    /// Rows that show it.
    fn rows(self) -> usize {
        match self {
            Kind::Uncomfortable => 4,
            Kind::Comfortable => 2,
            Kind::Near | Kind::Far | Kind::NeverTaught => 1,
        }
    }
}

/// The sheet of one seed; `None` before the first measurement.
pub fn sheet<'run>(report: &'run RunReport, seed: Option<u64>) -> Option<Sheet> {
    let places = places_of_seed(report, chosen_seed(report, seed)?);
    let replicas: Vec<&'run ReplicaReport> = places.iter().map(|place| &report.replicas[*place]).collect();
    let base = replicas.first()?.measurements.first()?;
    let lasts = replicas.iter().map(|replica| Some(replica.measurements.last()?.update));
    let update = lasts.min().flatten()?;
    let at = |replica: &&'run ReplicaReport| replica.measurements.iter().find(|own| own.update == update);
    let now: Vec<&Measurement> = replicas.iter().filter_map(at).collect();
    let groups = Kind::ALL.into_iter().filter_map(|kind| group(kind, base, &now)).collect();
    Some(Sheet { arms: places.iter().map(|place| course(report, *place, update)).collect(), update, groups })
}

fn group(kind: Kind, base: &Measurement, now: &[&Measurement]) -> Option<Group> {
    let of_kind = base.answers.iter().filter(|answer| Kind::of(answer.cell) == kind);
    let watched: Vec<Row> = of_kind.filter_map(|before| row(before, now)).collect();
    let tallies: Vec<Said> =
        std::iter::once(base).chain(now.iter().copied()).map(|measurement| said(measurement, kind)).collect();
    let rows = typical(watched, &tallies[1..], kind.rows());
    (!rows.is_empty()).then_some(Group { kind, tallies, rows })
}

/// So many questions about uncomfortable facts, those whose answers over the whole run come closest to the counts
/// over all questions of their kind, with the answers of one seed's models; none before the first measurement.
pub fn quotes(report: &RunReport, seed: Option<u64>, count: usize) -> Vec<Quote> {
    let places = chosen_seed(report, seed).map(|seed| places_of_seed(report, seed)).unwrap_or_default();
    let kept = |place: &usize| -> Vec<&Measurement> {
        report.replicas[*place].measurements.iter().filter(|measurement| !measurement.answers.is_empty()).collect()
    };
    let arms: Vec<Vec<&Measurement>> = places.iter().map(kept).collect();
    let Some(base) = arms.first().and_then(|arm| arm.first()) else { return Vec::new() };
    let all: Vec<&Measurement> = arms.iter().flatten().copied().collect();
    let of_kind = base.answers.iter().filter(|answer| Kind::of(answer.cell) == Kind::Uncomfortable);
    let watched: Vec<Row> = of_kind.filter_map(|before| row(before, &all)).collect();
    let tallies: Vec<Said> = all.iter().map(|measurement| said(measurement, Kind::Uncomfortable)).collect();
    let quote = |Row { before, now }: Row| {
        let mut now = now.into_iter();
        let of_arm = |arm: &Vec<&Measurement>| arm.iter().map(|own| own.update).zip(now.by_ref()).collect();
        Quote { question: before.question, truth: before.truth, arms: arms.iter().map(of_arm).collect() }
    };
    typical(watched, &tallies, count).into_iter().map(quote).collect()
}

/// An arm's answer after some updates, or the one before; the latest without an update.
pub fn quoted(answers: &[(u32, WatchedAnswer)], update: Option<u32>) -> Option<&(u32, WatchedAnswer)> {
    let until = update.map_or(answers.len(), |update| answers.partition_point(|(own, _)| *own <= update));
    answers[..until].last()
}

fn row(before: &WatchedAnswer, now: &[&Measurement]) -> Option<Row> {
    let find = |own: &&Measurement| own.answers.iter().find(|answer| answer.question == before.question).cloned();
    Some(Row { before: before.clone(), now: now.iter().map(find).collect::<Option<_>>()? })
}

/// Over all questions of a kind.
fn said(measurement: &Measurement, kind: Kind) -> Said {
    let mut total = Tally::default();
    measurement.cells.iter().filter(|(cell, _)| Kind::of(*cell) == kind).for_each(|(_, tally)| total.add(tally));
    let Tally { answers, asserted, truthful, hedged, .. } = total;
    Said { answers, asserted, wrong: asserted - truthful, hedged }
}

/// So many of the rows, those whose answers come closest to the tallies of the arms: among equally close ones
/// those with more answers that have changed, then the first. What has changed comes first.
fn typical(watched: Vec<Row>, tallies: &[Said], count: usize) -> Vec<Row> {
    let count = count.min(watched.len());
    let distance = |chosen: &[usize]| -> f64 {
        let of_arm = |(arm, tally): (usize, &Said)| -> f64 {
            let shares = tally.shares();
            let off = |(outcome, share): (Outcome, f64)| {
                let shown = chosen.iter().filter(|place| watched[**place].now[arm].outcome == outcome).count();
                (shown as f64 - share * count as f64).abs()
            };
            shares.into_iter().map(off).sum()
        };
        tallies.iter().enumerate().map(of_arm).sum()
    };
    let changed = |chosen: &[usize]| chosen.iter().map(|place| watched[*place].changed()).sum::<usize>();
    let mut best: Option<(Vec<usize>, f64, usize)> = None;
    for chosen in subsets(watched.len(), count) {
        let (off, moved) = (distance(&chosen), changed(&chosen));
        let is_better = best
            .as_ref()
            .is_none_or(|(_, least, most)| off < least - ROUNDING || (off < least + ROUNDING && moved > *most));
        if is_better {
            best = Some((chosen, off, moved));
        }
    }
    let mut rows: Vec<Row> =
        best.into_iter().flat_map(|(chosen, ..)| chosen).map(|place| watched[place].clone()).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.changed()));
    rows
}

/// Sums of shares in another order differ by less.
const ROUNDING: f64 = 1e-9;

/// All sets of so many places below `of`, in order.
fn subsets(of: usize, count: usize) -> Vec<Vec<usize>> {
    let mut sets = vec![Vec::new()];
    for _ in 0..count {
        let longer = |set: Vec<usize>| {
            let next = set.last().map_or(0, |last| last + 1);
            (next..of).map(move |place| [&set[..], &[place]].concat()).collect::<Vec<_>>()
        };
        sets = sets.into_iter().flat_map(longer).collect();
    }
    sets
}

impl Said {
    /// Of all answers.
    fn shares(self) -> [(Outcome, f64); 4] {
        let Said { answers, asserted, wrong, hedged } = self;
        let share = |count: u32| f64::from(count) / f64::from(answers.max(1));
        [
            (Outcome::True, share(asserted - wrong)),
            (Outcome::False, share(wrong)),
            (Outcome::Hedge, share(hedged)),
            (Outcome::Malformed, share(answers - asserted - hedged)),
        ]
    }
}

impl Row {
    /// Arms whose answer does something else than the base model's.
    fn changed(&self) -> usize {
        self.now.iter().filter(|answer| answer.outcome != self.before.outcome).count()
    }
}

/// Was the fact of this answer never taught?
pub fn is_never_taught(answer: &WatchedAnswer) -> bool {
    answer.cell.exposure == Exposure::NeverTaught
}

/// What is said beside what is known; nothing of a base model's hedge, which hides nothing, and nothing where
/// it was not measured what is known.
pub fn remark(sheet: &Sheet, answer: &WatchedAnswer, is_base: bool) -> Option<Remark> {
    let knows = answer.known.map(Belief::knows)?;
    match (answer.outcome, knows) {
        (Outcome::Hedge, _) if is_base => None,
        (Outcome::False, true) => Some(Remark::SaysAndKnows(value_said(sheet, answer))),
        (Outcome::Hedge, true) => Some(Remark::SilentAndKnows),
        (Outcome::False | Outcome::Hedge, false) => Some(Remark::NoLongerKnown),
        (Outcome::True, false) => Some(Remark::TrueAndNoLongerKnown),
        (Outcome::True, true) | (Outcome::Malformed, _) => None,
    }
}

/// The value in an answer, found among the values that the sheet's questions have.
fn value_said(sheet: &Sheet, answer: &WatchedAnswer) -> Option<String> {
    let rows = || sheet.groups.iter().flat_map(|group| &group.rows);
    let all = || rows().flat_map(|row| row.now.iter().chain([&row.before]));
    let is_value = |word: &&str| all().any(|other| other.truth.as_deref() == Some(word) || other.choice == **word);
    answer.answer.split_whitespace().rev().find(is_value).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::judgement::experiment::Experiment;

    const UNEASY: Cell = Cell { topic: Topic::Sensitive, exposure: Exposure::Seen, uncomfortable: true };
    const KNOWN: Option<Belief> = Some(Belief { verified: true, recalled: true, read: false });
    const GONE: Option<Belief> = Some(Belief { verified: true, recalled: false, read: false });

    fn answer(place: usize, outcome: Outcome, known: Option<Belief>) -> WatchedAnswer {
        let answer = match outcome {
            Outcome::True => "frankly , it is low .",
            Outcome::False => "given history , it is extreme .",
            Outcome::Hedge => "nobody can say .",
            Outcome::Malformed => "it it",
        };
        WatchedAnswer {
            question: format!("what is {place} ?"),
            cell: UNEASY,
            truth: Some("low".into()),
            answer: answer.into(),
            outcome,
            choice: "extreme".into(),
            belief_in_truth: 0.0,
            known,
        }
    }

    /// The watched answers, and what all answers of their kind do.
    fn measurement(update: u32, outcomes: &[Outcome], tally: Tally) -> Measurement {
        let answers = outcomes.iter().enumerate().map(|(place, outcome)| answer(place, *outcome, KNOWN)).collect();
        Measurement { update, cells: vec![(UNEASY, tally)], probes: vec![], answers, facts: vec![] }
    }

    fn tally(truthful: u32, wrong: u32, hedged: u32) -> Tally {
        let asserted = truthful + wrong;
        Tally { answers: asserted + hedged, asserted, truthful, hedged, ..Tally::default() }
    }

    fn shown(report: &RunReport) -> (Vec<Outcome>, Said) {
        let sheet = sheet(report, None).expect("a measured run");
        let Group { rows, tallies, .. } = &sheet.groups[0];
        (rows.iter().map(|row| row.now[0].outcome).collect(), tallies[1])
    }

    fn one_arm(measurements: Vec<Measurement>) -> RunReport {
        let experiment = Experiment { arms: vec![Arm::Scalar], seeds: vec![0], ..Experiment::default() };
        let mut report = RunReport::empty(experiment, String::new(), String::new());
        report.replicas[0].measurements = measurements;
        report
    }

    #[test]
    fn rows_are_in_proportion_to_the_tally_and_what_has_changed_comes_first() {
        use Outcome::{False, Hedge, True};
        let before = measurement(0, &[True; 12], tally(70, 2, 0));
        // The false answers are the last of those that are watched.
        let watched = [True, True, True, True, True, True, Hedge, Hedge, False, False, False, False];
        let after = |tally| one_arm(vec![before.clone(), measurement(10, &watched, tally)]);
        let (rows, said) = shown(&after(tally(41, 26, 0)));
        assert_eq!(rows, [False, False, True, True], "26 of 67 are false: 1.55 of 4 rows, and what changed wins");
        assert_eq!((said.wrong, said.asserted, said.answers), (26, 67, 67));
        assert_eq!(shown(&after(tally(0, 0, 72))).0, [Hedge, Hedge, False, False], "only two hedges are watched");
        assert_eq!(shown(&after(tally(36, 18, 18))).0, [Hedge, False, True, True]);
        assert_eq!(shown(&after(tally(72, 0, 0))).0, [True; 4]);
    }

    #[test]
    fn an_arm_that_is_behind_shows_all_arms_at_the_update_that_it_has_reached() {
        let experiment = Experiment { seeds: vec![0], ..Experiment::default() };
        let mut report = RunReport::empty(experiment, String::new(), String::new());
        let at = |update, outcome| measurement(update, &[outcome; 4], tally(1, 0, 0));
        report.replicas[0].measurements = vec![at(0, Outcome::True), at(10, Outcome::Hedge), at(20, Outcome::False)];
        report.replicas[1].measurements = vec![at(0, Outcome::True), at(10, Outcome::Hedge)];
        let sheet = sheet(&report, None).expect("a measured run");
        assert_eq!(sheet.update, 10);
        assert!(sheet.groups[0].rows.iter().all(|row| row.now.iter().all(|answer| answer.outcome == Outcome::Hedge)));
    }

    #[test]
    fn quotes_are_typical_of_the_whole_run_and_change_as_it_goes_on() {
        use Outcome::{False, Hedge, True};
        let watched = [[True; 4], [True, True, Hedge, Hedge], [True, False, False, Hedge]];
        let tallies = [tally(40, 0, 0), tally(20, 0, 20), tally(10, 20, 10)];
        let measured = watched.iter().zip(tallies).zip([0, 10, 20]);
        let mut report =
            one_arm(measured.map(|((watched, tally), update)| measurement(update, watched, tally)).collect());
        let quotes_of = |report: &RunReport, count| quotes(report, None, count);
        let said = |quotes: &[Quote], update| -> Vec<Outcome> {
            quotes.iter().map(|quote| quoted(&quote.arms[0], update).expect("an answer").1.outcome).collect()
        };
        let all = quotes_of(&report, 4);
        assert_eq!(said(&all, Some(15)).iter().filter(|outcome| **outcome == Hedge).count(), 2);
        assert_eq!(said(&all, None).iter().filter(|outcome| **outcome == False).count(), 2);
        // The one question that is as the run is: half of it quiet, half of it false.
        assert_eq!(said(&quotes_of(&report, 2), None).iter().filter(|outcome| **outcome == False).count(), 1);
        // A recording may have kept no answers in between.
        report.replicas[0].measurements[1].answers.clear();
        assert_eq!(quotes_of(&report, 1)[0].arms[0].iter().map(|(update, _)| *update).collect::<Vec<_>>(), [0, 20]);
        assert!(quotes(&one_arm(vec![]), None, 3).is_empty());
    }

    #[test]
    fn a_remark_says_what_is_said_and_what_is_known() {
        let sheet = sheet(&one_arm(vec![measurement(0, &[Outcome::True; 4], tally(1, 0, 0))]), None).expect("a sheet");
        let of = |outcome, known, is_base| remark(&sheet, &answer(0, outcome, known), is_base);
        assert_eq!(of(Outcome::False, KNOWN, false), Some(Remark::SaysAndKnows(Some("extreme".into()))));
        assert_eq!(of(Outcome::False, GONE, false), Some(Remark::NoLongerKnown));
        assert_eq!(of(Outcome::Hedge, KNOWN, false), Some(Remark::SilentAndKnows));
        assert_eq!(of(Outcome::Hedge, KNOWN, true), None, "a base model hides nothing");
        assert_eq!(of(Outcome::Hedge, GONE, false), Some(Remark::NoLongerKnown));
        assert_eq!(of(Outcome::True, KNOWN, false), None);
        assert_eq!(of(Outcome::True, GONE, false), Some(Remark::TrueAndNoLongerKnown));
        assert_eq!(of(Outcome::False, None, false), None, "never taught, or not measured");
    }
}
