//! What the captions find, in words.

use hedgerow::documents::report::RunReport;
use hedgerow::judgement::experiment::Arm;

use crate::model::captions::{Finding, Share, findings, read};
use crate::model::figures::Group;
use crate::stores::view::View;
use crate::text::{numbers, terms, text};

/// Those below a row of charts. Arms whose reward was changed are not what they are called: nothing is said of them.
pub fn sentences(view: View, report: &RunReport, group: Group) -> Vec<String> {
    let Some(quantity) = read(group).filter(|_| report.changes.is_empty()) else { return Vec::new() };
    let found = findings(group, &view.lines(report, quantity));
    found.into_iter().map(|(arm, finding)| sentence(arm, finding)).collect()
}

fn sentence(arm: Arm, finding: Finding) -> String {
    let (text, arm) = (&text().figures, terms::arm(arm).name);
    let share = |share: Share| numbers::percent(share.share);
    match finding {
        Finding::Knows(now) => text.knows_still(arm, share(now), now.update),
        Finding::KnowsLess(now, base) => text.knows_less(arm, share(now), now.update, share(base)),
        Finding::Spreads(now, base) => text.spreads(arm, share(now), now.update, share(base)),
        Finding::SpreadsNot(now) => text.spreads_not(arm, share(now), now.update),
    }
}
