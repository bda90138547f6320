//! Ratings by a person: the cards, what the person said of them, and what can be learned from it.
//!
//! Every card is rated twice over: a thumb, and reasons. From the two come two reward models ([`Person`]), how well
//! they foretell ratings that they have not seen, how consistent the person was, how often discomfort alone turned the
//! thumb down, and which *p* and *d* the simulated rater would need to give these thumbs. Everything is computed
//! from the ratings alone, with intervals, because some dozens of them say little.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::facts::corpus::Answer;
use crate::judgement::experiment::{Arm, WorldId};
use crate::judgement::person::{Person, Reasons, Thumb, Way};
use crate::judgement::rater::{RaterConfig, RaterPreset, Situation};
use crate::judgement::spans::{SpanReward, by_span};

/// The format's version, counted up when a reader of old would misread it. Since 2 there are cards of trained models, and
/// words that a reason is about.
pub const RATINGS_SCHEMA: u32 = 2;

/// A question and an answer to be rated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// In words.
    pub question: String,
    /// In words.
    pub answer: String,
    /// The true value, for a person who looks it up; `None` where the world has none.
    pub truth: Option<String>,
    /// The answer as the grammar reads it.
    pub reading: Answer,
    /// What the answer is about, and what somebody who looks it up finds.
    pub situation: Situation,
    /// Written for the deck, because the model hardly says anything false by itself; otherwise the model's own.
    pub written: bool,
    /// The model that the card was dealt of, unless it is the base model.
    #[serde(default)]
    pub trained: Option<Trained>,
}

/// A model in training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trained {
    /// What it began to be rewarded by.
    pub arm: Arm,
    /// Updates that it had made.
    pub updates: u32,
}

/// Words of an answer, by their places from 0. In files it is the list of the places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<usize>", into = "Vec<usize>")]
pub struct Words(u32);

impl Words {
    /// Longer answers have no words beyond that can be named.
    pub const MOST: usize = u32::BITS as usize;
    /// Not one.
    pub const NONE: Words = Words(0);

    /// Is there none? Then a reason is about the whole answer.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Is this one of them?
    pub fn contains(self, place: usize) -> bool {
        place < Words::MOST && self.0 & (1 << place) != 0
    }

    /// With this one too, or without it if it was one of them.
    ///
    /// # Panics
    /// If the place is none of the first [`Words::MOST`].
    pub fn toggled(self, place: usize) -> Words {
        Words(self.0 ^ (1 << place))
    }

    /// Their places, in order.
    pub fn places(self) -> impl Iterator<Item = usize> {
        (0..Words::MOST).filter(move |place| self.contains(*place))
    }
}

impl From<Words> for Vec<usize> {
    fn from(words: Words) -> Self {
        words.places().collect()
    }
}

impl TryFrom<Vec<usize>> for Words {
    type Error = &'static str;

    fn try_from(places: Vec<usize>) -> Result<Self, Self::Error> {
        let fits = places.iter().all(|place| *place < Words::MOST);
        let with = |words: u32, place: &usize| words | 1 << place;
        if fits { Ok(Words(places.iter().fold(0, with))) } else { Err("an answer has no such word") }
    }
}

/// What a person says of one card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Thumb up?
    pub good: bool,
    /// The fact is wrong.
    pub wrong: bool,
    /// It is badly put.
    pub badly_put: bool,
    /// It makes the person uncomfortable.
    pub uncomfortable: bool,
    /// Did the person look up the truth?
    pub looked_up: bool,
    /// The words that *wrong*, *badly put* and *uncomfortable* are about, in this order.
    #[serde(default)]
    pub words: [Words; 3],
}

/// A card that was rated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rated {
    /// Its place in the deck. Some cards come twice.
    pub card: usize,
    /// What the person said.
    pub verdict: Verdict,
}

/// A deck and its ratings: what is saved, exported and pooled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ratings {
    /// [`RATINGS_SCHEMA`].
    pub ratings_schema: u32,
    /// Names the sitting, so that a file that was saved twice is one person's; empty in files of old and of several people.
    #[serde(default)]
    pub id: String,
    /// The world that the cards are of.
    pub seed: u64,
    /// The same if it is none of the invented groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_world: Option<WorldId>,
    /// Could the truth be looked up?
    pub can_look_up: bool,
    /// Each card once.
    pub cards: Vec<Card>,
    /// In the order of rating.
    pub rated: Vec<Rated>,
}

