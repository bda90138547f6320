//! What stands where a part of the page is still to come.

use leptos::prelude::*;

use crate::text::text;

/// What `index.html` shows of it while the page is drawn over that.
pub fn still(selector: &str) -> Option<AnyView> {
    let shown = document().query_selector(selector).ok().flatten()?.inner_html();
    Some(view! { <div class="still" inner_html=shown /> }.into_any())
}

/// That it is on its way, or that it could not be fetched and a button that tries again.
pub fn waiting(has_failed: bool, again: impl Fn() + 'static) -> AnyView {
    let text = &text().page;
    if !has_failed {
        return view! { <p class="hint waiting">{text.loading}</p> }.into_any();
    }
    view! {
        <p class="hint" role="alert">
            {text.failed}" "
            <button class="small" type="button" on:click=move |_| again()>{text.again}</button>
        </p>
    }
    .into_any()
}
