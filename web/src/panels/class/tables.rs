//! What is pooled, whether names are shown, and all of it as files.

use leptos::prelude::*;

use super::Gathered;
use super::files::focus_on_files;
use crate::lab::{FileKind, use_lab};
use crate::model::class::table::{Dialect, csv};
use crate::model::codap::of_class;
use crate::model::prediction::settings;
use crate::text::later::later;
use crate::views::to_codap::ToCodap;

/// The buttons.
#[component]
pub fn Tables(
    /// The class.
    gathered: Gathered,
) -> impl IntoView {
    let (lab, text) = (use_lab(), &later().class);
    let save = move |dialect: Dialect| {
        let table = gathered.pool.with_untracked(|pool| {
            let names = |place| untrack(|| gathered.name(place));
            gathered.raters.with_untracked(|raters| csv(pool, raters, names, dialect))
        });
        lab.save_text("hedgerow-class", FileKind::Csv(dialect), &table);
    };
    let clear = move |_| {
        gathered.clear();
        focus_on_files();
    };
    let to_codap = ToCodap::new(lab).map(|to_codap| {
        let send = move |_| {
            let cases = gathered.pool.with_untracked(|pool| of_class(pool, |place| untrack(|| gathered.name(place))));
            to_codap.send("class", &cases);
        };
        view! {
            <p class="hint">{later().codap.about}</p>
            <div class="deeds">
                <button class="small" type="button" disabled=move || to_codap.is_busy() on:click=send>{later().codap.send}</button>
                {to_codap.said()}
            </div>
        }
    });
    let kind = move || {
        gathered.pool.with(|pool| {
            let run = pool.run.as_ref()?;
            let differences = settings(&run.experiment);
            // The version of links says nothing to a reader.
            let shown = differences.split_once('&').map_or(text.no_settings, |(_, rest)| rest);
            Some(text.one_kind(shown, &run.build))
        })
    };
    let button = move |dialect: Dialect, words: &'static str| {
        view! { <button class="small" type="button" on:click=move |_| save(dialect)>{words}</button> }
    };
    view! {
        <p class="hint">{kind}</p>
        <div class="deeds">
            {button(Dialect::Comma, text.csv_comma)}
            {button(Dialect::Semicolon, text.csv_semicolon)}
            <button class="small" type="button" on:click=clear>{text.start_again}</button>
        </div>
        <p class="hint">{text.csv_about}</p>
        {to_codap}
        <label class="check">
            <input
                type="checkbox"
                prop:checked=gathered.anonymous
                on:change=move |event| gathered.anonymous.set(event_target_checked(&event))
            />
            <span>{text.anonymous}<span class="hint">{text.anonymous_about}</span></span>
        </label>
    }
}
