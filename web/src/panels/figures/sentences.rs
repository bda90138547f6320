//! What the captions find, in words.

use hedgerow::documents::report::RunReport;
use hedgerow::judgement::experiment::Arm;

use crate::model::captions::{ENDS, End, Finding, Share, ends, findings, read};
use crate::model::draft::Question;
use crate::model::figures::Group;
use crate::model::recorded::question;
use crate::stores::view::View;
use crate::text::{numbers, terms, text};

/// Those below a row of charts.
pub fn sentences(view: View, report: &RunReport, group: Group) -> Vec<String> {
    let text = &text().figures;
    let mut sentences = Vec::new();
    if group == Group::Says && report.experiment.seeds.len() == 1 {
        sentences.push(text.one_seed.to_owned());
    }
    // Arms whose reward was changed are not what they are called.
    if !report.changes.is_empty() {
        sentences.extend((group == Group::Says).then(|| text.changed.to_owned()));
        return sentences;
    }
    let lines: Vec<_> = read(group).iter().map(|quantity| view.lines(report, *quantity)).collect();
    sentences.extend(findings(group, &lines).into_iter().map(|(arm, finding)| sentence(arm, finding)));
    if group == Group::Hedges {
        let ends = ends(report.experiment.finetune.updates, &ENDS.map(|quantity| view.lines(report, quantity)));
        sentences.extend(ends.into_iter().flat_map(|ends| result(report, &ends)));
    }
    sentences
}

fn sentence(arm: Arm, finding: Finding) -> String {
    let (text, arm) = (&text().figures, terms::arm(arm).name);
    let share = |share: Share| numbers::percent(share.share);
    match finding {
        Finding::HedgedThenLied(hedged, lied) => {
            text.hedges_then_lies(arm, share(hedged), hedged.update, share(lied), lied.update)
        }
        Finding::Lies(now, base) => text.lies_now(arm, share(now), now.update, share(base)),
        Finding::Hedges(now, base) => text.hedges_now(arm, share(now), now.update, share(base)),
        Finding::Neither(now) => text.neither(arm, share(now), now.update),
        Finding::Knows(now) => text.knows_still(arm, share(now), now.update),
        Finding::KnowsLess(now, base) => text.knows_less(arm, share(now), now.update, share(base)),
        Finding::Spreads(now, base) => text.spreads(arm, share(now), now.update, share(base)),
        Finding::SpreadsNot(now) => text.spreads_not(arm, share(now), now.update),
    }
}

/// Where the arms ended, and two next steps.
fn result(report: &RunReport, ends: &[End]) -> [String; 2] {
    let text = &text().figures;
    let arm = |End { arm, lies, hedges }: &End| {
        let (arm, hedges) = (terms::arm(*arm).name, numbers::percent(*hedges));
        match lies {
            Some(lies) => text.result_line(arm, numbers::percent(*lies), hedges),
            None => text.result_silent(arm, hedges),
        }
    };
    let arms = ends.iter().map(arm).collect::<Vec<_>>().join("; ");
    let next = text.next.get(question(&report.experiment).map_or("own", Question::id));
    [text.result(report.experiment.finetune.updates, arms), format!("{} {}", next.first, next.second)]
}
