//! What each key does, for those who use no mouse.

use leptos::prelude::*;

use crate::kit::later::Later;
use crate::text::later::{KEYS, later};
use crate::text::text;

/// The panel.
#[component]
pub fn Keys(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    view! {
        <section id=id class="keys" aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title")>{text().page.keys}</h2>
            <Later draw=inside />
        </section>
    }
}

fn inside() -> AnyView {
    let text = &later().keys;
    let row = |id| {
        let term = text.rows.get(id);
        view! {
            <tr>
                <th scope="row">{term.name}</th>
                <td>{term.meaning}</td>
            </tr>
        }
    };
    view! {
        <p>{text.about}</p>
        <table class="class-table">
            <thead>
                <tr>
                    <th scope="col">{text.key}</th>
                    <th scope="col">{text.does}</th>
                </tr>
            </thead>
            <tbody>{KEYS.map(row).collect_view()}</tbody>
        </table>
        <button type="button" popovertarget="keys-help" popovertargetaction="hide">{text.close}</button>
    }
    .into_any()
}
