//! Cards: a panel's frame with its title.

use leptos::prelude::*;

/// A narrow card, for settings.
#[component]
pub fn Card(
    /// The panel's place on the page.
    id: &'static str,
    /// Heads it.
    title: &'static str,
    /// Further classes.
    class: &'static str,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    view! {
        <section id=id class=format!("card {class}") aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title")>{title}</h2>
            {children()}
        </section>
    }
}

/// A card as wide as the page, with a sentence below its title and room for a menu beside it.
#[component]
pub fn WideCard(
    /// The panel's place on the page.
    id: &'static str,
    /// Heads it.
    title: &'static str,
    /// Says what is to be seen.
    #[prop(into, optional)]
    hint: Option<ViewFn>,
    /// Stands beside the title.
    #[prop(into, optional)]
    tools: ViewFn,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    view! {
        <section id=id class="card wide-card" aria-labelledby=format!("{id}-title")>
            <div class="card-head">
                <div>
                    <h2 id=format!("{id}-title")>{title}</h2>
                    {hint.map(|hint| view! { <p class="hint">{hint.run()}</p> })}
                </div>
                {tools.run()}
            </div>
            {children()}
        </section>
    }
}
