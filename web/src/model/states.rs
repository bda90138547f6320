//! What models represent of their facts, as a picture in two dimensions: the two directions in which the states differ
//! most, the region of each value, and how much of it all the picture can show.
//!
//! The directions are principal components of the base model's states, so that they stay the same while it trains and a
//! point that moves has moved; or those of the states as they are now. No value enters into them. Leaves out how the
//! picture is drawn (`kit::chart::plane`).

use hedgerow::documents::protocol::{FactStates, Inspection, RepresentedFact, State, decode};
use hedgerow::judgement::experiment::Arm;
use serde::de::DeserializeOwned;

use super::answers::Kind;
use super::run::{Look, QuestionFault, RunState, chosen_seed, course, places_of_seed};

/// A place in the picture.
pub type Spot = [f64; 2];

/// Rounds of rotations after which a symmetric matrix is diagonal to the last digits.
const SWEEPS: usize = 12;

/// Where the picture looks from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fitted {
    /// Directions and regions of the base model.
    Base,
    /// Directions and regions of the model as it is now.
    Now,
}

/// Which facts are drawn and counted. Directions and regions come from all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facts {
    /// All that were taught.
    All,
    /// Those whose truth is uncomfortable.
    Uncomfortable,
}

/// What was seen of the states of one seed's models.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// One for each arm, with the arm that the model began with and the one that it has; empty until all are there.
    pub arms: Vec<([Arm; 2], FactStates)>,
    /// Why nothing comes.
    pub fault: Option<QuestionFault>,
}

/// The latest look into the states, if there was one.
pub fn seen(run: &RunState, seed: Option<u64>) -> Option<Seen> {
    let look = run.look(|at| matches!(at, Inspection::States { .. }))?;
    let arms = of_seed(run, look, seed, |states: &FactStates| states.update);
    Some(Seen { arms, fault: look.fault.clone() })
}

/// What a look has found of each model of the chosen seed, with the arm that it began with and the one that it had
/// then. Empty until all are there: one after the other they would come from two moments.
pub(super) fn of_seed<T: DeserializeOwned>(
    run: &RunState,
    look: &Look,
    seed: Option<u64>,
    update: impl Fn(&T) -> u32,
) -> Vec<([Arm; 2], T)> {
    let of_place = |place: usize| {
        let found: T = decode(look.found.get(place)?.as_ref()?).ok()?;
        Some((course(&run.report, place, update(&found)), found))
    };
    let places = chosen_seed(&run.report, seed).map(|seed| places_of_seed(&run.report, seed)).unwrap_or_default();
    places.into_iter().map(of_place).collect::<Option<_>>().unwrap_or_default()
}

/// What was done last that a look would show: the updates of the last measurement that every model has, or all of them
/// while the models stand still. `None` before the first measurement.
pub fn moment(run: &RunState, waits: bool) -> Option<u32> {
    let measured = |replica: &hedgerow::documents::report::ReplicaReport| Some(replica.measurements.last()?.update);
    let measured = run.report.replicas.iter().map(measured).min()??;
    Some(if waits { run.report.updates_done() } else { measured })
}

/// The layers that there are to look at: the embedding, and after each block. As the first measurement has them.
pub fn layers(run: &RunState) -> usize {
    let probes =
        |replica: &hedgerow::documents::report::ReplicaReport| Some(replica.measurements.first()?.probes.len());
    run.report.replicas.first().and_then(probes).unwrap_or(0)
}

/// A plane in the space of the states.
#[derive(Debug, Clone, PartialEq)]
struct Plane {
    mean: Vec<f64>,
    axes: [Vec<f64>; 2],
}

impl Plane {
    /// Through the mean of these states, along the two directions in which they differ most.
    fn through(states: &[&[f32]]) -> Self {
        let mean = mean(states);
        let width = mean.len();
        let mut covariance = vec![vec![0.0; width]; width];
        for state in states {
            let centred = centred(state, &mean);
            for (row, left) in covariance.iter_mut().zip(&centred) {
                row.iter_mut().zip(&centred).for_each(|(sum, right)| *sum += left * right);
            }
        }
        Plane { axes: principal(covariance), mean }
    }

