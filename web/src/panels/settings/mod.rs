//! What is run: arms, seeds, and how the policy learns.

pub mod arms;
pub mod learning;
pub mod rewards;
pub mod seeds;

use hedgerow::judgement::settings::Setting;
use leptos::prelude::*;

use crate::kit::card::Card;
use crate::model::fields::{is_set, learning, seldom};
use crate::stores::use_stores;
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
                    {seldom().map(once_set).collect_view()}
                </div>
            </details>
        </Card>
    }
}

/// A row that is there from when its number is set, and stays when it is taken back: somebody may be typing in it.
fn once_set(setting: &'static Setting) -> impl IntoView {
    let draft = use_stores().draft.experiment;
    let is_there = Memo::new(move |before: Option<&bool>| {
        before.copied().unwrap_or_default() || draft.with(|draft| is_set(draft, setting))
    });
    move || is_there.get().then(|| view! { <SettingRow setting /> })
}
