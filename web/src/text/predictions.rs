//! A prediction beside what came, in words.

use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::statistics::estimate;
use hedgerow::judgement::experiment::Arm;

use super::later::later;
use super::{numbers, terms};
use crate::model::prediction::{Expected, METRIC, SLICE};

/// What was predicted of an arm, and what came of its models with the score for it, once something has.
pub fn compared(expected: Expected, came: &[(Arm, f64)]) -> String {
    let text = &later().predict;
    let [likely, low, high] = [expected.likely, expected.low, expected.high].map(numbers::percent);
    let shares: Vec<f64> = came.iter().filter(|(arm, _)| *arm == expected.arm).map(|(_, share)| *share).collect();
    let score = shares.iter().map(|share| expected.score(*share)).sum::<f64>() / shares.len().max(1) as f64;
    let result = estimate(&[shares]);
    let beside = match result {
        None => text.not_yet.to_owned(),
        Some(result) => {
            let held = if expected.holds(result.mean) { text.hit } else { text.missed };
            let shown = numbers::estimate(result, Quantity::Rate(METRIC, SLICE));
            format!("{} {held}", text.came(shown, numbers::points(score)))
        }
    };
    format!("{} {beside}", text.expected(terms::arm(expected.arm).name, likely, low, high))
}
