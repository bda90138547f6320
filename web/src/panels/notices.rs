//! Messages to the user, and what to do about a failure.

use leptos::prelude::*;

use crate::kit::icons::{Glyph, Icon};
use crate::kit::told::told;
use crate::lab::{FileKind, Lab, use_lab};
use crate::model::notice::{Notice, Offer, Tone};
use crate::model::phase::WayOut;
use crate::stores::use_stores;
use crate::text::{terms, text};

/// A list that screen readers announce.
#[component]
pub fn Notices() -> impl IntoView {
    let (lab, stores) = (use_lab(), use_stores());
    let (phase, notices) = (stores.engine.phase, stores.notices);
    // Not every byte of a download is a failure.
    let fault = Memo::new(move |_| phase.with(|phase| (!phase.ways_out().is_empty()).then(|| phase.clone())));
    let failure = move || {
        let fault = fault.get()?;
        let ways_out = fault.ways_out().iter().map(|way_out| {
            let (label, take_it): (_, fn(Lab)) = match way_out {
                WayOut::TryAgain => (text().notices.try_again, Lab::retry),
                WayOut::StartOver => (text().notices.start_over, Lab::reset),
                WayOut::UseCpu => (text().notices.use_cpu, Lab::use_cpu),
            };
            view! { <button class="small" type="button" on:click=move |_| take_it(lab)>{label}</button> }
        });
        Some(view! {
            <div class="notice warning">
                <Glyph icon=Icon::Warning />
                <p>{terms::failure(&fault)}</p>
                {ways_out.collect_view()}
            </div>
        })
    };
    let notice = move |Notice { id, code }: Notice| {
        let is_warning = code.tone() == Tone::Warning;
        let offers = code.offers().iter().map(|offer| {
            let (label, take_it): (_, fn(Lab)) = match offer {
                Offer::GoOn => (text().notices.go_on, Lab::go_on),
                Offer::Delete => (text().notices.delete, Lab::delete_kept),
                Offer::Undo => (text().notices.undo, Lab::go_on),
                Offer::BringBack => (text().notices.bring_back, Lab::bring_back),
                Offer::SaveKept => (text().notices.save, Lab::save_kept),
                Offer::Save => (text().notices.save, |lab| lab.save(FileKind::Json)),
                Offer::Reload => (text().notices.reload, Lab::reload),
            };
            let take_it = move |_| {
                notices.close(id);
                take_it(lab);
            };
            view! { <button class="small" type="button" on:click=take_it>{label}</button> }
        });
        let offers = offers.collect_view();
        view! {
            <div class="notice" class:warning=is_warning>
                <Glyph icon=if is_warning { Icon::Warning } else { Icon::Info } />
                <p>{told(code)}</p>
                {offers}
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
