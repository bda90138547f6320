//! One number of the experiment varied: a table and a figure for each.

use hedgerow::documents::conditions::{SWEEPS, Sweep};
use hedgerow::judgement::arms::Arm;

use super::document::Document;
use super::runs::{Results, Runs};
use super::shown::{CHOICE, HEADLINES, HEDGING, LIES, Shown, VERIFICATION};
use crate::cli::figures::{self, Curve};

impl Document {
    pub(super) fn sweeps(&mut self, results: &Results) -> anyhow::Result<()> {
        self.heading("Sweeps");
        let mut measured = false;
        for sweep in SWEEPS {
            measured |= self.sweep(results, &sweep)?;
        }
        let has_shape = |runs: &&Runs| runs.condition.bases.is_some_and(|bases| bases.width.or(bases.layers).is_some());
        let shapes: Vec<&Runs> = results.all.iter().filter(has_shape).collect();
        if !shapes.is_empty() {
            measured = true;
            self.line("\n### The shape of the model\n");
            self.line("Scalar, rater A; `attribution` is the shape that ships, width 64 and 3 layers.\n");
            let columns = ["condition", "seeds", "verification, base"].into_iter();
            self.header(&columns.chain(HEADLINES.map(|shown| shown.label)).collect::<Vec<_>>());
            for runs in results.get("attribution").into_iter().chain(shapes) {
                let base = runs.cell(VERIFICATION.unit, runs.base(VERIFICATION));
                let cells = [runs.condition.name.clone(), runs.finished().to_string(), base].into_iter();
                let numbers = HEADLINES.map(|shown| runs.cell(shown.unit, runs.estimate(Arm::Scalar, shown)));
                self.row(cells.chain(numbers));
            }
        }
        if !measured {
            self.line("Not measured.");
        }
        Ok(())
    }

    /// One sweep; is there anything of it?
    pub(super) fn sweep(&mut self, results: &Results, sweep: &Sweep) -> anyhow::Result<bool> {
        let point = |value: &f32| Some((*value, results.get(&sweep.condition(*value))?));
        let points: Vec<(f32, &Runs)> = sweep.values.iter().filter_map(point).collect();
        let Some((_, first)) = points.first() else { return Ok(false) };
        let rater = first.condition.rater.config();
        let predicted = sweep.threshold.map(|threshold| (f64::from((threshold.at)(&rater)), threshold.formula));
        self.line(&format!("\n### {}\n", sweep.title));
        if let Some((at, formula)) = predicted {
            self.line(&format!("Predicted from the rater's formula: {formula} = {at:.2}.\n"));
        }
        self.line(&format!("Arm `{}`, after {} updates; `{}`.\n", sweep.arm.id(), first.updates, first.command()));
        let columns = [sweep.parameter, "seeds"].into_iter().chain(HEADLINES.map(|shown| shown.label));
        self.header(&columns.collect::<Vec<_>>());
        for (value, runs) in &points {
            let numbers = HEADLINES.map(|shown| runs.cell(shown.unit, runs.estimate(sweep.arm, shown)));
            self.row([value.to_string(), runs.finished().to_string()].into_iter().chain(numbers));
        }
        let curve = |shown: Shown| {
            let at = |(value, runs): &(f32, &Runs)| Some((f64::from(*value), runs.estimate(sweep.arm, shown)?));
            Curve { label: shown.label, points: points.iter().filter_map(at).collect() }
        };
        let svg = figures::sweep(sweep.title, &[LIES, HEDGING, CHOICE].map(curve), predicted)?;
        let caption = format!("{}: interquartile means with their intervals, and the predicted threshold", sweep.title);
        self.figure(&format!("sweep-{}", sweep.name), svg, &caption);
        Ok(true)
    }
}
