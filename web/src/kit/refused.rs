//! Files that were handed over and not taken, each with its reason.

use leptos::prelude::*;

/// Their names and reasons below a sentence that introduces them; nothing where all were taken.
pub fn refused(introduction: &'static str, files: &[(String, String)]) -> Option<AnyView> {
    let item =
        |(name, reason): &(String, String)| view! { <li><strong>{name.clone()}</strong>": "{reason.clone()}</li> };
    (!files.is_empty()).then(|| {
        view! {
            <div class="problem" role="alert">
                <p>{introduction}</p>
                <ul>{files.iter().map(item).collect_view()}</ul>
            </div>
        }
        .into_any()
    })
}
