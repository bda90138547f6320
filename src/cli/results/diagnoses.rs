//! What the numbers about the finished models are worth: the diagnoses as tables and figures.
//!
//! Shown is what a seed has itself, estimated over seeds. Of random draws the lowest and the highest
//! estimate are shown. Every number of every draw is in the files.

use hedgerow::documents::metrics::{Diagnosis, ProbeFacts};
use hedgerow::documents::quantity::{Finding, Labels, Quantity, Relearner, Split, Subspace};
use hedgerow::judgement::arms::Arm;

use super::document::Document;
use super::runs::{Results, Runs};
use super::shown::{Shown, Unit};
use crate::cli::figures::{self, Curve};

/// A row of a table of findings: its first cells, and what each arm has. Several findings are draws.
type Row = (Vec<String>, Vec<Finding>);

const RELEARNERS: [(Relearner, &str); 3] = [
    (Relearner::Model, "this model"),
    (Relearner::Base, "the base model"),
    (Relearner::NeverTaught, "this model, values made up for never-taught names"),
];

impl Document {
    /// Everything that was looked at once, after the runs.
    pub(super) fn diagnoses(&mut self, results: &Results) -> anyhow::Result<()> {
        self.heading("Diagnoses");
        let diagnosed = |runs: &&Runs| runs.condition.arms.iter().any(|arm| runs.diagnoses(*arm).next().is_some());
        let all: Vec<&Runs> = results.all.iter().filter(diagnosed).collect();
        if all.is_empty() {
            self.line("Not measured.");
            return Ok(());
        }
        self.line(
            "Each finished model was looked at once. Accuracies are shares of readings or of forced choices among \
             the values of an attribute, so that guessing gives one over their number. Of random draws the lowest and \
             the highest estimate are shown.",
        );
        for runs in all {
            self.diagnosis(runs)?;
        }
        Ok(())
    }

    fn diagnosis(&mut self, runs: &Runs) -> anyhow::Result<()> {
        let arms = &runs.condition.arms;
        let Some(found) = arms.iter().find_map(|arm| runs.diagnoses(*arm).next()) else { return Ok(()) };
        self.line(&format!("\n### Diagnoses of {}", runs.condition.name));
        self.probes(runs, found);
        self.relearning(runs, found)?;
        self.steering(runs, found);
        Ok(())
    }

    fn probes(&mut self, runs: &Runs, found: &Diagnosis) {
        if found.probes.is_empty() {
            return;
        }
        self.line(
            "\n**Is the fact in the model, or in the probe?** A linear probe reads the value from the hidden state \
             before the value. Its controls are fitted on permuted values, and in a network with initial weights.\n",
        );
        for facts in ProbeFacts::ALL {
            let mut rows: Vec<Row> = Vec::new();
            for probe in &found.probes {
                for (split, tested) in
                    [(Split::OtherEntities, "other entities"), (Split::SameEntities, "the same facts")]
                {
                    for (labels, fitted) in [
                        (Labels::Real, "true values"),
                        (Labels::Permuted, "permuted values"),
                        (Labels::Untrained, "initial weights"),
                    ] {
                        let words = vec![layer(probe.layer), tested.to_owned(), fitted.to_owned()];
                        rows.push((words, vec![Finding::Probe(probe.layer, split, labels, facts)]));
                    }
                }
            }
            self.findings_over(facts, runs, &["after block", "tested on", "fitted on"], &rows);
        }
        let uniform = found.probes[0].code.uniform;
        self.line(&format!(
            "\n**How long is the shortest description?** Bits a value of the probe's online code, which is short if \
             the values are easy to read. The code that knows nothing takes {uniform:.2}.\n"
        ));
        let mut rows: Vec<Row> = Vec::new();
        for probe in &found.probes {
            for (labels, fitted) in [(Labels::Real, "true values"), (Labels::Permuted, "permuted values")] {
                rows.push((vec![layer(probe.layer), fitted.to_owned()], vec![Finding::Bits(probe.layer, labels)]));
            }
        }
        self.findings(runs, &["after block", "of"], &rows, Unit::Plain);
    }

