//! A message, and more of it where that has to be fetched.
//!
//! What is wrong with a link is told to few: its sentences come with those of late panels (`text::later`). Until then, and
//! where they do not come, one sentence stands for them.

use std::pin::Pin;

use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use crate::js::spawn;
use crate::model::notice::NoticeCode;
use crate::text::{later, link_problems, terms};

/// Says all that there is to say.
type Say = fn(NoticeCode) -> Pin<Box<dyn Future<Output = Option<String>>>>;

/// The message.
pub fn told(code: NoticeCode) -> impl IntoView {
    let words = RwSignal::new(terms::notice(&code));
    if matches!(code, NoticeCode::Link(_)) {
        spawn(async move {
            if let Ok(say) = say().await
                && let Some(more) = say(code).await
            {
                words.set(more);
            }
        });
    }
    move || words.get()
}

#[wasm_split(below, wasm_split_path = ::leptos::wasm_split, fallible)]
fn say() -> Result<Say, SplitLoaderError> {
    Ok(|code| {
        Box::pin(async move {
            let NoticeCode::Link(problems) = code else { return None };
            later::fetch().await.then(|| link_problems::sentences(&problems))
        })
    })
}
