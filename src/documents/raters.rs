//! Ratings by several people: what they are like together and apart, and how far they agree on the same cards.
//!
//! Each person is estimated alone (`ratings`), and the people are what is sampled: a second file of the same person would
//! say nothing of another. Leaves out who belongs together and what everybody's ratings teach a model.

use std::collections::BTreeMap;

use crate::documents::ratings::{Estimate, Ratings, Verdict};
use crate::documents::statistics::{self, estimate};
use crate::judgement::experiment::WorldId;

/// One number of several people.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Together {
    /// The interquartile mean over the people, with a 95 % interval from resampling them.
    pub mean: statistics::Estimate,
    /// How far their estimates lie apart: a standard deviation.
    pub apart: f64,
    /// How uncertain the estimate of one of them is, on average, in the same unit. Estimates that lie no further apart than
    /// this do not say that the people differ.
    pub uncertain: f64,
}

/// What people with these estimates are together; `None` of nobody.
pub fn together(people: &[Estimate]) -> Option<Together> {
    let means: Vec<f64> = people.iter().map(|own| f64::from(own.mean)).collect();
    let mean = estimate(std::slice::from_ref(&means))?;
    let centre = average(means.iter().copied());
    let squares: f64 = means.iter().map(|own| (own - centre).powi(2)).sum();
    let apart = (squares / (means.len() as f64 - 1.0).max(1.0)).sqrt();
    // An interval of a normal distribution that holds nine tenths is so many standard deviations wide.
    let uncertain = average(people.iter().map(|own| f64::from(own.high - own.low) / (2.0 * 1.645)));
    Some(Together { mean, apart, uncertain })
}

fn average(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len();
    values.sum::<f64>() / count as f64
}

/// How far people agree about the same cards. 1 is complete agreement, 0 what chance would bring.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Agreement {
    /// Cards that two people or more have rated.
    pub cards: usize,
    /// Krippendorff's α of the thumb, and of *wrong*, *badly put* and *uncomfortable*; `None` where nobody ever said
    /// anything else.
    pub alpha: [Option<f64>; 4],
}

/// A question with its answer, in the world of a seed or in one's own.
type SameCard<'a> = (Option<WorldId>, u64, &'a str, &'a str);

/// The agreement of several people. A card is the same if question, answer and world are; whoever rated it twice is heard
/// the first time.
pub fn agreement<'a>(people: impl IntoIterator<Item = &'a Ratings>) -> Agreement {
    let mut cards: BTreeMap<SameCard<'a>, Vec<Verdict>> = BTreeMap::new();
    for own in people {
        let mut heard: BTreeMap<SameCard<'a>, Verdict> = BTreeMap::new();
        for rated in &own.rated {
            let card = &own.cards[rated.card];
            heard.entry((own.own_world, own.seed, &card.question, &card.answer)).or_insert(rated.verdict);
        }
        for (card, verdict) in heard {
            cards.entry(card).or_default().push(verdict);
        }
    }
    cards.retain(|_, verdicts| verdicts.len() > 1);
    let said: [fn(&Verdict) -> bool; 4] =
        [|own| own.good, |own| own.wrong, |own| own.badly_put, |own| own.uncomfortable];
    let alpha = said.map(|said| {
        let units: Vec<Vec<bool>> = cards.values().map(|verdicts| verdicts.iter().map(said).collect()).collect();
        krippendorff(&units)
    });
    Agreement { cards: cards.len(), alpha }
}

