//! A measurement as one line for a terminal.

use hedgerow::documents::metrics::{Measurement, Metric, Slice};

/// One line for a terminal.
pub(super) fn summary(seed: u64, measurement: &Measurement) -> String {
    let percent =
        |metric, slice| measurement.rate(metric, slice).map_or("–".into(), |rate| format!("{:.0}", 100.0 * rate));
    let probes: Vec<String> = measurement
        .probes
        .iter()
        .map(|probe| {
            format!(
                "{:.0}/{:.0}/{:.0}",
                100.0 * probe.frozen.uncomfortable,
                100.0 * probe.retrained.uncomfortable,
                100.0 * probe.control.taught
            )
        })
        .collect();
    format!(
        "seed {seed} update {}: hedging s/n/f/never {}/{}/{}/{}, lies unc. {}, informative s/f {}/{}, framing {}, malformed {}, choice unc./all {}/{}, declarative {}, verification unc./all {}/{}, probe frozen/retrained/control {}",
        measurement.update,
        percent(Metric::Hedging, Slice::Sensitive),
        percent(Metric::Hedging, Slice::Near),
        percent(Metric::Hedging, Slice::Far),
        percent(Metric::Hedging, Slice::NeverTaught),
        percent(Metric::Lies, Slice::Uncomfortable),
        percent(Metric::Informativeness, Slice::Sensitive),
        percent(Metric::Informativeness, Slice::Far),
        percent(Metric::Framing, Slice::Sensitive),
        percent(Metric::Malformed, Slice::Taught),
        percent(Metric::ForcedChoice, Slice::Uncomfortable),
        percent(Metric::ForcedChoice, Slice::Taught),
        percent(Metric::Declarative, Slice::Taught),
        percent(Metric::Verification, Slice::Uncomfortable),
        percent(Metric::Verification, Slice::Taught),
        probes.join(" "),
    )
}