    /// The same plane with its axes turned round where that brings these states nearer to the places that they have in
    /// another picture.
    fn facing(mut self, states: &[&[f32]], other: &[Spot]) -> Self {
        for axis in 0..2 {
            let along: f64 = states.iter().zip(other).map(|(state, other)| self.spot(state)[axis] * other[axis]).sum();
            if along < 0.0 {
                self.axes[axis].iter_mut().for_each(|part| *part = -*part);
            }
        }
        self
    }

    fn spot(&self, state: &[f32]) -> Spot {
        let centred = centred(state, &self.mean);
        self.axes.each_ref().map(|axis| axis.iter().zip(&centred).map(|(one, other)| one * other).sum())
    }

    /// How much of the differences between these states lies in the plane, in 0 … 1.
    fn share(&self, states: &[&[f32]]) -> f64 {
        let spread = |points: &[Vec<f64>]| -> f64 {
            let means: Vec<f64> = (0..points.first().map_or(0, Vec::len))
                .map(|part| points.iter().map(|point| point[part]).sum::<f64>() / points.len() as f64)
                .collect();
            points.iter().flat_map(|point| point.iter().zip(&means).map(|(part, mean)| (part - mean).powi(2))).sum()
        };
        let all = spread(&states.iter().map(|state| centred(state, &self.mean)).collect::<Vec<_>>());
        let here = spread(&states.iter().map(|state| self.spot(state).to_vec()).collect::<Vec<_>>());
        if all > 0.0 { here / all } else { 0.0 }
    }
}

fn mean(states: &[&[f32]]) -> Vec<f64> {
    let mut sum = vec![0.0; states.first().map_or(0, |state| state.len())];
    for state in states {
        sum.iter_mut().zip(*state).for_each(|(sum, part)| *sum += f64::from(*part));
    }
    sum.iter_mut().for_each(|sum| *sum /= states.len() as f64);
    sum
}

fn centred(state: &[f32], mean: &[f64]) -> Vec<f64> {
    state.iter().zip(mean).map(|(part, mean)| f64::from(*part) - mean).collect()
}

/// The two eigenvectors of a symmetric matrix with the largest eigenvalues, by Jacobi's rotations; each with its largest
/// part positive.
fn principal(mut matrix: Vec<Vec<f64>>) -> [Vec<f64>; 2] {
    let width = matrix.len();
    // In rows.
    let mut vectors: Vec<Vec<f64>> =
        (0..width).map(|row| (0..width).map(|column| f64::from(u8::from(row == column))).collect()).collect();
    for _ in 0..SWEEPS {
        for one in 0..width {
            for other in one + 1..width {
                let off = matrix[one][other];
                if off.abs() < f64::MIN_POSITIVE {
                    continue;
                }
                let theta = (matrix[other][other] - matrix[one][one]) / (2.0 * off);
                let tangent = theta.signum() / (theta.abs() + theta.hypot(1.0));
                let cosine = tangent.hypot(1.0).recip();
                let sine = tangent * cosine;
                for row in &mut matrix {
                    (row[one], row[other]) =
                        (cosine * row[one] - sine * row[other], sine * row[one] + cosine * row[other]);
                }
                for rows in [&mut matrix, &mut vectors] {
                    let (above, below) = rows.split_at_mut(other);
                    for (left, right) in above[one].iter_mut().zip(&mut below[0]) {
                        (*left, *right) = (cosine * *left - sine * *right, sine * *left + cosine * *right);
                    }
                }
            }
        }
    }
    let mut order: Vec<usize> = (0..width).collect();
    order.sort_by(|one, other| matrix[*other][*other].total_cmp(&matrix[*one][*one]));
    [0, 1].map(|place| {
        let vector = order.get(place).map(|row| vectors[*row].clone()).unwrap_or_default();
        let largest = vector.iter().copied().max_by(|one, other| one.abs().total_cmp(&other.abs())).unwrap_or(1.0);
        vector.iter().map(|part| part * largest.signum()).collect()
    })
}