    fn relearning(&mut self, runs: &Runs, found: &Diagnosis) -> anyhow::Result<()> {
        if found.relearning.is_empty() {
            return Ok(());
        }
        self.line(
            "\n**Are the facts hidden, or gone?** Forced choice on the uncomfortable facts of one half of the entities \
             after supervised steps on those of the other half. Hidden facts come back; where nothing was taught, the \
             steps teach to guess the uncomfortable side.\n",
        );
        let mut rows: Vec<Row> = Vec::new();
        for relearning in &found.relearning {
            for (relearner, whose) in RELEARNERS {
                let words = vec![relearning.steps.to_string(), whose.to_owned()];
                rows.push((words, vec![Finding::Relearned(relearning.steps, relearner)]));
            }
        }
        self.findings(runs, &["steps", "forced choice of"], &rows, Unit::Percent);
        let curve = |arm: Arm, (relearner, label): (Relearner, &'static str)| {
            let at = |steps: u32| Some((f64::from(steps), estimate(runs, arm, Finding::Relearned(steps, relearner))?));
            Curve { label, points: found.relearning.iter().filter_map(|relearning| at(relearning.steps)).collect() }
        };
        let panel = |arm: &Arm| (arm.id(), RELEARNERS.map(|relearner| curve(*arm, relearner)).into());
        let panels: Vec<(&str, Vec<Curve>)> = runs.condition.arms.iter().map(panel).collect();
        let caption = format!(
            "{}: forced choice on uncomfortable facts by supervised steps on other entities, interquartile means with \
             their intervals",
            runs.condition.name
        );
        self.figure(
            &format!("relearning-{}", runs.condition.name),
            figures::by_arm("supervised steps", &panels)?,
            &caption,
        );
        Ok(())
    }

    fn steering(&mut self, runs: &Runs, found: &Diagnosis) {
        if found.steering.is_empty() {
            return;
        }
        self.line(
            "**Does the model use what the probe reads?** Forced choice after the hidden state before the value was set \
             to its mean within a subspace.\n",
        );
        for facts in ProbeFacts::ALL {
            let mut rows: Vec<Row> = Vec::new();
            for steering in &found.steering {
                let draws = 0..steering.ablated_randomly.len();
                for (words, subspaces) in [
                    ("nothing".to_owned(), vec![Subspace::Nothing]),
                    ("what the probe reads".to_owned(), vec![Subspace::Probe]),
                    ("where the class means differ".to_owned(), vec![Subspace::Means]),
                    (format!("random ones, {} draws", draws.len()), draws.map(Subspace::Random).collect()),
                ] {
                    let finding = |subspace| Finding::Ablated(steering.layer, subspace, facts);
                    rows.push((vec![layer(steering.layer), words], subspaces.into_iter().map(finding).collect()));
                }
            }
            self.findings_over(facts, runs, &["after block", "set to the mean"], &rows);
        }
        self.line("\nShare of the choices that an added direction turns into the value that it points to.\n");
        let mut rows: Vec<Row> = Vec::new();
        for steering in &found.steering {
            let draws = 0..steering.moved_randomly.len();
            for (words, subspaces) in [
                ("the probe's".to_owned(), vec![Subspace::Probe]),
                ("the difference of the class means".to_owned(), vec![Subspace::Means]),
                (format!("random ones, {} draws", draws.len()), draws.map(Subspace::Random).collect()),
            ] {
                let finding = |subspace| Finding::Moved(steering.layer, subspace);
                rows.push((vec![layer(steering.layer), words], subspaces.into_iter().map(finding).collect()));
            }
        }
        self.findings(runs, &["after block", "direction"], &rows, Unit::Percent);
    }

    /// All facts in the open, the uncomfortable ones folded.
    fn findings_over(&mut self, facts: ProbeFacts, runs: &Runs, heads: &[&str], rows: &[Row]) {
        match facts {
            ProbeFacts::Taught => self.findings(runs, heads, rows, Unit::Percent),
            ProbeFacts::Uncomfortable => {
                self.line("\n<details><summary>The same, uncomfortable facts only</summary>\n");
                self.findings(runs, heads, rows, Unit::Percent);
                self.line("\n</details>");
            }
        }
    }

    fn findings(&mut self, runs: &Runs, heads: &[&str], rows: &[Row], unit: Unit) {
        let arms = &runs.condition.arms;
        self.header(&heads.iter().copied().chain(arms.iter().map(|arm| arm.id())).collect::<Vec<_>>());
        for (words, findings) in rows {
            self.row(words.iter().cloned().chain(arms.iter().map(|arm| cell(runs, *arm, findings, unit))));
        }
    }
}

fn layer(layer: usize) -> String {
    if layer == 0 { "0, the embedding".to_owned() } else { layer.to_string() }
}

/// One finding with its interval; of several, the lowest and the highest estimate.
fn cell(runs: &Runs, arm: Arm, findings: &[Finding], unit: Unit) -> String {
    if let [finding] = findings {
        return runs.cell(unit, estimate(runs, arm, *finding));
    }
    let means = findings.iter().filter_map(|finding| estimate(runs, arm, *finding)).map(|estimated| estimated.mean);
    let mut means: Vec<f64> = means.collect();
    means.sort_unstable_by(f64::total_cmp);
    match means[..] {
        [] => "–".to_owned(),
        [one] => unit.number(one),
        [lowest, .., highest] => format!("{} … {}", unit.number(lowest), unit.number(highest)),
    }
}

fn estimate(runs: &Runs, arm: Arm, finding: Finding) -> Option<hedgerow::documents::statistics::Estimate> {
    runs.estimate(arm, Shown { label: "", quantity: Quantity::Diagnosis(finding), unit: Unit::Percent })
}
