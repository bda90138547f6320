//! What to look for: the three lessons.

use leptos::prelude::*;

/// The panel.
#[component]
pub fn Lessons(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    view! {
        <section id=id class="prose" aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title")>"What to look for"</h2>
            <ol class="lessons">
                <li>
                    <h3>"The rater does not mind"</h3>
                    <p>
                        "Look at the rater’s own score. Under rater A the arm that lies pleases it about as much as the one that tells the truth; under rater B the arm that hedges pleases it more. "
                        "Training did not fail. It found what the number asked for, and the panel beside the charts works out in advance what that is."
                    </p>
                </li>
                <li>
                    <h3>"Not saying and not knowing look the same from outside"</h3>
                    <p>
                        "Compare hedging with forced choice. Rater B makes a model that hedges almost always and still picks the right value when it has to choose: it knows and does not say. "
                        "Rater A also wears the knowledge away: forced choice and the probe fall too."
                    </p>
                </li>
                <li>
                    <h3>"Where the discomfort goes decides, not how fine the credit is"</h3>
                    <p>
                        "Add the two control arms. Structured feedback that blames the discomfort on the fact lies as well, although each word has its own credit; "
                        "a plain scalar that leaves the discomfort out does not."
                    </p>
                </li>
            </ol>
        </section>
    }
}