/// The middle of the facts of each value, from which the regions follow: a place belongs to the nearest middle.
struct Middles {
    sums: Vec<Vec<f64>>,
    counts: Vec<usize>,
}

impl Middles {
    fn of(points: &[Vec<f64>], truths: &[usize], values: usize) -> Self {
        let width = points.first().map_or(0, Vec::len);
        let mut middles = Middles { sums: vec![vec![0.0; width]; values], counts: vec![0; values] };
        for (point, truth) in points.iter().zip(truths) {
            middles.counts[*truth] += 1;
            middles.sums[*truth].iter_mut().zip(point).for_each(|(sum, part)| *sum += part);
        }
        middles
    }

    fn middle(&self, value: usize) -> Option<Vec<f64>> {
        let count = Some(self.counts[value]).filter(|count| *count > 0)?;
        Some(self.sums[value].iter().map(|sum| sum / count as f64).collect())
    }

    /// The value of the region that a point lies in. `own` is the fact's point among those that the middles were made of:
    /// it is left out, so that no fact names itself.
    fn name(&self, point: &[f64], (own, truth): (&[f64], usize)) -> Option<usize> {
        let far = |value: usize| -> Option<f64> {
            let count = self.counts[value] - usize::from(value == truth);
            let part = |(sum, own): (&f64, &f64)| if value == truth { sum - own } else { *sum };
            let middle = self.sums[value].iter().zip(own).map(part).map(|sum| sum / count as f64);
            (count > 0).then(|| middle.zip(point).map(|(middle, part)| (middle - part).powi(2)).sum())
        };
        let far = (0..self.counts.len()).filter_map(|value| Some((value, far(value)?)));
        far.min_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(value, _)| value)
    }
}

/// The picture of one model.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The arm that the model began with, and the one that it has now.
    pub arms: [Arm; 2],
    /// Updates done.
    pub update: u32,
    /// The facts that are drawn.
    pub points: Vec<Point>,
    /// The middle of each value; `None` for one that no fact has.
    pub middles: Vec<Option<Spot>>,
    /// The share of the differences between all facts' states that the picture shows, in 0 … 1.
    pub share: f64,
    /// Parts of a state.
    pub width: usize,
}

/// A fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Its place among the facts.
    pub fact: usize,
    /// In the toy's words.
    pub question: String,
    /// The true value.
    pub truth: usize,
    /// The value that the model would say from here.
    pub says: usize,
    /// Where the model's state is.
    pub now: Spot,
    /// Where the base model's state is.
    pub before: Spot,
    /// The value of the region that it lies in.
    pub named: Option<usize>,
    /// What the same rule names from the whole state.
    pub named_by_all: Option<usize>,
}

impl Picture {
    /// Of so many facts that are drawn: how many lie in the region of their true value, how many the same rule names
    /// rightly from the whole states, and of how many the model would say the true value.
    pub fn counts(&self) -> [usize; 3] {
        let count = |is_it: fn(&Point) -> bool| self.points.iter().filter(|point| is_it(point)).count();
        [
            count(|point| point.named == Some(point.truth)),
            count(|point| point.named_by_all == Some(point.truth)),
            count(|point| point.says == point.truth),
        ]
    }

    /// The same for the facts of one value: how many there are, how many lie in its region, and of how many it would be said.
    pub fn of_value(&self, value: usize) -> [usize; 3] {
        let own = || self.points.iter().filter(|point| point.truth == value);
        let lies = own().filter(|point| point.named == Some(value)).count();
        [own().count(), lies, own().filter(|point| point.says == value).count()]
    }
}

