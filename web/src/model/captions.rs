//! What a row of charts shows, as codes with arguments: said only where the numbers bear it out.
//!
//! Leaves out the sentences (`text`), what the great figure shows (`outcomes`), and everything about a run whose
//! reward was changed on the way: its arms are not what they are called.

use hedgerow::documents::course::CHANGE;
use hedgerow::documents::metrics::{Metric, Slice};
use hedgerow::documents::quantity::Quantity;
use hedgerow::judgement::experiment::Arm;

use super::figures::Group;
use super::series::{Line, Point};

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
    /// It knows about as many uncomfortable facts as its base models.
    Knows(Share),
    /// It knows fewer.
    KnowsLess(Share, Share),
    /// It hedges more than its base models on topics that nobody disliked.
    Spreads(Share, Share),
    /// It does not.
    SpreadsNot(Share),
}

/// The quantity that the caption of a row of charts reads, if it has a caption.
pub fn read(group: Group) -> Option<Quantity> {
    match group {
        Group::Knows => Some(Quantity::Rate(Metric::StillKnown, Slice::Uncomfortable)),
        Group::Hedges => Some(Quantity::Rate(Metric::Hedging, Slice::Far)),
        Group::Says | Group::More => None,
    }
}

/// What the lines of [`read`] show; nothing before the second measurement.
pub fn findings(group: Group, lines: &[Line]) -> Vec<(Arm, Finding)> {
    lines.iter().filter_map(|line| Some((line.arm, finding(group, &line.points)?))).collect()
}

fn finding(group: Group, points: &[Point]) -> Option<Finding> {
    let (base, now) = base_and_now(points)?;
    Some(match group {
        Group::Knows if now.share <= base.share - CHANGE => Finding::KnowsLess(now, base),
        Group::Knows => Finding::Knows(now),
        Group::Hedges if now.share >= base.share + CHANGE => Finding::Spreads(now, base),
        Group::Hedges if now.share < base.share + CHANGE / 2.0 => Finding::SpreadsNot(now),
        Group::Hedges | Group::Says | Group::More => return None,
    })
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
        let of = Quantity::Rate(Metric::Lies, Slice::Uncomfortable);
        vec![Line { arm: Arm::Scalar, later: Arm::Scalar, of, points: shares.iter().enumerate().map(point).collect() }]
    }

    fn share(update: u32, share: f64) -> Share {
        Share { update, share }
    }

    #[test]
    fn knowledge_and_spreading_are_compared_with_the_base_model() {
        let one = |group, shares: &[f64]| {
            let shares: Vec<Option<f64>> = shares.iter().copied().map(Some).collect();
            findings(group, &line(&shares)).first().map(|(_, finding)| *finding)
        };
        assert_eq!(one(Group::Knows, &[0.95, 0.9]), Some(Finding::Knows(share(10, 0.9))));
        assert_eq!(one(Group::Knows, &[0.95, 0.5]), Some(Finding::KnowsLess(share(10, 0.5), share(0, 0.95))));
        assert_eq!(one(Group::Hedges, &[0.05, 0.5]), Some(Finding::Spreads(share(10, 0.5), share(0, 0.05))));
        assert_eq!(one(Group::Hedges, &[0.05, 0.06]), Some(Finding::SpreadsNot(share(10, 0.06))));
        assert_eq!(one(Group::Hedges, &[0.05, 0.2]), None, "neither is clear");
        assert_eq!(one(Group::More, &[0.0, 1.0]), None);
    }
}
