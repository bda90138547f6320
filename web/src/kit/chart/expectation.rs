//! What somebody expects of a run, as a line with a band: to draw it, or to look at it beside what came.
//!
//! A pointer draws the line; for the keyboard there are sliders. Numbers run from left to right
//! in every language, as on all charts of the page.

use hedgerow::judgement::experiment::Arm;
use leptos::html::Div;
use leptos::prelude::*;
use web_sys::PointerEvent;

use crate::model::look::look;
use crate::model::prediction::{Bound, Expected, KNOTS, update_of};
use crate::text::later::later;
use crate::text::{numbers, terms};

/// The drawing in its own units; the last update is where a finger still finds the end of the line.
const WIDTH: f64 = 200.0;
const END: f64 = 190.0;
/// Where the line begins, which nobody predicts.
const START: f64 = 95.0;

/// The chart of one arm.
#[component]
pub fn Expectation(
    /// What is expected.
    #[prop(into)]
    expected: Signal<Expected>,
    /// The last update.
    updates: u32,
    /// Called with a knot and a share when the line is drawn; without it there is nothing to draw.
    #[prop(optional)]
    draw: Option<Callback<(usize, f64)>>,
    /// What came: for each model its updates and shares.
    #[prop(into, default = Signal::stored(Vec::new()))]
    came: Signal<Vec<Vec<(f64, f64)>>>,
) -> impl IntoView {
    let text = &later().predict;
    let place = NodeRef::<Div>::new();
    // The last point of the stroke that is being drawn.
    let last = StoredValue::new(None::<(usize, f64)>);
    let follow = move |event: &PointerEvent, begins: bool| {
        let (Some(element), Some(draw)) = (place.get_untracked(), draw) else { return };
        let bounds = element.get_bounding_client_rect();
        if (last.get_value().is_none() && !begins) || bounds.height() <= 0.0 {
            return;
        }
        let [x, y] = [
            (f64::from(event.client_x()) - bounds.left()) / bounds.width() * WIDTH / END,
            1.0 - (f64::from(event.client_y()) - bounds.top()) / bounds.height(),
        ];
        // A run with fewer updates than knots has its end alone to predict.
        let has_knots = updates >= KNOTS as u32;
        let knot = if has_knots { (x * KNOTS as f64).round().clamp(1.0, KNOTS as f64) as usize } else { KNOTS };
        let share = (y.clamp(0.0, 1.0) * 100.0).round() / 100.0;
        // A quick stroke passes knots between two events.
        let (from, before) = last.get_value().unwrap_or((knot, share));
        let passed = knot.abs_diff(from).max(1);
        for step in 1..=passed {
            let part = step as f64 / passed as f64;
            let at = (from as f64 + (knot as f64 - from as f64) * part).round() as usize;
            draw.run((at, before + (share - before) * part));
        }
        last.set_value(Some((knot, share)));
    };
    let down = move |event: PointerEvent| {
        if let Some(element) = place.get_untracked().filter(|_| draw.is_some()) {
            // A pointer that is gone already has nothing to follow.
            let _ = element.set_pointer_capture(event.pointer_id());
        }
        follow(&event, true);
    };
    let y = |share: f64| format!("{:.1}", 100.0 - share * 100.0);
    let x = |knot: usize| format!("{:.1}", END * knot as f64 / KNOTS as f64);
    let along = move |bound: Bound, knots: &mut dyn Iterator<Item = usize>| {
        let expected = expected.get();
        knots.map(|knot| format!("L{} {}", x(knot), y(expected.at_knot(knot).at(bound)))).collect::<String>()
    };
    let band = move || {
        let above = along(Bound::High, &mut (1..=KNOTS));
        format!("M0 {START}{above}{}Z", along(Bound::Low, &mut (1..=KNOTS).rev()))
    };
    let label = move || {
        let expected = expected.get();
        let [likely, low, high] = [expected.likely, expected.low, expected.high].map(numbers::percent);
        let said = text.chart(terms::arm(expected.arm).name, likely, low, high);
        if draw.is_some() { format!("{said} {}", text.draw) } else { said }
    };
    let line = move |points: Vec<(f64, f64)>| {
        let point = |(place, (update, share)): (usize, &(f64, f64))| {
            format!(
                "{}{:.1} {}",
                if place == 0 { 'M' } else { 'L' },
                END * update / f64::from(updates.max(1)),
                y(*share)
            )
        };
        let d: String = points.iter().enumerate().map(point).collect();
        view! { <path class="came" d=d /> }
    };
    let arm = expected.get_untracked().arm;
    let knots = (updates >= KNOTS as u32).then(|| {
        let middle = update_of(KNOTS / 2, updates).round();
        view! { <span class="middle">{numbers::count(middle as usize)}</span> }
    });
    view! {
        <div
            class=format!("expectation {}", look(arm).colour)
            class:drawable=draw.is_some()
            node_ref=place
            role="img"
            aria-label=label
            on:pointerdown=down
            on:pointermove=move |event| follow(&event, false)
            on:pointerup=move |_| last.set_value(None)
            on:pointercancel=move |_| last.set_value(None)
        >
            <svg viewBox="0 0 200 100" preserveAspectRatio="none" aria-hidden="true" focusable="false">
                <path class="grid" d="M0 0H200M0 50H200M0 100H200" />
                <path class="band" d=band />
                <path class="guess" d=move || format!("M0 {START}{}", along(Bound::Likely, &mut (1..=KNOTS))) />
                {move || came.get().into_iter().map(line).collect_view()}
            </svg>
            {draw.map(|_| view! {
                <span class="end" style:top=move || format!("{:.1}%", 100.0 - expected.get().likely * 100.0)></span>
            })}
            <span class="most">{numbers::percent(1.0)}</span>
            <span class="least">{numbers::percent(0.0)}</span>
            {knots}
            <span class="last">{text.updates(updates)}</span>
        </div>
    }
}

