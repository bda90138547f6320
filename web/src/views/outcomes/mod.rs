//! The great figure: for each arm what it answers about uncomfortable facts as it trains, the rater's score below,
//! and the models' own sentences beside it.
//!
//! Leaves out its frame: it stands in the story and in the laboratory.

pub mod arm;
pub mod caption;
pub mod moments;
pub mod quotes;
pub mod source;
pub mod table;

use hedgerow::documents::report::RunReport;
use leptos::html::Div;
use leptos::prelude::*;

use crate::kit::near::{is_near, while_near};
use crate::model::outcomes::{Stack, stacks};
use crate::model::run::Part;
use crate::stores::use_stores;
use crate::text::text;
use arm::ArmOutcomes;
use caption::Caption;
use moments::Moments;
use quotes::Quotes;
use table::Table;

/// The parts of a run that the figure reads.
const PARTS: &[Part] = &[Part::Measurements, Part::Changes];

/// Something else about the run: read again when what is shown of the arms changes, and not oftener.
fn beside<T>(shown: Memo<Vec<Stack>>, read: impl Fn(Option<&RunReport>) -> T + Send + Sync + 'static) -> Memo<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    let view = use_stores().view;
    Memo::new(move |_| {
        shown.track();
        untrack(|| view.with(&[], &read))
    })
}

/// Charts, sentences, captions and the same in numbers.
#[component]
pub fn OutcomesView(
    /// Of so many arms, the first ones.
    #[prop(into)]
    arms: Signal<usize>,
    /// With sentences beside the charts.
    #[prop(into)]
    quoted: Signal<bool>,
    /// With sentences that say what is to be seen.
    #[prop(default = true)]
    captioned: bool,
    /// With the same in numbers.
    #[prop(default = true)]
    numbered: bool,
    /// Played from the beginning once it is there, where motion is welcome.
    #[prop(optional)]
    plays: bool,
) -> impl IntoView {
    let (view, text) = (use_stores().view, &text().outcomes);
    let place = NodeRef::<Div>::new();
    let is_near = is_near(place);
    // Whatever else changes: what is read beside it is of the run of now.
    let shown = while_near(is_near, move || {
        let all = view.with(PARTS, |report| report.map(|own| stacks(own, view.seed.get())).unwrap_or_default());
        all.into_iter().take(arms.get()).collect::<Vec<_>>()
    });
    let (places, open) = (Memo::new(move |_| shown.with(Vec::len)), RwSignal::new(false));
    // The first one is always there, with the focus that it may have: before a run, axes that say what will be there.
    let chart = move |place| view! { <ArmOutcomes place shown /> };
    let others = move || (1..places.get()).map(chart).collect_view();
    view! {
        <div class="outcomes" node_ref=place>
            <div class="outcomes-body" class:quoted=quoted>
                <div class="outcomes">
                    <div class="stacks">{chart(0)} {others}</div>
                    <Moments shown plays />
                </div>
                {move || quoted.get().then(|| view! { <Quotes shown /> })}
            </div>
            {captioned.then(|| view! { <Caption shown in_lab=numbered /> })}
            {numbered.then(|| view! {
                <details class="more" on:toggle=move |_| open.update(|open| *open = !*open)>
                    <summary>{text.as_table}</summary>
                    {move || open.get().then(|| view! { <Table shown /> })}
                </details>
            })}
        </div>
    }
}
