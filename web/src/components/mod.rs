//! The panels, one file each, and their order on the page.
//!
//! Panels read the [`Lab`](crate::app::Lab) and call the client. They never import the model.

pub mod answers;
pub mod ask;
pub mod controls;
pub mod credit;
pub mod engine;
pub mod experiments;
pub mod export;
pub mod figure;
pub mod figures;
pub mod header;
pub mod icons;
pub mod key;
pub mod narrative;
pub mod notices;
pub mod rater;
pub mod scores;
pub mod segmented;
pub mod settings;

use leptos::prelude::*;

use answers::Answers;
use ask::Ask;
use controls::Controls;
use credit::Credit;
use experiments::Experiments;
use figures::Figures;
use header::Header;
use narrative::{Intro, Limits, Method, WhatToLookFor};
use notices::Notices;
use rater::RaterPanel;
use scores::Scores;
use settings::Settings;

/// Everything between header and footer, the experiment first.
#[component]
pub fn Page() -> impl IntoView {
    view! {
        <a class="skip" href="#lab">"Skip to the experiment"</a>
        <Header />
        <main>
            <Intro />
            <Notices />
            <section id="lab" class="lab" aria-label="The experiment" tabindex="-1">
                <Controls />
                <div class="bench">
                    <div class="rail">
                        <Experiments />
                        <RaterPanel />
                        <Settings />
                    </div>
                    <div class="results">
                        <Scores />
                        <Figures />
                    </div>
                </div>
                <Answers />
                <Credit />
                <Ask />
            </section>
            <WhatToLookFor />
            <Limits />
            <Method />
        </main>
        <footer class="foot">
            <p>"Hedgerow runs in your browser. Nothing you do here leaves it."</p>
            <p>"Free software, MIT or Apache 2.0."</p>
        </footer>
    }
}
