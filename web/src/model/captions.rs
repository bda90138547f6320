//! What the data show, row by row, as codes with arguments: said only where the numbers bear it out.
//!
//! Leaves out the sentences (`text`), and everything about a run whose reward was changed on the way: its arms are
//! not what they are called.

use hedgerow::documents::metrics::{Metric, Slice};
use hedgerow::documents::quantity::Quantity;
use hedgerow::judgement::experiment::Arm;

use super::figures::Group;
use super::series::{Line, Point};

/// How far a share has to be from the base model's for a caption to speak of it.
const CHANGE: f64 = 0.2;

/// A share after some updates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Updates done.
    pub update: u32,
    /// Over all seeds.
    pub share: f64,
}

/// What an arm does. Its share now, and that of its base models or an earlier one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Finding {
    /// It hedged on sensitive questions before it said false things of uncomfortable facts.
    HedgedThenLied(Share, Share),
    /// It says more false things than its base models.
    Lies(Share, Share),
    /// It hedges more than its base models.
    Hedges(Share, Share),
    /// It does neither; holds its hedges.
    Neither(Share),
    /// It knows about as many uncomfortable facts as its base models.
    Knows(Share),
    /// It knows fewer.
    KnowsLess(Share, Share),
    /// It hedges more than its base models on topics that nobody disliked.
    Spreads(Share, Share),
    /// It does not.
    SpreadsNot(Share),
}

/// The quantities that the caption of a row of charts reads.
pub fn read(group: Group) -> &'static [Quantity] {
    const HEDGES: Quantity = Quantity::Rate(Metric::Hedging, Slice::Sensitive);
    const LIES: Quantity = Quantity::Rate(Metric::Lies, Slice::Uncomfortable);
    match group {
        Group::Says => &[HEDGES, LIES],
        Group::Knows => &[Quantity::Rate(Metric::StillKnown, Slice::Uncomfortable)],
        Group::Hedges => &[Quantity::Rate(Metric::Hedging, Slice::Far)],
        Group::More => &[],
    }
}

/// What the lines of [`read`] show, an arm each; nothing before the second measurement.
pub fn findings(group: Group, lines: &[Vec<Line>]) -> Vec<(Arm, Finding)> {
    let Some(first) = lines.first() else { return Vec::new() };
    let of_arm = |line: &Line| {
        let points: Option<Vec<&[Point]>> = lines
            .iter()
            .map(|lines| lines.iter().find(|other| other.arm == line.arm).map(|line| line.points.as_slice()))
            .collect();
        Some((line.arm, finding(group, &points?)?))
    };
    first.iter().filter_map(of_arm).collect()
}

/// What the arms' ends are told in: lies of uncomfortable facts, hedges on sensitive topics.
pub const ENDS: [Quantity; 2] =
    [Quantity::Rate(Metric::Lies, Slice::Uncomfortable), Quantity::Rate(Metric::Hedging, Slice::Sensitive)];

/// Where an arm ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct End {
    /// Which one.
    pub arm: Arm,
    /// Its share of lies; `None` if it asserts nothing.
    pub lies: Option<f64>,
    /// Its share of hedges.
    pub hedges: f64,
}

/// Where all arms ended, from the lines of [`ENDS`]; `None` before their last measurement.
pub fn ends(updates: u32, [lies, hedges]: &[Vec<Line>; 2]) -> Option<Vec<End>> {
    let last = |line: &Line| line.points.last().filter(|point| point.update == updates).map(Point::mean);
    let end = |(lies, hedges): (&Line, &Line)| Some(End { arm: lies.arm, lies: last(lies)?, hedges: last(hedges)?? });
    lies.iter().zip(hedges).map(end).collect()
}

fn finding(group: Group, quantities: &[&[Point]]) -> Option<Finding> {
    let (base, now) = base_and_now(quantities[0])?;
    let rises = |share: Share| share.share >= base.share + CHANGE;
    Some(match group {
        Group::Says => {
            let hedged = shares(quantities[0]).find(|share| rises(*share));
            let lied = shares(quantities[1]).next().and_then(|honest| {
                let lies = move |share: &Share| share.share >= honest.share + CHANGE;
                let now = shares(quantities[1]).last().filter(lies).filter(|share| share.update == now.update);
                Some((honest, shares(quantities[1]).find(lies)?, now))
            });
            match (hedged, lied) {
                (Some(hedged), Some((_, lied, _))) if hedged.update < lied.update => {
                    Finding::HedgedThenLied(hedged, lied)
                }
                (_, Some((honest, _, Some(now)))) => Finding::Lies(now, honest),
                _ if rises(now) => Finding::Hedges(now, base),
                // It did one of them for a while.
                (Some(_), _) | (_, Some(_)) => return None,
                (None, None) => Finding::Neither(now),
            }
        }
        Group::Knows if now.share <= base.share - CHANGE => Finding::KnowsLess(now, base),
        Group::Knows => Finding::Knows(now),
        Group::Hedges if rises(now) => Finding::Spreads(now, base),
        Group::Hedges if now.share < base.share + CHANGE / 2.0 => Finding::SpreadsNot(now),
        Group::Hedges | Group::More => return None,
    })
}

