//! Messages to the user, and what to do about a failure.

use leptos::prelude::*;

use crate::kit::icons::{Glyph, Icon};
use crate::lab::use_lab;
use crate::model::notice::{Notice, Tone};
use crate::model::phase::Phase;
use crate::stores::use_stores;
use crate::text::{terms, text};

/// A list that screen readers announce.
#[component]
pub fn Notices() -> impl IntoView {
    let (lab, stores) = (use_lab(), use_stores());
    let (phase, notices) = (stores.engine.phase, stores.notices);
    // Not every byte of a download is a failure.
    let fault = Memo::new(move |_| {
        phase.with(|phase| matches!(phase, Phase::DownloadFailed(_) | Phase::Stopped(_)).then(|| phase.clone()))
    });
    let failure = move || match fault.get()? {
        Phase::DownloadFailed(fault) => {
            let problem = text().notices.rest_works(terms::download_fault(&fault));
            Some(failed(problem, text().notices.try_again, move || lab.retry()).into_any())
        }
        Phase::Stopped(reason) => {
            Some(failed(terms::stop_reason(&reason), text().notices.start_over, move || lab.reset()).into_any())
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
    let notice = move |Notice { id, code }: Notice| {
        let is_warning = code.tone() == Tone::Warning;
        view! {
            <div class="notice" class:warning=is_warning>
                <Glyph icon=if is_warning { Icon::Warning } else { Icon::Info } />
                <p>{terms::notice(&code)}</p>
                <button class="quiet icon-only" type="button" aria-label=text().notices.close on:click=move |_| notices.close(id)>
                    <Glyph icon=Icon::Close />
                </button>
            </div>
        }
    };
    view! {
        <div class="notices" role="status" aria-live="polite">
            {failure}
            {move || notices.list.get().into_iter().map(notice).collect_view()}
        </div>
    }
}

fn failed(problem: String, way_out: &'static str, take_it: impl Fn() + 'static) -> impl IntoView {
    view! {
        <div class="notice warning">
            <Glyph icon=Icon::Warning />
            <p>{problem}</p>
            <button class="small" type="button" on:click=move |_| take_it()>{way_out}</button>
        </div>
    }
}