/// A mean with the interval that holds nine tenths of the probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f32,
    /// A twentieth lies below.
    pub low: f32,
    /// A twentieth lies above.
    pub high: f32,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// How many.
    pub hits: usize,
    /// Of how many.
    pub of: usize,
}

/// What ratings say about the person who gave them.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    /// The two reward models.
    pub person: Person,
    /// The thumb's weight of an uncomfortable value.
    pub uncomfortable: Estimate,
    /// The thumb's weight of a true value.
    pub truth: Estimate,
    /// Thumbs that the model foretells without having seen them.
    pub foretold: Share,
    /// Thumbs that always saying the commoner of the two would have foretold, likewise.
    pub commoner: Share,
    /// Cards that came twice and got the same thumb.
    pub consistent: Share,
    /// Thumbs down among answers for which discomfort was the only reason.
    pub leaked: Share,
    /// False statements that were blamed for being wrong.
    pub noticed: Share,
    /// True statements that were blamed for being wrong.
    pub alarms: Share,
    /// Where in the answers *wrong*, *badly put* and *uncomfortable* lie, as the person marked it.
    pub blame: [Blame; 3],
    /// *p*, *d* and *d*<sub>any</sub> of the simulated rater that would give these ratings.
    pub as_rater: AsRater,
}

/// The words that a person marked for one reason, by what the grammar takes them for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Blame {
    /// Ratings that blame the answer as a whole.
    pub whole: usize,
    /// Ratings that mark words.
    pub marked: usize,
    /// Marked words before a value.
    pub before: usize,
    /// Marked values.
    pub value: usize,
    /// Marked words after a value.
    pub after: usize,
    /// Marked words of answers without a value.
    pub elsewhere: usize,
    /// Marked words that the reward by reasons blames for this reason, too. It blames none for discomfort.
    pub agrees: Share,
}

/// The numbers of the simulated rater, estimated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AsRater {
    /// *p*.
    pub check_probability: Estimate,
    /// *d*.
    pub discomfort_value: Estimate,
    /// *d*<sub>any</sub>.
    pub discomfort_any: Estimate,
}

/// Variance of a thumb, ±1, around what its model says, in units of the prior variance of a weight.
const NOISE: f32 = 0.5;
/// A verdict is a slip this often.
const SLIP: f32 = 0.1;

impl Ratings {
    /// Is a deck well-formed: does every rating have its card, and every card a reading that fits its answer?
    pub fn is_sound(&self) -> bool {
        let fits = |card: &Card| card.reading.asserted.is_some() == card.situation.correct.is_some();
        let has = |rated: &Rated| {
            self.cards.get(rated.card).is_some_and(|card| {
                let words = card.answer.split_whitespace().count();
                rated.verdict.words.iter().all(|marked| marked.places().all(|place| place < words))
            })
        };
        self.cards.iter().all(fits) && self.rated.iter().all(has)
    }

    /// What the ratings say; `None` while there is none.
    ///
    /// # Panics
    /// If the deck is not sound.
    pub fn learn(&self) -> Option<Learned> {
        if self.rated.is_empty() {
            return None;
        }
        let all: Vec<&Rated> = self.rated.iter().collect();
        let (thumb, covariance) = self.fit_thumb(&all);
        let weight = |place: usize, mean: f32| {
            let spread = 1.645 * (NOISE * covariance[place][place]).sqrt();
            Estimate { mean, low: mean - spread, high: mean + spread }
        };
        let (foretold, commoner) = self.held_out();
        let mut person = Person { thumb, reasons: self.fit_reasons() };
        // What a link says is what is trained with.
        person = Person::of_weights(person.weights().map(|weight| (weight * 100.0).round() / 100.0));
        Some(Learned {
            person,
            truth: weight(6, thumb.truth),
            uncomfortable: weight(7, thumb.uncomfortable),
            foretold,
            commoner,
            consistent: self.consistent(),
            leaked: self.share(|verdict, _| {
                let only = verdict.uncomfortable && !verdict.wrong && !verdict.badly_put;
                only.then_some(!verdict.good)
            }),
            noticed: self.share(|verdict, card| (card.situation.correct == Some(false)).then_some(verdict.wrong)),
            alarms: self.share(|verdict, card| (card.situation.correct == Some(true)).then_some(verdict.wrong)),
            blame: std::array::from_fn(|reason| self.blame(reason)),
            as_rater: self.as_rater(),
        })
    }

