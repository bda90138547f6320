//! What is run: arms, seeds, and how the policy learns.

pub mod arms;
pub mod learning;
pub mod rewards;
pub mod seeds;

use leptos::prelude::*;

use crate::kit::card::Card;
use crate::model::fields::learning;
use crate::text::text;
use arms::Arms;
use learning::{Algorithms, SettingRow};
use rewards::Rewards;
use seeds::Seeds;

/// The panel.
#[component]
pub fn Settings(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let text = &text().settings;
    view! {
        <Card id title=text.title class="settings">
            <Arms />
            <Seeds />
            <details class="more">
                <summary>{text.learning}</summary>
                <Rewards />
                <Algorithms />
                <div class="fields">
                    {learning().into_iter().map(|setting| view! { <SettingRow setting /> }).collect_view()}
                </div>
            </details>
        </Card>
    }
}
