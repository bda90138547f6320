//! Which update is looked at: a slider for all charts and sentences, and a button that plays the run.

use std::time::Duration;

use leptos::prelude::*;

use crate::kit::icons::{Glyph, Icon};
use crate::model::figures::moved;
use crate::model::outcomes::{Stack, ticks};
use crate::stores::use_stores;
use crate::text::text;

/// How long an update is shown while the run plays.
const BEAT: Duration = Duration::from_millis(450);

/// Button and slider; nothing before the second measurement.
#[component]
pub fn Moments(
    /// What is shown of the arms.
    shown: Memo<Vec<Stack>>,
    /// Begin at once, where motion is welcome.
    plays: bool,
) -> impl IntoView {
    let (view, text) = (use_stores().view, &text().outcomes);
    let ticks = Memo::new(move |_| shown.with(|shown| ticks(shown)));
    // The slider is drawn once, so that it keeps the focus while the run grows.
    let are_several = Memo::new(move |_| ticks.with(Vec::len) > 1);
    let playing = RwSignal::new(None::<IntervalHandle>);
    let stop = move || {
        if let Some(handle) = playing.try_update(Option::take).flatten() {
            handle.clear();
        }
    };
    on_cleanup(stop);
    let next = move || {
        let to = ticks.with_untracked(|ticks| moved(ticks, view.at.get_untracked(), "ArrowRight"));
        let is_last = ticks.with_untracked(|ticks| ticks.last().copied() == to);
        // The latest from then on, also of a run that goes on.
        view.at.set(to.filter(|_| !is_last));
        if is_last {
            stop();
        }
    };
    let play = move || {
        if view.at.get_untracked().is_none() {
            view.at.set(ticks.with_untracked(|ticks| ticks.first().copied()));
        }
        playing.set(set_interval_with_handle(next, BEAT).ok());
    };
    let toggle = move |_| if playing.get_untracked().is_some() { stop() } else { play() };
    let begun = StoredValue::new(!plays || is_still());
    Effect::new(move |_| {
        if are_several.get() && !begun.get_value() {
            begun.set_value(true);
            play();
        }
    });
    let last = move || ticks.with(|ticks| ticks.last().copied().unwrap_or(0));
    let at = move || view.at.get().unwrap_or_else(last);
    let choose = move |event| {
        stop();
        let wanted: Option<u32> = event_target_value(&event).parse().ok();
        let near =
            |wanted: u32| ticks.with_untracked(|ticks| ticks.iter().copied().min_by_key(|tick| tick.abs_diff(wanted)));
        view.at.set(wanted.and_then(near).filter(|update| *update != untrack(last)));
    };
    move || {
        (ticks.with(Vec::len) > 1).then(|| {
            view! {
                <div class="moments" role="group" aria-label=text.moments>
                    <button class="small" type="button" on:click=toggle>
                        {move || match playing.get().is_some() {
                            true => view! { <Glyph icon=Icon::Pause /> <span>{text.stop}</span> }.into_any(),
                            false => view! { <Glyph icon=Icon::Play /> <span>{text.play}</span> }.into_any(),
                        }}
                    </button>
                    <input
                        type="range"
                        min="0"
                        max=last
                        step="any"
                        aria-label=text.moments
                        aria-valuetext=move || text.at_update(at())
                        prop:value=move || at().to_string()
                        style:--fill=move || format!("{:.1}%", f64::from(at()) / f64::from(last().max(1)) * 100.0)
                        on:input=choose
                    />
                    <span class="moment">{move || text.at_update(at())}</span>
                </div>
            }
        })
    }
}

/// Does the visitor want no motion?
fn is_still() -> bool {
    window().match_media("(prefers-reduced-motion: reduce)").ok().flatten().is_some_and(|query| query.matches())
}