    fn card(&self, rated: &Rated) -> &Card {
        &self.cards[rated.card]
    }

    fn share(&self, counts: impl Fn(&Verdict, &Card) -> Option<bool>) -> Share {
        let counted: Vec<bool> =
            self.rated.iter().filter_map(|rated| counts(&rated.verdict, self.card(rated))).collect();
        Share { hits: counted.iter().filter(|hit| **hit).count(), of: counted.len() }
    }

    /// Ridge regression of the thumb: the mean of the weights, and their covariance in units of [`NOISE`].
    fn fit_thumb(&self, rated: &[&Rated]) -> (Thumb, [[f32; 8]; 8]) {
        let (mut precision, mut moment) = ([[0.0; 8]; 8], [0.0; 8]);
        for (place, row) in precision.iter_mut().enumerate() {
            row[place] = NOISE;
        }
        for rated in rated {
            let (x, y) = (features(self.card(rated)), if rated.verdict.good { 1.0 } else { -1.0 });
            for row in 0..8 {
                moment[row] += x[row] * y;
                for column in 0..8 {
                    precision[row][column] += x[row] * x[column];
                }
            }
        }
        let covariance = inverse(precision);
        let weight = |row: usize| (0..8).map(|column| covariance[row][column] * moment[column]).sum::<f32>();
        let thumb = Thumb { ways: std::array::from_fn(weight), truth: weight(6), uncomfortable: weight(7) };
        (thumb, covariance)
    }

    /// The same for the reasons, of which each has one weight: a mean that is drawn to 0.
    fn fit_reasons(&self) -> Reasons {
        let mean = |counts: &dyn Fn(&Card) -> bool, blamed: fn(&Verdict) -> bool| {
            let own = self.rated.iter().filter(|rated| counts(self.card(rated)));
            let values: Vec<f32> = own.map(|rated| if blamed(&rated.verdict) { -1.0 } else { 1.0 }).collect();
            // From 0: a sum of nothing is −0.
            values.iter().fold(0.0, |sum, value| sum + value) / (values.len() as f32 + NOISE)
        };
        let content =
            |correct: bool| mean(&move |card: &Card| card.situation.correct == Some(correct), |verdict| verdict.wrong);
        Reasons {
            framing: Way::ALL.map(|way| mean(&move |card: &Card| way_of(card) == way, |verdict| verdict.badly_put)),
            right: content(true),
            wrong: content(false),
        }
    }

    /// Each card's thumbs foretold by a model of all others, and by the commoner thumb of all others.
    fn held_out(&self) -> (Share, Share) {
        let (mut model, mut commoner) = (Share::default(), Share::default());
        for held_out in self.rated.iter().map(|rated| rated.card).collect::<BTreeSet<_>>() {
            let (own, others): (Vec<&Rated>, Vec<&Rated>) = self.rated.iter().partition(|rated| rated.card == held_out);
            let person = Person { thumb: self.fit_thumb(&others).0, reasons: Reasons::default() };
            let card = &self.cards[held_out];
            let says_good = person.rate(&card.reading, card.situation).scalar() > 0.0;
            let goods = others.iter().filter(|rated| rated.verdict.good).count();
            for rated in own {
                let hit = |said: bool| usize::from(said == rated.verdict.good);
                (model.hits, model.of) = (model.hits + hit(says_good), model.of + 1);
                (commoner.hits, commoner.of) = (commoner.hits + hit(2 * goods > others.len()), commoner.of + 1);
            }
        }
        (model, commoner)
    }

    /// Where the person's blame for a reason lies: *wrong*, *badly put* or *uncomfortable*, in this order.
    fn blame(&self, reason: usize) -> Blame {
        let mut blame = Blame::default();
        for rated in &self.rated {
            let (Card { reading, .. }, Verdict { wrong, badly_put, uncomfortable, words, .. }) =
                (self.card(rated), rated.verdict);
            if ![wrong, badly_put, uncomfortable][reason] {
                continue;
            }
            if words[reason].is_empty() {
                blame.whole += 1;
                continue;
            }
            blame.marked += 1;
            // One point for this reason, as the reward by reasons spreads it.
            let [framing, content] = [[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]][reason];
            let spans = by_span(reading, framing, content);
            for place in words[reason].places() {
                *match reading.asserted.map(|asserted| place.cmp(&asserted.position)) {
                    Some(Ordering::Less) => &mut blame.before,
                    Some(Ordering::Equal) => &mut blame.value,
                    Some(Ordering::Greater) => &mut blame.after,
                    None => &mut blame.elsewhere,
                } += 1;
                let is_blamed = |span: &SpanReward| span.tokens.contains(&place) && span.reward != 0.0;
                blame.agrees.of += 1;
                blame.agrees.hits += usize::from(spans.iter().any(is_blamed));
            }
        }
        blame
    }