/// Which point of the line the other sliders move; nothing where a run is too short for points.
#[component]
pub fn KnotSlider(
    /// Whose line.
    arm: Arm,
    /// The point.
    knot: RwSignal<usize>,
    /// The last update.
    updates: u32,
) -> impl IntoView {
    let text = &later().predict;
    let update = move || numbers::count(update_of(knot.get(), updates).round() as usize);
    let typed = move |event| {
        if let Ok(chosen) = event_target_value(&event).parse::<usize>() {
            knot.set(chosen.clamp(1, KNOTS));
        }
    };
    (updates >= KNOTS as u32).then(|| {
        view! {
            <label class="bound">
                <span>{text.knot}</span>
                <input
                    type="range"
                    min="1"
                    max=KNOTS
                    step="1"
                    aria-label=text.slider(terms::arm(arm).name, text.knot)
                    aria-valuetext=update
                    prop:value=move || knot.get().to_string()
                    style:--fill=move || format!("{:.1}%", (knot.get() - 1) as f64 / (KNOTS - 1) as f64 * 100.0)
                    on:input=typed
                />
                <output>{update}</output>
            </label>
        }
    })
}

/// One of the three numbers at a point.
#[component]
pub fn BoundSlider(
    /// Which of them.
    bound: Bound,
    /// What is expected at the point.
    expected: Signal<Expected>,
    /// Called with another share.
    change: Callback<(Bound, f64)>,
) -> impl IntoView {
    let text = &later().predict;
    let words = *text.bounds.get(bound.id());
    let percent = move || (expected.get().at(bound) * 100.0).round();
    let typed = move |event| {
        if let Ok(percent) = event_target_value(&event).parse::<f64>() {
            change.run((bound, percent / 100.0));
        }
    };
    let arm = expected.get_untracked().arm;
    view! {
        <label class="bound">
            <span>{words}</span>
            <input
                type="range"
                min="0"
                max="100"
                step="1"
                aria-label=text.slider(terms::arm(arm).name, words)
                aria-valuetext=move || numbers::percent(expected.get().at(bound))
                prop:value=move || percent().to_string()
                style:--fill=move || format!("{}%", percent())
                on:input=typed
            />
            <output>{move || numbers::percent(expected.get().at(bound))}</output>
        </label>
    }
}
