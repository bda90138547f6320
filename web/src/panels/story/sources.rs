//! What the story does not show, and where to read on: sources, licence, how to cite.

use leptos::prelude::*;

use crate::kit::later::Later;
use crate::text::later::later;

/// The lists.
#[component]
pub fn Sources() -> impl IntoView {
    view! { <Later draw=inside /> }
}

fn inside() -> AnyView {
    let (limits, text) = (&later().limits, &later().sources);
    view! {
        <div class="story-sources">
            <ul class="limits">
                {[limits.size, limits.sensitivity, limits.people, limits.enough].map(|limit| view! { <li>{limit}</li> })}
            </ul>
            <p><a href="#limits">{text.all_limits}</a>" · "<a href="#method">{text.method}</a></p>
            <details class="more">
                <summary>{text.sources}</summary>
                <ul class="references">{text.references.split('\n').map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
                <p class="hint">{text.licence}</p>
                <p class="hint">{text.cite}</p>
            </details>
        </div>
    }
    .into_any()
}