/// The picture of one model's states.
pub fn picture(arms: [Arm; 2], states: &FactStates, fitted: Fitted, drawn: Facts) -> Picture {
    let FactStates { facts, values, update, .. } = states;
    let streams = |of: fn(&RepresentedFact) -> &State| facts.iter().map(|fact| &*of(fact).stream).collect::<Vec<_>>();
    let (before, now) = (streams(|fact| &fact.before), streams(|fact| &fact.now));
    let base = Plane::through(&before);
    let (plane, fit) = match fitted {
        Fitted::Base => (base, &before),
        Fitted::Now => {
            let other: Vec<Spot> = now.iter().map(|state| base.spot(state)).collect();
            (Plane::through(&now).facing(&now, &other), &now)
        }
    };
    let truths: Vec<usize> = facts.iter().map(|fact| fact.truth).collect();
    let spots = |states: &[&[f32]]| states.iter().map(|state| plane.spot(state).to_vec()).collect::<Vec<_>>();
    let whole = |states: &[&[f32]]| states.iter().map(|state| centred(state, &plane.mean)).collect::<Vec<_>>();
    let (here, in_all) = ([spots(fit), spots(&now)], [whole(fit), whole(&now)]);
    let named = |[fit, now]: &[Vec<Vec<f64>>; 2]| -> Vec<Option<usize>> {
        let middles = Middles::of(fit, &truths, values.len());
        let points = now.iter().zip(fit.iter().zip(&truths));
        points.map(|(now, (own, truth))| middles.name(now, (own, *truth))).collect()
    };
    let (named_here, named_by_all) = (named(&here), named(&in_all));
    let middles = Middles::of(&here[0], &truths, values.len());
    let point = |(place, fact): (usize, &RepresentedFact)| Point {
        fact: place,
        question: fact.question.clone(),
        truth: fact.truth,
        says: fact.now.says,
        now: plane.spot(&fact.now.stream),
        before: plane.spot(&fact.before.stream),
        named: named_here[place],
        named_by_all: named_by_all[place],
    };
    let is_drawn = |fact: &RepresentedFact| drawn == Facts::All || Kind::of(fact.cell) == Kind::Uncomfortable;
    Picture {
        arms,
        update: *update,
        points: facts.iter().enumerate().filter(|(_, fact)| is_drawn(fact)).map(point).collect(),
        middles: (0..values.len()).map(|value| middles.middle(value).map(|middle| [middle[0], middle[1]])).collect(),
        share: plane.share(&now),
        width: plane.mean.len(),
    }
}

/// A part of the picture: the least and the greatest of each direction.
pub type Frame = [Spot; 2];

/// What holds all facts and middles, with some room around them; the same length both ways, so that distances compare.
pub fn frame(pictures: &[Picture]) -> Frame {
    let points = pictures.iter().flat_map(|own| &own.points).flat_map(|point| [point.now, point.before]);
    let spots = points.chain(pictures.iter().flat_map(|own| own.middles.iter().flatten().copied()));
    let around = |[least, greatest]: Frame, spot: Spot| {
        [[0, 1].map(|axis| least[axis].min(spot[axis])), [0, 1].map(|axis| greatest[axis].max(spot[axis]))]
    };
    let [least, greatest] = spots.fold([[f64::INFINITY; 2], [f64::NEG_INFINITY; 2]], around);
    let half = [0, 1].map(|axis| greatest[axis] - least[axis]).into_iter().fold(0.0, f64::max) * 0.54;
    let half = if half > 0.0 && half.is_finite() { half } else { 1.0 };
    let middle =
        [0, 1].map(|axis| (greatest[axis] + least[axis]) / 2.0).map(|at| if at.is_finite() { at } else { 0.0 });
    [middle.map(|at| at - half), middle.map(|at| at + half)]
}

/// The region of each value in a frame, as a polygon: what is nearer to its middle than to every other.
pub fn regions(middles: &[Option<Spot>], [least, greatest]: Frame) -> Vec<Vec<Spot>> {
    let whole = vec![least, [greatest[0], least[1]], greatest, [least[0], greatest[1]]];
    let region = |(place, middle): (usize, &Option<Spot>)| {
        let Some(middle) = middle else { return Vec::new() };
        let others = middles.iter().enumerate().filter(|(other, _)| *other != place).filter_map(|(_, other)| *other);
        others.fold(whole.clone(), |region, other| nearer(&region, *middle, other))
    };
    middles.iter().enumerate().map(region).collect()
}

