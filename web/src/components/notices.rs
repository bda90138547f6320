//! Messages to the user, and what to do about a failure.

use leptos::prelude::*;

use super::icons::{Glyph, Icon};
use crate::app::{Lab, Phase, Tone};
use crate::client::Client;

/// A list that screen readers announce.
#[component]
pub fn Notices() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let failure = move || match lab.phase.get() {
        Phase::DownloadFailed(text) => {
            let retry = move |_| lab.with_client(Client::start);
            Some(
                view! {
                    <div class="notice warning">
                        <Glyph icon=Icon::Warning />
                        <p>{text}" Everything else on the page still works."</p>
                        <button class="small" type="button" on:click=retry>"Try again"</button>
                    </div>
                }
                .into_any(),
            )
        }
        Phase::Stopped(text) => {
            let again = move |_| lab.with_client(Client::reset);
            Some(
                view! {
                    <div class="notice warning">
                        <Glyph icon=Icon::Warning />
                        <p>{text}</p>
                        <button class="small" type="button" on:click=again>"Start over"</button>
                    </div>
                }
                .into_any(),
            )
        }
        Phase::LoadingEngine { .. }
        | Phase::CheckingEngine
        | Phase::LoadingModels { .. }
        | Phase::Measuring
        | Phase::Paused
        | Phase::Training
        | Phase::Pausing
        | Phase::Finished => None,
    };
    let close = move |id| lab.notices.update(|notices| notices.retain(|notice| notice.id != id));
    view! {
        <div class="notices" role="status" aria-live="polite">
            {failure}
            <For each=move || lab.notices.get() key=|notice| notice.id let:notice>
                <div class="notice" class:warning=notice.tone == Tone::Warning>
                    <Glyph icon=if notice.tone == Tone::Warning { Icon::Warning } else { Icon::Info } />
                    <p>{notice.text}</p>
                    <button class="quiet icon-only" type="button" aria-label="Close" on:click=move |_| close(notice.id)>
                        <Glyph icon=Icon::Close />
                    </button>
                </div>
            </For>
        </div>
    }
}