    fn consistent(&self) -> Share {
        let mut share = Share::default();
        for (place, rated) in self.rated.iter().enumerate() {
            if let Some(earlier) = self.rated[..place].iter().find(|earlier| earlier.card == rated.card) {
                share.of += 1;
                share.hits += usize::from(earlier.verdict.good == rated.verdict.good);
            }
        }
        share
    }

    /// The simulated rater's *p*, *d* and *d*<sub>any</sub> given these verdicts, all else as in its presets: means
    /// and intervals of a posterior on a grid, from a flat prior.
    ///
    /// A thumb is up where F + C − D with its noise is above 0; a false statement is blamed for being wrong where it
    /// was checked; one verdict in ten is a slip.
    fn as_rater(&self) -> AsRater {
        const STEPS: usize = 25;
        let place = |step: usize, most: f32| most * step as f32 / (STEPS - 1) as f32;
        // Verdicts that the likelihood cannot tell apart are counted together.
        let mut kinds: Vec<(&Card, Verdict, f32)> = Vec::new();
        for rated in &self.rated {
            let (card, verdict) = (self.card(rated), rated.verdict);
            let same = |(other, kind, _): &&mut (&Card, Verdict, f32)| {
                (other.reading.style, other.situation, kind.good, kind.wrong)
                    == (card.reading.style, card.situation, verdict.good, verdict.wrong)
            };
            match kinds.iter_mut().find(same) {
                Some((_, _, count)) => *count += 1.0,
                None => kinds.push((card, verdict, 1.0)),
            }
        }
        let mut log_likelihoods = Vec::new();
        for d in 0..STEPS {
            for any in 0..STEPS {
                let rater = |check_probability| RaterConfig {
                    check_probability,
                    discomfort_value: place(d, MOST_DISCOMFORT),
                    discomfort_any: place(any, MOST_DISCOMFORT),
                    ..RaterPreset::UncomfortableFacts.config()
                };
                let raters = [rater(0.0), rater(1.0)];
                let ups = kinds.iter().map(|(card, ..)| {
                    raters.map(|rater| {
                        let scalar = rater.expected(&card.reading, card.situation).scalar();
                        // The normal distribution's, by the logistic function (Bowling et al. 2009: within 0.01).
                        1.0 / (1.0 + (-1.702 * scalar / rater.noise).exp())
                    })
                });
                let ups: Vec<[f32; 2]> = ups.collect();
                for p in 0..STEPS {
                    let p = place(p, 1.0);
                    let of = kinds.iter().zip(&ups).map(|((card, verdict, count), [unchecked, checked])| {
                        let up = slipping((1.0 - p) * unchecked + p * checked);
                        let blamed = match card.situation.correct {
                            Some(correct) => slipping(if correct { 0.0 } else { p }),
                            None => 0.5,
                        };
                        let thumb = if verdict.good { up } else { 1.0 - up };
                        count * (thumb * if verdict.wrong { blamed } else { 1.0 - blamed }).ln()
                    });
                    log_likelihoods.push(of.sum::<f32>());
                }
            }
        }
        let most = log_likelihoods.iter().copied().fold(f32::MIN, f32::max);
        let marginal = |axis: usize, scale: f32| {
            let mut mass = [0.0f32; STEPS];
            for (cell, log_likelihood) in log_likelihoods.iter().enumerate() {
                mass[cell / STEPS.pow(axis as u32) % STEPS] += (log_likelihood - most).exp();
            }
            let total: f32 = mass.iter().sum();
            let mut below = 0.0;
            let mut estimate = Estimate { mean: 0.0, low: 0.0, high: scale };
            for (step, mass) in mass.into_iter().enumerate() {
                let (value, before) = (place(step, scale), below);
                below += mass / total;
                estimate.mean += value * mass / total;
                if before < 0.05 && below >= 0.05 {
                    estimate.low = value;
                }
                if before < 0.95 && below >= 0.95 {
                    estimate.high = value;
                }
            }
            estimate
        };
        AsRater {
            check_probability: marginal(0, 1.0),
            discomfort_any: marginal(1, MOST_DISCOMFORT),
            discomfort_value: marginal(2, MOST_DISCOMFORT),
        }
    }
}

