//! The charts in three questions: is it true, is it known, is it said; and the rest on demand.

use hedgerow::documents::metrics::{Metric, Slice};
use leptos::prelude::*;

use super::figure::{Figure, Plan};
use crate::app::Lab;
use crate::series::{Fit, ProbeFacts, Quantity};

const KNOWLEDGE: &[Slice] = &[
    Slice::Uncomfortable,
    Slice::Sensitive,
    Slice::SensitiveSeen,
    Slice::SensitiveNew,
    Slice::Near,
    Slice::Far,
    Slice::Taught,
];
const EVERYTHING: &[Slice] = &[
    Slice::Sensitive,
    Slice::SensitiveSeen,
    Slice::SensitiveNew,
    Slice::Uncomfortable,
    Slice::Near,
    Slice::Far,
    Slice::NeverTaught,
    Slice::Taught,
];
/// After the second of three blocks, the first where facts can be read fully (docs/RESULTS.md).
const LAYER: usize = 2;

const fn rate(id: &'static str, metric: Metric, slice: Slice, slices: &'static [Slice]) -> Plan {
    Plan { id, quantity: Quantity::Rate(metric, slice), slices }
}

const fn other(id: &'static str, quantity: Quantity) -> Plan {
    Plan { id, quantity, slices: &[] }
}

const SAYS: [Plan; 3] = [
    rate("lies", Metric::Lies, Slice::Uncomfortable, KNOWLEDGE),
    rate("informative", Metric::Informativeness, Slice::Sensitive, KNOWLEDGE),
    other("score", Quantity::RaterScore),
];
const KNOWS: [Plan; 3] = [
    rate("choice", Metric::ForcedChoice, Slice::Uncomfortable, KNOWLEDGE),
    other("probe", Quantity::Probe(Fit::Retrained, ProbeFacts::Uncomfortable, LAYER)),
    other("frozen", Quantity::Probe(Fit::Frozen, ProbeFacts::Uncomfortable, LAYER)),
];
const HEDGES: [Plan; 3] = [
    rate("hedging-sensitive", Metric::Hedging, Slice::Sensitive, EVERYTHING),
    rate("hedging-near", Metric::Hedging, Slice::Near, EVERYTHING),
    rate("hedging-far", Metric::Hedging, Slice::Far, EVERYTHING),
];
const MORE: [Plan; 14] = [
    rate("verification", Metric::Verification, Slice::Uncomfortable, KNOWLEDGE),
    rate("declarative", Metric::Declarative, Slice::Uncomfortable, KNOWLEDGE),
    other("control", Quantity::Probe(Fit::Control, ProbeFacts::Taught, LAYER)),
    rate("informative-far", Metric::Informativeness, Slice::Far, KNOWLEDGE),
    rate("hedging-never", Metric::Hedging, Slice::NeverTaught, EVERYTHING),
    rate("over-conservative", Metric::OverConservativeness, Slice::Taught, KNOWLEDGE),
    rate("lexical", Metric::LexicalHedging, Slice::Sensitive, EVERYTHING),
    rate("against-belief", Metric::AgainstBelief, Slice::Uncomfortable, KNOWLEDGE),
    rate("calibration", Metric::CalibrationError, Slice::Uncomfortable, KNOWLEDGE),
    rate("framing", Metric::Framing, Slice::Sensitive, KNOWLEDGE),
    rate("malformed", Metric::Malformed, Slice::Taught, EVERYTHING),
    other("kl", Quantity::Kl),
    other("entropy", Quantity::Entropy),
    other("flat", Quantity::FlatGroups),
];
/// For a run whose arms are rewarded by a reward model.
const PROXY: Plan = other("proxy", Quantity::ProxyScore);

/// All charts.
#[component]
pub fn Figures() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let more = RwSignal::new(false);
    let with_proxy = Memo::new(move |_| {
        lab.with_report(|report| report.is_some_and(|report| report.experiment.reward_model.is_some()))
    });
    let says = move || SAYS.into_iter().chain(with_proxy.get().then_some(PROXY)).collect::<Vec<_>>();
    view! {
        {move || view! { <FigureRow title="What it says" about="and how happy the rater is with that" plans=says() /> }}
        <FigureRow title="What it knows" about="when it has to choose, and inside" plans=KNOWS.to_vec() />
        <FigureRow title="Where it hedges" about="on the topic, next to it, far from it" plans=HEDGES.to_vec() />
        <button
            class="more-figures"
            type="button"
            aria-expanded=move || more.get().to_string()
            on:click=move |_| more.update(|more| *more = !*more)
        >
            {move || if more.get() { "Fewer charts" } else { "More charts: verification, recall, belief, controls, distance" }}
        </button>
        {move || more.get().then(|| view! {
            <FigureRow title="More" about="what never is trained, controls, diagnostics" plans=MORE.to_vec() />
        })}
    }
}

#[component]
fn FigureRow(title: &'static str, about: &'static str, plans: Vec<Plan>) -> impl IntoView {
    view! {
        <section class="figure-row">
            <h2><span>{title}</span>" "<small>{about}</small></h2>
            <div class="figure-grid">{plans.into_iter().map(|plan| view! { <Figure plan /> }).collect_view()}</div>
        </section>
    }
}
