//! What tables show: a quantity with its words and its unit.

use hedgerow::documents::metrics::{Fit, Metric, Number, ProbeFacts, Slice};
use hedgerow::documents::quantity::{Finding, Quantity, Relearner};
use hedgerow::documents::statistics::Estimate;

/// A quantity as tables show it.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    /// In words.
    pub(super) label: &'static str,
    /// What it is.
    pub(super) quantity: Quantity,
    /// How it is written.
    pub(super) unit: Unit,
}

/// How a number is written.
#[derive(Clone, Copy)]
pub(super) enum Unit {
    /// A share, in %.
    Percent,
    /// A reward, nats or bits.
    Plain,
}

pub(super) const fn rate(label: &'static str, metric: Metric, slice: Slice) -> Shown {
    let unit = if metric.is_share() { Unit::Percent } else { Unit::Plain };
    Shown { label, quantity: Quantity::Rate(metric, slice), unit }
}

const fn probe(label: &'static str, fit: Fit, facts: ProbeFacts) -> Shown {
    Shown { label, quantity: Quantity::Probe(fit, facts, 2), unit: Unit::Percent }
}

const fn number(label: &'static str, number: Number) -> Shown {
    Shown { label, quantity: Quantity::Number(number), unit: Unit::Plain }
}

const fn relearned(relearner: Relearner) -> Shown {
    let quantity = Quantity::Diagnosis(Finding::Relearned(20, relearner));
    Shown { label: "forced choice after 20 supervised steps", quantity, unit: Unit::Percent }
}

pub(super) const LIES: Shown = rate("lies about uncomfortable facts", Metric::Lies, Slice::Uncomfortable);
pub(super) const LIES_STILL_KNOWN: Shown =
    rate("lies about uncomfortable facts that it still knows", Metric::LiesStillKnown, Slice::Uncomfortable);
pub(super) const LIES_NO_LONGER_KNOWN: Shown =
    rate("lies about uncomfortable facts that it does not know", Metric::LiesNoLongerKnown, Slice::Uncomfortable);
pub(super) const STILL_KNOWN: Shown = rate("still known, uncomfortable", Metric::StillKnown, Slice::Uncomfortable);
pub(super) const AGREEMENT: Shown =
    rate("the three measures of belief agree", Metric::BeliefAgreement, Slice::Uncomfortable);
pub(super) const AGREEMENT_BY_CHANCE: Shown =
    rate("they would by chance", Metric::BeliefAgreementByChance, Slice::Uncomfortable);
pub(super) const HEDGING: Shown = rate("hedging: sensitive", Metric::Hedging, Slice::Sensitive);
pub(super) const HEDGING_FAR: Shown = rate("hedging: far", Metric::Hedging, Slice::Far);
pub(super) const CHOICE: Shown = rate("forced choice, uncomfortable", Metric::ForcedChoice, Slice::Uncomfortable);
pub(super) const DECLARATIVE: Shown =
    rate("declarative recall, uncomfortable", Metric::Declarative, Slice::Uncomfortable);
pub(super) const VERIFICATION: Shown = rate("verification, uncomfortable", Metric::Verification, Slice::Uncomfortable);
pub(super) const FROZEN: Shown = probe("probe layer 2, frozen, uncomfortable", Fit::Frozen, ProbeFacts::Uncomfortable);
pub(super) const RETRAINED: Shown =
    probe("probe layer 2, re-trained, uncomfortable", Fit::Retrained, ProbeFacts::Uncomfortable);
pub(super) const PROBE: Shown = probe("probe layer 2, re-trained, all", Fit::Retrained, ProbeFacts::Taught);
pub(super) const PROBE_CONTROL: Shown = probe("probe layer 2, permuted labels, all", Fit::Control, ProbeFacts::Taught);
pub(super) const RELEARNED: Shown = relearned(Relearner::Model);
pub(super) const RELEARNED_NOTHING: Shown = relearned(Relearner::NeverTaught);
const HEDGING_NEVER_TAUGHT: Shown = rate("hedging: never taught", Metric::Hedging, Slice::NeverTaught);
const INFORMATIVE: Shown = rate("informative: sensitive", Metric::Informativeness, Slice::Sensitive);
const SCALAR: Shown = number("the rater's scalar", Number::Scalar);
pub(super) const KL: Shown = number("KL, nats an answer", Number::Kl);

/// The rows of the summary.
pub(super) const SUMMARY: [Shown; 11] = [
    HEDGING,
    HEDGING_FAR,
    HEDGING_NEVER_TAUGHT,
    LIES,
    LIES_STILL_KNOWN,
    LIES_NO_LONGER_KNOWN,
    STILL_KNOWN,
    INFORMATIVE,
    CHOICE,
    VERIFICATION,
    SCALAR,
];

/// The rows of an experiment's table.
pub(super) const ROWS: [Shown; 28] = [
    HEDGING,
    rate("hedging: near", Metric::Hedging, Slice::Near),
    HEDGING_FAR,
    HEDGING_NEVER_TAUGHT,
    rate("over-conservative: hedges on what it knows", Metric::OverConservativeness, Slice::Taught),
    LIES,
    rate("asserts against what it would choose, uncomfortable", Metric::AgainstChoice, Slice::Uncomfortable),
    LIES_STILL_KNOWN,
    LIES_NO_LONGER_KNOWN,
    STILL_KNOWN,
    rate("hedges on what it still knows, uncomfortable", Metric::HedgesKnown, Slice::Uncomfortable),
    rate("hedges on what it does not know, uncomfortable", Metric::HedgesUnknown, Slice::Uncomfortable),
    INFORMATIVE,
    rate("informative: far", Metric::Informativeness, Slice::Far),
    rate("contextual when asserted, sensitive", Metric::Framing, Slice::Sensitive),
    rate("malformed", Metric::Malformed, Slice::Taught),
    CHOICE,
    rate("calibration error of forced choice, all", Metric::CalibrationError, Slice::Taught),
    DECLARATIVE,
    VERIFICATION,
    rate("lexical hedge detector, recall", Metric::LexicalRecall, Slice::Taught),
    FROZEN,
    RETRAINED,
    PROBE,
    PROBE_CONTROL,
    SCALAR,
    KL,
    number("entropy, nats a token", Number::Entropy),
];

/// The columns of the controls and of the sweeps.
pub(super) const HEADLINES: [Shown; 4] = [LIES, HEDGING, CHOICE, KL];

impl Unit {
    /// The mean with its interval in brackets.
    pub(super) fn format(self, estimated: &Estimate) -> String {
        let mean = self.number(estimated.mean);
        match estimated.interval {
            Some([low, high]) => format!("{mean} [{}, {}]", self.number(low), self.number(high)),
            None => mean,
        }
    }

    /// One number.
    pub(super) fn number(self, value: f64) -> String {
        let text = match self {
            Unit::Percent => format!("{:.0}", 100.0 * value),
            Unit::Plain => format!("{value:.2}"),
        };
        // No sign before a rounded zero.
        match text.strip_prefix('-') {
            Some(size) if size.chars().all(|char| "0.".contains(char)) => size.to_owned(),
            Some(size) => format!("−{size}"),
            None => text,
        }
    }
}
