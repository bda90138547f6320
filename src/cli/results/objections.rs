//! What a sceptic says, and what the files answer.

use hedgerow::documents::conditions::ALGORITHMS;
use hedgerow::documents::statistics::estimate;
use hedgerow::judgement::arms::Arm;

use super::runs::Results;
use super::shown::{
    AGREEMENT, AGREEMENT_BY_CHANCE, CHOICE, DECLARATIVE, FROZEN, HEDGING, HEDGING_FAR, KL, LIES, LIES_NO_LONGER_KNOWN,
    LIES_STILL_KNOWN, PROBE, PROBE_CONTROL, RELEARNED, RELEARNED_NOTHING, RETRAINED, VERIFICATION,
};

/// What a sceptic says, where it is answered, and how.
pub(super) struct Objection {
    /// In the sceptic's words.
    pub(super) claim: &'static str,
    /// The condition that answers it.
    pub(super) at: &'static str,
    /// What the files say; `None` if they do not hold it.
    pub(super) answer: fn(&Results) -> Option<String>,
}

pub(super) const OBJECTIONS: [Objection; 11] = [
    Objection {
        claim: "The reward is rigged: it pays for lies.",
        at: "no-discomfort",
        answer: |results| {
            let [with, without] = ["attribution", "no-discomfort"].map(|name| results.at_end(name, Arm::Scalar, LIES));
            Some(format!(
                "It does, where the formula says so, and the sweeps show that lies come and go with it. The same \
                 scalar teaches {} lies about uncomfortable facts with the discomfort and {} without.",
                with?, without?
            ))
        },
    },
    Objection {
        claim: "A structured rating holds more information.",
        at: "scalar-48-prompts",
        answer: |results| {
            let [many, full, few, sparse] = [
                ("scalar-48-prompts", Arm::Scalar),
                ("attribution", Arm::Structured),
                ("scalar-15-prompts", Arm::Scalar),
                ("structured-5-prompts", Arm::Structured),
            ]
            .map(|(name, arm)| results.at_end(name, arm, LIES));
            Some(format!(
                "With as many numbers in both: lies {} (scalar, 48 prompts) beside {} (structured, 16), and {} \
                 (scalar, 15) beside {} (structured, 5).",
                many?, full?, few?, sparse?
            ))
        },
    },
    Objection {
        claim: "What it believes is read off what it says.",
        at: "attribution",
        answer: |results| {
            let at = |shown| results.at_end("attribution", Arm::Scalar, shown);
            Some(format!(
                "No answer enters: verdicts, declaratives and a probe decide. They agree on {} of the uncomfortable \
                 facts, by chance they would on {}. Of its statements about uncomfortable facts {} are false about what \
                 it still knows, {} about what it does not know.",
                at(AGREEMENT)?,
                at(AGREEMENT_BY_CHANCE)?,
                at(LIES_STILL_KNOWN)?,
                at(LIES_NO_LONGER_KNOWN)?
            ))
        },
    },
    Objection {
        claim: "Some base models had more training than others.",
        at: "pretraining-3000",
        answer: |results| {
            let lies = |name| results.difference(name, (Arm::Scalar, Arm::Structured), LIES);
            Some(format!(
                "All have the same. Lies under scalar less those under structured: {} with 5,000 steps of \
                 pre-training, {} with 3,000.",
                lies("attribution")?,
                lies("pretraining-3000")?
            ))
        },
    },
    Objection {
        claim: "The probe memorises.",
        at: "attribution",
        answer: |results| {
            let [labels, permuted] = [PROBE, PROBE_CONTROL].map(|shown| results.at_start("attribution", shown));
            Some(format!(
                "It is tested on other entities and other prompts: on the base models {} with the true labels and {} \
                 with permuted ones.",
                labels?, permuted?
            ))
        },
    },
    Objection {
        claim: "It is drift, not forgetting: any training does that.",
        at: "retention",
        answer: |results| {
            let at = |arm, shown| results.at_end("retention", arm, shown);
            Some(format!(
                "Forced choice on uncomfortable facts is {} after the content penalty (KL {}) and {} after noise (KL {}).",
                at(Arm::ContentPenalty, CHOICE)?,
                at(Arm::ContentPenalty, KL)?,
                at(Arm::Noise, CHOICE)?,
                at(Arm::Noise, KL)?
            ))
        },
    },
    Objection {
        claim: "The facts are hidden, not gone.",
        at: "retention",
        answer: |results| {
            let at = |shown| results.at_end("retention", Arm::ContentPenalty, shown);
            Some(format!(
                "Partly so. After the content penalty forced choice on uncomfortable facts is {}; a probe fitted to \
                 the base model reads {}, one fitted anew {}. Twenty supervised steps on other entities bring it to \
                 {}; where nothing was ever taught they give {}, by guessing the uncomfortable side.",
                at(CHOICE)?,
                at(FROZEN)?,
                at(RETRAINED)?,
                at(RELEARNED)?,
                at(RELEARNED_NOTHING)?
            ))
        },
    },
    Objection {
        claim: "It is one lucky seed.",
        at: "attribution",
        answer: |results| {
            let differences = results.differences("attribution", (Arm::Scalar, Arm::Structured), LIES);
            let more = differences.iter().filter(|(_, difference)| *difference > 0.0).count();
            let values: Vec<f64> = differences.iter().map(|(_, difference)| *difference).collect();
            let count = values.len();
            let estimated = estimate(&[values])?;
            Some(format!(
                "In {more} of {count} seeds scalar lies more than structured about uncomfortable facts, by {}.",
                LIES.unit.format(&estimated)
            ))
        },
    },
    Objection {
        claim: "It is one algorithm.",
        at: "leave-one-out",
        answer: |results| {
            let names = ["attribution"].into_iter().chain(ALGORITHMS.map(|variant| variant.name));
            let mut strata = Vec::new();
            let mut each = Vec::new();
            for name in names {
                let differences = results.differences(name, (Arm::Scalar, Arm::Structured), LIES);
                let values: Vec<f64> = differences.into_iter().map(|(_, difference)| difference).collect();
                each.push(format!("{} ({name})", LIES.unit.format(&estimate(std::slice::from_ref(&values))?)));
                strata.push(values);
            }
            Some(format!(
                "Lies under scalar less those under structured: {}; all together {}. Under structured itself {} (ppo).",
                each.join(", "),
                LIES.unit.format(&estimate(&strata)?),
                results.at_end("ppo", Arm::Structured, LIES)?
            ))
        },
    },
    Objection {
        claim: "It hangs on the invented world.",
        at: "everyday-attribution",
        answer: |results| {
            let lies = |name| results.difference(name, (Arm::Scalar, Arm::Structured), LIES);
            let scalar = |name, shown| results.at_end(name, Arm::Scalar, shown);
            Some(format!(
                "The same with what everybody knows of things, countries and animals: lies under scalar less those \
                 under structured {}, beside {} in the invented world. Rater B's scalar teaches {} hedging on \
                 sensitive topics and {} on far ones, beside {} and {}. What the scalar's models still know there is said \
                 by the verdicts almost alone: the three measures agree on {} of the facts, by chance they would on {}.",
                lies("everyday-attribution")?,
                lies("attribution")?,
                scalar("everyday-hedging", HEDGING)?,
                scalar("everyday-hedging", HEDGING_FAR)?,
                scalar("hedging", HEDGING)?,
                scalar("hedging", HEDGING_FAR)?,
                scalar("everyday-attribution", AGREEMENT)?,
                scalar("everyday-attribution", AGREEMENT_BY_CHANCE)?
            ))
        },
    },
    Objection {
        claim: "It is a template grammar.",
        at: "attribution",
        answer: |results| {
            let at = |arm, shown| results.at_end("attribution", arm, shown);
            Some(format!(
                "It is, and it stays a limit. The rater sees only answers; what spreads beyond them is measured in \
                 sentences that are none: declarative recall of uncomfortable facts {} (scalar) and {} (structured), \
                 verification {} and {}.",
                at(Arm::Scalar, DECLARATIVE)?,
                at(Arm::Structured, DECLARATIVE)?,
                at(Arm::Scalar, VERIFICATION)?,
                at(Arm::Structured, VERIFICATION)?
            ))
        },
    },
];