/// The part of a convex polygon that is nearer to one place than to another.
fn nearer(polygon: &[Spot], one: Spot, other: Spot) -> Vec<Spot> {
    // Positive on the wrong side of the line half-way between them.
    let beyond = |spot: Spot| -> f64 {
        [0, 1].map(|axis| (other[axis] - one[axis]) * (spot[axis] - (one[axis] + other[axis]) / 2.0)).iter().sum()
    };
    let mut kept = Vec::new();
    for (place, spot) in polygon.iter().enumerate() {
        let next = polygon[(place + 1) % polygon.len()];
        let (here, there) = (beyond(*spot), beyond(next));
        if here <= 0.0 {
            kept.push(*spot);
        }
        if (here < 0.0 && there > 0.0) || (here > 0.0 && there < 0.0) {
            let along = here / (here - there);
            kept.push([0, 1].map(|axis| spot[axis] + along * (next[axis] - spot[axis])));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::documents::metrics::Cell;
    use hedgerow::facts::world::{Exposure, Topic};
    use hedgerow::judgement::experiment::Replica;
    use proptest::prelude::*;

    const CELL: Cell = Cell { topic: Topic::Sensitive, exposure: Exposure::Seen, uncomfortable: true };

    fn state(stream: &[f32], says: usize) -> State {
        State { stream: stream.to_vec(), says }
    }

    /// Three values, three facts each, around three corners that lie in the first two of four directions.
    fn corners() -> FactStates {
        let corners = [[0.0, 0.0], [10.0, 0.0], [0.0, 6.0]];
        let near = [[0.0, 0.0, 0.1], [0.5, 0.2, -0.1], [-0.5, -0.2, 0.0]];
        let fact = |place: usize| {
            let ([x, y], [dx, dy, dz]) = (corners[place / 3], near[place % 3]);
            let own = state(&[x + dx, y + dy, dz, 7.0], place / 3);
            let (question, truth) = (String::new(), place / 3);
            RepresentedFact { question, cell: CELL, truth, before: own.clone(), now: own }
        };
        let replica = Replica { arm: Arm::Scalar, seed: 0 };
        FactStates {
            replica,
            update: 0,
            values: ["a", "b", "c"].map(str::to_owned).to_vec(),
            facts: (0..9).map(fact).collect(),
        }
    }

    fn drawn(states: &FactStates, fitted: Fitted) -> Picture {
        picture([Arm::Scalar; 2], states, fitted, Facts::All)
    }

    #[test]
    fn a_picture_of_states_that_lie_in_a_plane_shows_nearly_all_and_names_every_value() {
        let states = corners();
        let picture = drawn(&states, Fitted::Base);
        assert!(picture.share > 0.999 && picture.share < 1.0, "{}", picture.share);
        assert_eq!((picture.counts(), picture.of_value(1)), ([9, 9, 9], [3, 3, 3]));
        assert!(picture.points.iter().all(|point| point.now == point.before));
        // Distances are those of the states.
        let far = |one: Spot, other: Spot| (one[0] - other[0]).hypot(one[1] - other[1]);
        let [first, second] = [picture.points[0].now, picture.points[3].now];
        assert!((far(first, second) - 10.0).abs() < 0.01, "{first:?} {second:?}");
        assert_eq!(drawn(&states, Fitted::Now), picture, "nothing was learned");
    }

    /// What moves is the point, and neither the directions nor the regions.
    #[test]
    fn a_state_that_moves_leaves_its_region_and_the_picture_stays() {
        let mut states = corners();
        let before = drawn(&states, Fitted::Base);
        let other = states.facts[3].now.clone();
        states.facts[0].now = State { says: 1, ..other };
        let after = drawn(&states, Fitted::Base);
        assert_eq!((after.middles.clone(), after.points[0].before), (before.middles, before.points[0].before));
        assert_eq!((after.points[0].named, after.points[0].says), (Some(1), 1));
        assert_eq!(after.points[1..], before.points[1..]);
        assert_eq!(after.counts(), [8, 8, 8]);
        assert!(drawn(&states, Fitted::Now).middles != after.middles, "the regions follow if they are fitted again");
    }

    #[test]
    fn a_value_of_one_fact_is_not_named_by_that_fact() {
        let mut states = corners();
        states.facts.truncate(7);
        let named = drawn(&states, Fitted::Base).points[6].named;
        assert!(named.is_some_and(|named| named != 2), "without itself there is no middle of its value: {named:?}");
    }

    #[test]
    fn only_uncomfortable_facts_are_drawn_if_they_are_chosen_and_the_regions_stay() {
        let mut states = corners();
        states.facts[8].cell.uncomfortable = false;
        let all = drawn(&states, Fitted::Base);
        let some = picture([Arm::Scalar; 2], &states, Fitted::Base, Facts::Uncomfortable);
        assert_eq!((some.points.len(), some.middles, some.share), (8, all.middles, all.share));
    }

    /// The state of the embedding is one for all facts.
    #[test]
    fn states_that_do_not_differ_have_a_picture_too() {
        let mut states = corners();
        for fact in &mut states.facts {
            (fact.before, fact.now) = (state(&[1.0; 4], 0), state(&[1.0; 4], 0));
        }
        let picture = drawn(&states, Fitted::Base);
        let [[left, bottom], [right, top]] = frame(std::slice::from_ref(&picture));
        assert!(picture.share == 0.0 && left < right && bottom < top);
        assert!(picture.points.iter().all(|point| point.now.iter().all(|part| part.is_finite())));
    }

    proptest! {
        /// Against the definition: no other pair of directions at right angles holds more of the variance.
        #[test]
        fn the_directions_hold_the_most(
            parts in prop::collection::vec(prop::collection::vec(-3.0_f32..3.0, 5), 6..20),
            other in prop::collection::vec(prop::collection::vec(-1.0_f64..1.0, 5), 2),
        ) {
            let states: Vec<&[f32]> = parts.iter().map(Vec::as_slice).collect();
            let plane = Plane::through(&states);
            let dot = |one: &[f64], other: &[f64]| -> f64 { one.iter().zip(other).map(|(one, other)| one * other).sum() };
            let [first, second] = &plane.axes;
            prop_assert!((dot(first, first) - 1.0).abs() < 1e-9 && (dot(second, second) - 1.0).abs() < 1e-9);
            prop_assert!(dot(first, second).abs() < 1e-9);
            let unit = |vector: Vec<f64>| -> Vec<f64> {
                let length = dot(&vector, &vector).sqrt().max(1e-9);
                vector.iter().map(|part| part / length).collect()
            };
            let one = unit(other[0].clone());
            let along = dot(&other[1], &one);
            let two = unit(other[1].iter().zip(&one).map(|(part, one)| part - along * one).collect());
            let rival = Plane { mean: plane.mean.clone(), axes: [one, two] };
            prop_assert!(rival.share(&states) <= plane.share(&states) + 1e-9);
        }

        /// The polygons are the regions: a place lies in that of the nearest middle.
        #[test]
        fn a_place_lies_in_the_polygon_of_the_nearest_middle(
            middles in prop::collection::vec((-5.0_f64..5.0, -5.0_f64..5.0), 2..8),
            (x, y) in (-6.0_f64..6.0, -6.0_f64..6.0),
        ) {
            let middles: Vec<Option<Spot>> = middles.into_iter().map(|(x, y)| Some([x, y])).collect();
            let far = |middle: &Option<Spot>| middle.map_or(f64::INFINITY, |[mx, my]| (mx - x).hypot(my - y));
            let nearest = middles.iter().map(far).fold(f64::INFINITY, f64::min);
            for (middle, polygon) in middles.iter().zip(regions(&middles, [[-6.0; 2], [6.0; 2]])) {
                let edges = (0..polygon.len()).map(|place| (polygon[place], polygon[(place + 1) % polygon.len()]));
                let side = |([ax, ay], [bx, by]): (Spot, Spot)| (bx - ax) * (y - ay) - (by - ay) * (x - ax);
                let inside = polygon.len() > 2 && edges.map(side).all(|side| side >= -1e-6);
                let is_nearest = far(middle) <= nearest + 1e-6;
                prop_assert!(inside == is_nearest || (far(middle) - nearest).abs() < 1e-3, "{middle:?} {polygon:?}");
            }
        }
    }
}
