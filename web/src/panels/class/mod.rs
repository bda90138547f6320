//! The runs, predictions and ratings of a class: files in, pooled curves, a histogram and tables out.
//!
//! Files are read in this browser. What goes together is said by `model::class`; this draws it. Above them are the links
//! that a teacher hands out before.

pub mod curves;
pub mod files;
pub mod handout;
pub mod histogram;
pub mod left_out;
pub mod numbers;
pub mod raters;
pub mod scores;
pub mod tables;

use leptos::prelude::*;

use crate::kit::later::Later;
use crate::model::class::File;
use crate::model::class::pool::{Pool, pool};
use crate::model::class::raters::{Raters, raters};
use crate::text::later::later;
use crate::text::text;
use curves::Curves;
use files::Files;
use handout::Handout;
use histogram::Histograms;
use left_out::LeftOut;
use numbers::Numbers;
use raters::RatersOf;
use scores::Scores;
use tables::Tables;

/// The files of a class, and what they are together.
#[derive(Clone, Copy)]
pub struct Gathered {
    files: RwSignal<Vec<File>>,
    pool: RwSignal<Pool>,
    raters: RwSignal<Raters>,
    /// Are names and file names hidden?
    anonymous: RwSignal<bool>,
}

impl Gathered {
    fn new() -> Self {
        let (files, pool) = (RwSignal::new(Vec::new()), RwSignal::new(Pool::default()));
        Gathered { files, pool, raters: RwSignal::new(Raters::default()), anonymous: RwSignal::new(true) }
    }

    fn add(self, files: Vec<File>) {
        self.files.update(|known| known.extend(files));
        self.pool.set(self.files.with_untracked(|files| pool(files)));
        self.raters.set(self.files.with_untracked(|files| raters(files)));
    }

    fn clear(self) {
        self.files.set(Vec::new());
        self.pool.set(Pool::default());
        self.raters.set(Raters::default());
    }

    /// What a file is called, by its place: a number, a nickname, or the file's name. Tracks.
    fn name(self, place: usize) -> String {
        self.files.with(|files| {
            if self.anonymous.get() {
                later().class.someone(crate::model::class::number(files, place))
            } else {
                crate::model::class::name(&files[place]).to_owned()
            }
        })
    }
}

/// The panel.
#[component]
pub fn Class(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let page = &text().page;
    view! {
        <section id=id class="card wide-card class-card" aria-label=page.class>
            <Later draw=inside />
        </section>
    }
}

fn inside() -> AnyView {
    let gathered = Gathered::new();
    let is_empty = Memo::new(move |_| gathered.files.with(Vec::is_empty));
    let has_runs = Memo::new(move |_| gathered.pool.with(|pool| pool.run.is_some() || !pool.predictions.is_empty()));
    view! {
        <Handout />
        <Files gathered />
        {move || (!is_empty.get()).then(|| view! {
            <Tables gathered />
            <Numbers gathered />
            <Curves gathered />
            {move || has_runs.get().then(|| view! { <Histograms gathered /> <Scores gathered /> })}
            <RatersOf gathered />
            <LeftOut gathered />
        })}
    }
    .into_any()
}
