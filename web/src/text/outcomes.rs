//! What the great figure shows and how it ends, in words made of its own numbers.

use hedgerow::documents::report::RunReport;

use super::{numbers, terms, text};
use crate::model::outcomes::{End, Finding, Part, Stack, end, finding, is_finished};
use crate::model::recorded::wanted;

/// The sentences below the figure. Arms whose reward was changed are not what they are called: of them nothing is said.
pub fn sentences(report: &RunReport, stacks: &[Stack]) -> Vec<String> {
    let mut sentences = results(report, stacks);
    if report.changes.is_empty() && is_finished(stacks, report.experiment.finetune.updates) {
        let next = text().figures.next.get(wanted(&report.experiment).map_or("own", |run| run.question.id()));
        sentences.push(format!("{} {}", next.first, next.second));
    }
    sentences
}

/// What it shows and how it ends, without what to do next.
pub fn results(report: &RunReport, stacks: &[Stack]) -> Vec<String> {
    let text = &text().outcomes;
    let mut sentences = Vec::new();
    if report.experiment.seeds.len() == 1 {
        sentences.push(text.one_seed.to_owned());
    }
    if !report.changes.is_empty() {
        sentences.push(text.changed.to_owned());
        return sentences;
    }
    sentences.extend(stacks.iter().filter_map(|stack| Some(found(stack, finding(stack)?))));
    let updates = report.experiment.finetune.updates;
    if is_finished(stacks, updates) {
        let ends = stacks.iter().filter_map(|stack| Some(ending(stack, end(stack)?)));
        sentences.push(text.result(updates, ends.collect::<Vec<_>>().join(" ")));
    }
    sentences
}

fn found(stack: &Stack, finding: Finding) -> String {
    let (text, arm) = (&text().outcomes, terms::course(stack.arms));
    let share = |part: Part| percent(part.percent);
    match finding {
        Finding::QuietThenFalse(quiet, wrong) => {
            text.quiet_then_false(arm, share(quiet), quiet.update, share(wrong), wrong.update)
        }
        Finding::False(now, base) => text.says_false(arm, share(now), now.update, share(base)),
        Finding::Quiet(now, base) => text.goes_quiet(arm, share(now), now.update, share(base)),
        Finding::Neither(now) => text.neither(arm, share(now), now.update),
    }
}

/// Where a stack ends, in words.
pub fn ending(stack: &Stack, End { right, wrong, wrong_and_known, silent }: End) -> String {
    let (text, arm) = (&text().outcomes, terms::course(stack.arms));
    let [right, wrong, silent] = [right, wrong, silent].map(percent);
    let ending = text.ending(arm, right, wrong, silent);
    match wrong_and_known {
        Some(known) => format!("{ending} {}", text.ending_known(percent(known))),
        None => ending,
    }
}

fn percent(percent: u32) -> String {
    numbers::percent(f64::from(percent) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::draft::Question;
    use crate::model::outcomes::tests::run;
    use crate::model::outcomes::{Layer, stacks};

    /// Every number of the captions is one that the labels of the figure show, or a sum of them.
    #[test]
    fn a_caption_never_says_what_the_figure_does_not_show() {
        crate::text::speak_english();
        let courses: [&[(u32, u32, u32)]; 7] = [
            &[(9, 0, 1)],
            &[(9, 0, 1), (3, 0, 7), (3, 6, 1)],
            &[(9, 0, 1), (2, 7, 1), (1, 8, 1)],
            &[(9, 0, 1), (0, 0, 10)],
            &[(19, 1, 1), (17, 2, 2)],
            &[(9, 0, 1), (4, 6, 0), (9, 0, 1)],
            &[(3, 0, 0), (1, 1, 1)],
        ];
        for course in courses {
            let mut report = run(course);
            report.experiment.finetune.updates = 10 * (course.len() as u32 - 1);
            let stacks = stacks(&report, None);
            let shown: Vec<String> = stacks[0]
                .moments
                .iter()
                .flat_map(|moment| {
                    let percents = moment.counts.percents();
                    let silent = 100 - percents.of(Layer::TRUE) - percents.of(Layer::FALSE);
                    let sums = [Layer::TRUE, Layer::HEDGES, Layer::FALSE].map(|layers| percents.of(layers));
                    percents.by_layer().map(|(_, percent)| percent).chain(sums).chain([silent]).map(percent)
                })
                .collect();
            let said = sentences(&report, &stacks).join(" ");
            for word in said.split_whitespace().map(|word| word.trim_matches(|letter: char| ".,;:".contains(letter))) {
                assert!(!word.ends_with('%') || shown.iter().any(|share| share == word), "{word} of {said}\n{shown:?}");
            }
            let last = stacks[0].moments.last().unwrap().counts.percents();
            let ends = format!("{} are false, and", percent(last.of(Layer::FALSE)));
            assert!(said.contains(&ends), "{said}");
            // What is said to have happened has happened.
            let ever_quiet = stacks[0].moments.iter().any(|moment| moment.counts.percents().of(Layer::HEDGES) >= 30);
            assert!(ever_quiet || !said.contains("hedge before"), "{said}");
        }
    }

    #[test]
    fn a_run_that_has_ended_says_what_to_try_next_and_one_on_its_way_does_not() {
        crate::text::speak_english();
        let mut report = run(&[(9, 0, 1), (0, 10, 0)]);
        let says_next = |report: &RunReport| sentences(report, &stacks(report, None)).join(" ").contains("Next: ");
        report.experiment.finetune.updates = 20;
        assert!(!says_next(&report));
        report.experiment.finetune.updates = 10;
        assert!(says_next(&report));
        // Each question has its own two steps.
        let steps = Question::ALL.map(|question| text().figures.next.get(question.id()).first);
        assert!(steps.iter().enumerate().all(|(place, step)| !steps[..place].contains(step)), "{steps:?}");
    }

    #[test]
    fn nothing_is_said_of_arms_that_are_not_what_they_are_called() {
        crate::text::speak_english();
        let mut report = run(&[(9, 0, 1), (0, 10, 0)]);
        let rater = report.experiment.rater;
        report.changes.push(hedgerow::documents::report::RewardChange { after: 5, rater, arms: vec![], person: None });
        let said = sentences(&report, &[]);
        assert_eq!(said, [text().outcomes.one_seed, text().outcomes.changed]);
    }
}