/// Krippendorff's α of a yes or no, `[unit][person who rated it]`, with a different number of people for each unit if need
/// be (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"): 1 − observed / expected disagreement. `None` if
/// no unit has two ratings, or if all of them are the same.
pub fn krippendorff(units: &[Vec<bool>]) -> Option<f64> {
    let (mut yes, mut no, mut differing) = (0.0, 0.0, 0.0);
    for unit in units.iter().filter(|unit| unit.len() > 1) {
        let all = unit.len() as f64;
        let own = unit.iter().filter(|said| **said).count() as f64;
        (yes, no) = (yes + own, no + all - own);
        // Ordered pairs of ratings that differ, each unit in proportion to its ratings.
        differing += 2.0 * own * (all - own) / (all - 1.0);
    }
    let expected = 2.0 * yes * no / (yes + no - 1.0);
    (yes * no > 0.0).then(|| 1.0 - differing / expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::ratings::tests::{rated, rater};
    use crate::facts::random::{Purpose, stream};
    use rand::RngExt;

    fn said(line: &str) -> Vec<bool> {
        line.chars().map(|said| said == '1').collect()
    }

    #[test]
    fn agreement_is_what_it_is_by_hand() {
        // Krippendorff 2011, section B: two observers, ten units, nominal. Of the 20 values 6 are yes and 14 no, and 4
        // units differ: 1 − 19 · 8 / (2 · 6 · 14) = 0.095.
        let pairs = ["01", "11", "01", "00", "00", "00", "00", "00", "10", "10"].map(said);
        assert!((krippendorff(&pairs).unwrap() - 0.095_238).abs() < 1e-5);
        // Three, two and one person: 2 of 3 yes, both yes, and one that nobody can be compared with. Four yes and one no
        // of 5 values, one pair in three of the first unit differs: observed 2, expected 2 · 4 · 1 / 4 = 2.
        assert!(krippendorff(&["110", "11", "0"].map(said)).unwrap().abs() < 1e-12);
        // Nobody ever agrees: 1 − 4 / (2 · 2 · 2 / 3).
        assert!((krippendorff(&["01", "10"].map(said)).unwrap() + 0.5).abs() < 1e-12);
        assert_eq!(krippendorff(&["11", "00", "111"].map(said)), Some(1.0));
        assert_eq!(krippendorff(&["11", "11"].map(said)), None, "without a no, agreement is no news");
        assert_eq!(krippendorff(&["1", "0"].map(said)), None);
        assert_eq!(krippendorff(&[]), None);
    }

    #[test]
    fn the_same_card_is_found_whatever_its_place_and_counts_once_a_person() {
        let one = rated(&rater(0.9, 0.0, 0.0), 0, 20);
        assert_eq!(agreement([&one]), Agreement::default(), "a card that came twice is no second person");
        let mut other = one.clone();
        other.cards.reverse();
        for rated in &mut other.rated {
            rated.card = other.cards.len() - 1 - rated.card;
        }
        let Agreement { cards, alpha } = agreement([&one, &other]);
        assert!(cards > 0 && alpha.iter().flatten().all(|alpha| *alpha == 1.0), "{cards} {alpha:?}");
        other.seed += 1;
        assert_eq!(agreement([&one, &other]).cards, 0, "another world");
        other.seed -= 1;
        other.own_world = Some(WorldId::Everyday);
        assert_eq!(agreement([&one, &other]).cards, 0, "the same words in another kind of world");
    }

    #[test]
    fn people_who_differ_lie_further_apart_than_each_is_uncertain() {
        let own = |mean| Estimate { mean, low: mean - 0.1645, high: mean + 0.1645 };
        let Together { mean, apart, uncertain } = together(&[0.2, 0.4, 0.6, 0.8].map(own)).unwrap();
        assert!((mean.mean - 0.5).abs() < 1e-6 && mean.count == 4);
        assert!((apart - 0.258_199).abs() < 1e-5 && (uncertain - 0.1).abs() < 1e-5, "{apart} {uncertain}");
        let one = together(&[own(0.3)]).unwrap();
        assert_eq!((one.apart, one.mean.interval), (0.0, None), "one person says nothing of others");
        assert_eq!(together(&[]), None);
    }

    /// The figure of docs/SCIENCE.md: `cargo test --release --lib a_class_is_recovered -- --nocapture`.
    #[test]
    fn a_class_is_recovered_within_the_stated_error() {
        const CLASSES: u64 = 4;
        for cards in [20, 36] {
            let (mut worst, mut held, mut of) = ([0.0f64; 2], 0, 0);
            for (p, d, wide) in [(0.2, 1.5, 0.0), (0.6, 0.5, 0.0), (0.4, 1.0, 0.8)] {
                let mut off = [0.0; 2];
                for class in 0..CLASSES {
                    let mut rng = stream(class, 7, Purpose::Rater);
                    // Thirty visitors whose d differs by a uniform distribution around its mean.
                    let people: Vec<_> = (0..30)
                        .map(|visitor| {
                            let own = d + wide * (2.0 * rng.random::<f32>() - 1.0);
                            let ratings = rated(&rater(p, own, 0.0), 1000 * class + visitor, cards);
                            (own, ratings.learn().unwrap().as_rater)
                        })
                        .collect();
                    let truth = average(people.iter().map(|(own, _)| f64::from(*own)));
                    let estimates = |of: fn(&(f32, _)) -> Estimate| people.iter().map(of).collect::<Vec<_>>();
                    let of_p = together(&estimates(|(_, own)| own.check_probability)).unwrap();
                    let of_d = together(&estimates(|(_, own)| own.discomfort_value)).unwrap();
                    for (place, (own, truth)) in [(of_p, f64::from(p)), (of_d, truth)].into_iter().enumerate() {
                        off[place] += (own.mean.mean - truth) / CLASSES as f64;
                        let [low, high] = own.mean.interval.unwrap();
                        held += u32::from((low..=high).contains(&truth));
                        of += 1;
                    }
                }
                println!("{cards} cards, p {p}, d {d} ± {wide}: p off by {:.2}, d by {:.2}", off[0], off[1]);
                worst = [0, 1].map(|place| worst[place].max(off[place].abs()));
            }
            let covered = f64::from(held) / f64::from(of);
            println!("{cards} cards: intervals hold {covered:.2}");
            assert!(worst[0] < 0.07 && worst[1] < 0.2 && covered > 0.7, "{cards} cards: {worst:?}, {covered}");
        }
    }
}
