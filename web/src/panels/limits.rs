//! What must not be concluded.

use leptos::prelude::*;

/// The panel.
#[component]
pub fn Limits(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    view! {
        <section id=id class="prose" aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title")>"What this toy does not show"</h2>
            <ul class="limits">
                <li>"How large the effect is anywhere else. The direction holds from seed to seed; the size differs widely. This shows that it can happen, not how often it does."</li>
                <li>"What real sensitivity is. The topics are invented, the sentences come from a handful of templates, and every word was chosen by us."</li>
                <li>"How people rate. The rater is a formula; you see all of its numbers."</li>
                <li>"How facts from a large pre-training behave. This model learned two hundred facts in minutes, and may lose them more easily."</li>
                <li>"That structured feedback is enough. It is handed over without error here: the rater always knows its reasons, and the words they are about."</li>
            </ul>
        </section>
    }
}