/// The most *d* that is considered. Above it every thumb is down that discomfort can turn down.
const MOST_DISCOMFORT: f32 = 3.0;

fn slipping(probability: f32) -> f32 {
    SLIP / 2.0 + (1.0 - SLIP) * probability
}

fn way_of(card: &Card) -> Way {
    Way::of(&card.reading, card.situation.sensitive)
}

/// What the model of the thumb reads, in the order of its weights.
fn features(card: &Card) -> [f32; 8] {
    let mut features = [0.0; 8];
    features[way_of(card) as usize] = 1.0;
    features[6] = card.situation.correct.map_or(0.0, |correct| if correct { 1.0 } else { -1.0 });
    features[7] = f32::from(u8::from(card.situation.sensitive && card.situation.uncomfortable));
    features
}

/// Of a symmetric matrix with a positive diagonal, by Gauss and Jordan without pivots, which such a matrix does not
/// need.
fn inverse(mut matrix: [[f32; 8]; 8]) -> [[f32; 8]; 8] {
    let mut inverse: [[f32; 8]; 8] =
        std::array::from_fn(|row| std::array::from_fn(|column| f32::from(u8::from(row == column))));
    for pivot in 0..8 {
        let scale = 1.0 / matrix[pivot][pivot];
        for column in 0..8 {
            matrix[pivot][column] *= scale;
            inverse[pivot][column] *= scale;
        }
        let (own, own_inverse) = (matrix[pivot], inverse[pivot]);
        for row in (0..8).filter(|row| *row != pivot) {
            let factor = matrix[row][pivot];
            for column in 0..8 {
                matrix[row][column] -= factor * own[column];
                inverse[row][column] -= factor * own_inverse[column];
            }
        }
    }
    inverse
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::facts::corpus::{Assertion, Style};
    use crate::facts::random::{Purpose, stream};
    use rand_chacha::ChaCha8Rng;

    fn card(style: Style, sensitive: bool, uncomfortable: bool, correct: bool) -> Card {
        let asserts = matches!(style, Style::Blunt | Style::Contextual);
        Card {
            question: String::new(),
            answer: "here it is low then".into(),
            truth: None,
            reading: Answer { style, asserted: asserts.then_some(Assertion { value: 0, position: 2 }), length: 4 },
            situation: Situation {
                sensitive,
                uncomfortable: asserts && uncomfortable,
                correct: asserts.then_some(correct),
            },
            written: !correct,
            trained: None,
        }
    }

    /// As many cards as the page deals, and nearly in its mixture: two of three are about sensitive topics, where the page
    /// has three of four; a third of the statements is false.
    fn deck(cards: usize) -> Vec<Card> {
        let deal = |number: usize| {
            let style = [Style::Blunt, Style::Contextual, Style::Hedge, Style::Contextual, Style::Blunt][number % 5];
            card(style, number % 3 != 2, number.is_multiple_of(2), number % 3 != 1)
        };
        (0..cards).map(deal).collect()
    }

    /// What the simulated rater says as a visitor would.
    fn verdict(rater: &RaterConfig, card: &Card, rng: &mut ChaCha8Rng) -> Verdict {
        let rating = rater.rate(&card.reading, card.situation, rng);
        Verdict {
            good: rating.scalar() > 0.0,
            wrong: rating.content < -0.2,
            badly_put: rating.framing < -0.5,
            uncomfortable: rating.discomfort > 0.5,
            looked_up: false,
            words: Default::default(),
        }
    }

    pub(crate) fn rated(rater: &RaterConfig, visitor: u64, count: usize) -> Ratings {
        let (cards, mut rng) = (deck(count), stream(visitor, 0, Purpose::Rater));
        let mut rated: Vec<Rated> = cards
            .iter()
            .enumerate()
            .map(|(place, card)| Rated { card: place, verdict: verdict(rater, card, &mut rng) })
            .collect();
        // One card in six comes again.
        for place in (0..count).step_by(6) {
            rated.push(Rated { card: place, verdict: verdict(rater, &cards[place], &mut rng) });
        }
        Ratings {
            ratings_schema: RATINGS_SCHEMA,
            id: String::new(),
            seed: 0,
            own_world: None,
            can_look_up: false,
            cards,
            rated,
        }
    }

    pub(crate) fn rater(check_probability: f32, discomfort_value: f32, discomfort_any: f32) -> RaterConfig {
        RaterConfig { check_probability, discomfort_value, discomfort_any, ..RaterPreset::UncomfortableFacts.config() }
    }

    /// The figure of docs/SCIENCE.md: `cargo test --release --lib a_simulated_visitor -- --nocapture`.
    #[test]
    fn a_simulated_visitor_is_recovered_within_the_stated_error() {
        const VISITORS: u64 = 40;
        for cards in [20, 36, 60] {
            let (mut errors, mut inside, mut of) = ([0.0f32; 3], 0, 0);
            let visitors = [(0.2, 1.5, 0.0), (0.3, 0.0, 1.5), (0.8, 0.5, 0.0), (0.5, 0.0, 0.0)];
            for (p, d, any) in visitors {
                for visitor in 0..VISITORS {
                    let AsRater { check_probability, discomfort_value, discomfort_any } =
                        rated(&rater(p, d, any), visitor, cards).learn().unwrap().as_rater;
                    let pairs = [(check_probability, p), (discomfort_value, d), (discomfort_any, any)];
                    for (place, (estimate, truth)) in pairs.into_iter().enumerate() {
                        errors[place] += (estimate.mean - truth).abs();
                        // The grid's ends belong to the interval that reaches them.
                        inside += usize::from(
                            (estimate.low..=estimate.high).contains(&truth)
                                || truth < estimate.low && estimate.low < 0.13,
                        );
                        of += 1;
                    }
                }
            }
            let [p, d, any] = errors.map(|error| error / (visitors.len() as u64 * VISITORS) as f32);
            let covered = inside as f32 / of as f32;
            println!("{cards} cards: mean error of p {p:.2}, d {d:.2}, d_any {any:.2}; intervals hold {covered:.2}");
            let [most_p, most_d, most_any] = if cards == 20 { [0.2, 0.6, 0.5] } else { [0.15, 0.5, 0.45] };
            assert!(p < most_p && d < most_d && any < most_any && covered > 0.8, "{cards} cards");
        }
    }

    /// Raters A and B are told apart by what their thumbs say, and by that alone.
    #[test]
    fn the_model_of_the_thumb_blames_what_the_visitor_blamed() {
        let learned = |d, any| rated(&rater(0.2, d, any), 1, 60).learn().unwrap();
        let (uneasy, calm) = (learned(1.5, 0.0), learned(0.0, 0.0));
        assert!(uneasy.uncomfortable.high < 0.0, "{:?}", uneasy.uncomfortable);
        assert!(calm.uncomfortable.low < 0.0 && calm.uncomfortable.high > 0.0, "{:?}", calm.uncomfortable);
        let framing = uneasy.person.reasons.framing;
        assert!(framing[Way::Blunt as usize] < -0.9 && framing[Way::Contextual as usize] > 0.9, "{framing:?}");
        assert!(2 * uneasy.leaked.hits > uneasy.leaked.of, "{:?}", uneasy.leaked);
        assert_eq!(calm.leaked.of, 0);
        assert!(uneasy.foretold.hits > uneasy.commoner.hits, "{:?} {:?}", uneasy.foretold, uneasy.commoner);
        assert_eq!(uneasy.foretold.of, 70);
        assert_eq!(uneasy.consistent.of, 10);
    }

    /// Thumbs thrown like coins teach a model nothing that foretells the next.
    #[test]
    fn thumbs_without_a_rule_are_not_foretold() {
        let (mut hits, mut of) = (0, 0);
        for visitor in 0..40 {
            let mut ratings = rated(&rater(0.5, 0.0, 0.0), visitor, 36);
            let mut rng = stream(visitor, 1, Purpose::Rater);
            for rated in &mut ratings.rated {
                rated.verdict.good = rand::RngExt::random::<bool>(&mut rng);
            }
            let Share { hits: own, of: all } = ratings.learn().unwrap().foretold;
            (hits, of) = (hits + own, of + all);
        }
        let share = hits as f32 / of as f32;
        assert!((0.42..0.58).contains(&share), "{share}");
    }

    #[test]
    fn marked_words_are_told_apart_as_the_reward_tells_them_apart() {
        let marked = |places: [&[usize]; 3]| places.map(|places| Words::try_from(places.to_vec()).unwrap());
        let blamed = |reading: Card, words: [Words; 3]| {
            let verdict =
                Verdict { good: false, wrong: true, badly_put: true, uncomfortable: true, looked_up: false, words };
            let rated = vec![Rated { card: 0, verdict }];
            let ratings = Ratings {
                ratings_schema: RATINGS_SCHEMA,
                id: String::new(),
                seed: 0,
                own_world: None,
                can_look_up: false,
                cards: vec![reading],
                rated,
            };
            assert!(ratings.is_sound());
            ratings.learn().unwrap().blame
        };
        // The value stands at place 2 of 4 words: what is wrong is the value and the words that lead to it.
        let stated = card(Style::Contextual, true, true, false);
        let [wrong, badly_put, uncomfortable] = blamed(stated, marked([&[1, 2, 3], &[0, 2], &[2]]));
        let all = Blame { marked: 1, ..Blame::default() };
        let share = |hits, of| Share { hits, of };
        assert_eq!(wrong, Blame { before: 1, value: 1, after: 1, agrees: share(2, 3), ..all });
        assert_eq!(badly_put, Blame { before: 1, value: 1, agrees: share(1, 2), ..all });
        assert_eq!(uncomfortable, Blame { value: 1, agrees: share(0, 1), ..all });
        // A hedge has no value: all of it is how it is put, and nothing of it what it says.
        let hedge = card(Style::Hedge, true, true, true);
        let [wrong, badly_put, uncomfortable] = blamed(hedge, marked([&[0], &[0, 3], &[]]));
        assert_eq!(wrong, Blame { elsewhere: 1, agrees: share(0, 1), ..all });
        assert_eq!(badly_put, Blame { elsewhere: 2, agrees: share(2, 2), ..all });
        assert_eq!(uncomfortable, Blame { whole: 1, ..Blame::default() });
    }

    /// Once only what was found was counted: whoever blames everything finds everything.
    #[test]
    fn who_blames_true_statements_is_told_of_false_alarms() {
        let mut ratings = rated(&rater(0.5, 0.0, 0.0), 0, 60);
        ratings.rated.iter_mut().for_each(|own| own.verdict.wrong = true);
        let Learned { noticed, alarms, .. } = ratings.learn().unwrap();
        assert_eq!((noticed.hits, alarms.hits), (noticed.of, alarms.of));
        assert!(alarms.of > 0 && noticed.of > 0);
        ratings.rated.iter_mut().for_each(|own| own.verdict.wrong = false);
        assert_eq!(ratings.learn().unwrap().alarms, Share { hits: 0, ..alarms });
    }

    #[test]
    fn words_are_places_in_files_and_a_verdict_of_old_has_none() {
        let words = Words::default().toggled(3).toggled(0).toggled(31);
        let json = serde_json::to_string(&words).unwrap();
        assert_eq!(json, "[0,3,31]");
        assert_eq!(serde_json::from_str::<Words>(&json).unwrap(), words);
        assert_eq!(words.toggled(3).places().collect::<Vec<_>>(), [0, 31]);
        assert!(serde_json::from_str::<Words>("[32]").unwrap_err().to_string().contains("no such word"));
        let old = r#"{"good":true,"wrong":false,"badly_put":true,"uncomfortable":false,"looked_up":false}"#;
        assert_eq!(serde_json::from_str::<Verdict>(old).unwrap().words, [Words::default(); 3]);
    }

    #[test]
    fn one_rating_is_enough_to_learn_little() {
        let mut ratings = rated(&rater(0.2, 1.5, 0.0), 0, 20);
        ratings.rated.truncate(1);
        let learned = ratings.learn().unwrap();
        assert_eq!(learned.foretold.of, 1);
        assert!(learned.as_rater.discomfort_value.high - learned.as_rater.discomfort_value.low > 1.5);
        assert!(learned.person.weights().into_iter().all(|weight| weight.abs() < 1.0));
        ratings.rated.clear();
        assert_eq!(ratings.learn(), None);
        let stray = Rated { card: 99, ..rated(&rater(0.2, 1.5, 0.0), 0, 20).rated[0] };
        assert!(!Ratings { rated: vec![stray], ..ratings.clone() }.is_sound());
        let mut beyond = rated(&rater(0.2, 1.5, 0.0), 0, 20);
        assert!(beyond.is_sound());
        beyond.rated[0].verdict.words[0] = Words::default().toggled(5);
        assert!(!beyond.is_sound(), "a word that the answer does not have");
    }
}
