//! The bar on top: name, places on the page, engine, share, language, theme.

pub mod copy_link;
pub mod engine;

use leptos::prelude::*;

use crate::kit::icons::{Glyph, Icon};
use crate::lab::use_lab;
use crate::stores::use_stores;
use crate::text::text;
use copy_link::{CopyEmbedding, CopyLink};
use engine::EngineBadge;

/// The page's header.
#[component]
pub fn Header(
    /// Ids and names of the panels that it links to.
    places: Vec<(&'static str, &'static str)>,
) -> impl IntoView {
    let (lab, theme, text) = (use_lab(), use_stores().prefs.theme, &text().header);
    let theme_label = move || if theme.is_dark() { text.light } else { text.dark };
    let language = move |(code, name): (String, String)| {
        let lang = code.clone();
        view! {
            <button class="quiet language" type="button" lang=lang on:click=move |_| lab.choose_language(code.clone())>
                <span class="wide">{name}</span>
            </button>
        }
    };
    let place = |(id, name): (&str, &'static str)| view! { <a href=format!("#{id}")>{name}</a> };
    view! {
        <header class="top">
            <a class="brand" href="./">
                <svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
                    <path d="M3 27V15a5 5 0 0 1 10 0v12zM19 27V11a5 5 0 0 1 10 0v16z" fill="currentColor" />
                    <path d="M13 27v-7a3 3 0 0 1 6 0v7z" fill="currentColor" opacity=".45" />
                </svg>
                <span>{text.name}</span>
            </a>
            <nav class="places" aria-label=text.places>
                {places.into_iter().map(place).collect_view()}
                <a class="lesson" href=text.lesson_address>{text.lesson}</a>
            </nav>
            <div class="tools">
                <EngineBadge />
                <CopyLink />
                <CopyEmbedding />
                {lab.other_languages().into_iter().map(language).collect_view()}
                <button
                    class="quiet icon-only"
                    type="button"
                    aria-label=theme_label
                    title=theme_label
                    on:click=move |_| lab.toggle_theme()
                >
                    {move || {
                        let icon = if theme.is_dark() { Icon::Sun } else { Icon::Moon };
                        view! { <Glyph icon /> }
                    }}
                </button>
            </div>
        </header>
    }
}