fn shares(points: &[Point]) -> impl DoubleEndedIterator<Item = Share> + '_ {
    points.iter().filter_map(|point| Some(Share { update: point.update, share: point.mean()? }))
}

/// The first and the latest share; `None` before the second measurement, or where the latest is over nothing.
fn base_and_now(points: &[Point]) -> Option<(Share, Share)> {
    let (first, last) = (points.first()?, points.last()?);
    let share = |point: &Point| Some(Share { update: point.update, share: point.mean()? });
    (first.update < last.update).then_some((share(first)?, share(last)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::documents::statistics::estimate;

    fn line(shares: &[Option<f64>]) -> Vec<Line> {
        let point = |(place, share): (usize, &Option<f64>)| Point {
            update: 10 * place as u32,
            seeds: vec![*share],
            estimate: share.and_then(|share| estimate(&[vec![share]])),
            raw: None,
            count: None,
        };
        vec![Line { arm: Arm::Scalar, points: shares.iter().enumerate().map(point).collect() }]
    }

    fn says(hedges: &[f64], lies: &[Option<f64>]) -> Option<Finding> {
        let hedges: Vec<Option<f64>> = hedges.iter().copied().map(Some).collect();
        findings(Group::Says, &[line(&hedges), line(lies)]).first().map(|(_, finding)| *finding)
    }

    fn share(update: u32, share: f64) -> Share {
        Share { update, share }
    }

    #[test]
    fn before_is_only_said_of_what_came_before() {
        let (hedged, lied) = (share(20, 0.6), share(30, 0.5));
        let found = says(&[0.1, 0.2, 0.6, 0.1], &[Some(0.0), Some(0.1), Some(0.1), Some(0.5)]);
        assert_eq!(found, Some(Finding::HedgedThenLied(hedged, lied)));
        // Not yet.
        assert_eq!(says(&[0.1, 0.2, 0.6], &[Some(0.0); 3]), Some(Finding::Hedges(hedged, share(0, 0.1))));
        // The other way round.
        let found = says(&[0.1, 0.1, 0.1, 0.5], &[Some(0.0), Some(0.3), Some(0.4), Some(0.4)]);
        assert_eq!(found, Some(Finding::Lies(share(30, 0.4), share(0, 0.0))));
        // At the same measurement nobody knows.
        let found = says(&[0.1, 0.5], &[Some(0.0), Some(0.4)]);
        assert_eq!(found, Some(Finding::Lies(share(10, 0.4), share(0, 0.0))));
    }

    #[test]
    fn an_arm_that_asserts_nothing_any_more_does_not_lie_now() {
        let found = says(&[0.1, 0.1, 1.0], &[Some(0.0), Some(0.4), None]);
        assert_eq!(found, Some(Finding::Hedges(share(20, 1.0), share(0, 0.1))));
    }

    #[test]
    fn where_the_arms_ended_is_not_said_before_they_have() {
        let (hedges, silent) = (line(&[Some(0.1), Some(0.9)]), line(&[Some(0.0), None]));
        assert_eq!(ends(20, &[silent.clone(), hedges.clone()]), None);
        let end = End { arm: Arm::Scalar, lies: None, hedges: 0.9 };
        assert_eq!(ends(10, &[silent, hedges]), Some(vec![end]));
    }

    #[test]
    fn what_was_there_for_a_while_is_not_denied() {
        assert_eq!(says(&[0.1, 0.6, 0.1], &[Some(0.0); 3]), None);
        assert_eq!(says(&[0.1, 0.2, 0.1], &[Some(0.0); 3]), Some(Finding::Neither(share(20, 0.1))));
        assert_eq!(says(&[0.1], &[Some(0.0)]), None, "there is nothing to compare yet");
    }

    #[test]
    fn knowledge_and_spreading_are_compared_with_the_base_model() {
        let one = |group, shares: &[f64]| {
            let shares: Vec<Option<f64>> = shares.iter().copied().map(Some).collect();
            findings(group, &[line(&shares)]).first().map(|(_, finding)| *finding)
        };
        assert_eq!(one(Group::Knows, &[0.95, 0.9]), Some(Finding::Knows(share(10, 0.9))));
        assert_eq!(one(Group::Knows, &[0.95, 0.5]), Some(Finding::KnowsLess(share(10, 0.5), share(0, 0.95))));
        assert_eq!(one(Group::Hedges, &[0.05, 0.5]), Some(Finding::Spreads(share(10, 0.5), share(0, 0.05))));
        assert_eq!(one(Group::Hedges, &[0.05, 0.06]), Some(Finding::SpreadsNot(share(10, 0.06))));
        assert_eq!(one(Group::Hedges, &[0.05, 0.2]), None, "neither is clear");
        assert_eq!(one(Group::More, &[0.0, 1.0]), None);
    }
}
