//! Runs over one another: what differs in their settings, their curves on the same axes, and where the models ended that
//! several have, seed by seed.

use std::sync::Arc;

use hedgerow::documents::metrics::Number;
use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::report::RunReport;
use leptos::prelude::*;

use super::{Here, find};
use crate::kit::arm::ArmName;
use crate::lab::{Lab, Latest, use_lab};
use crate::model::overlay::{Barrier, QUANTITIES, Row, barriers, rows};
use crate::model::own_world::WorldName;
use crate::model::picture::{Picture, PictureKind, on_page};
use crate::model::shelf::{differences, line};
use crate::text::later::later;
use crate::text::pictures::{Compared, comparison, overlay};
use crate::text::runs::{difference, what};
use crate::text::{Term, numbers, terms, text};
use crate::views::save_picture::picture_sign;

/// A run with what it is called here.
type Named = (String, Arc<RunReport>);

/// The comparison; how to choose it with one run alone, and nothing without one.
#[component]
pub fn Compare(
    /// What the panel remembers.
    here: Here,
) -> impl IntoView {
    let lab = use_lab();
    let runs = RwSignal::new(Vec::<(String, Arc<RunReport>)>::new());
    let asked = Latest::new();
    Effect::new(move |_| {
        let (ids, is_latest) = (here.compared.get(), asked.ask());
        lab.read_shelved(ids.clone(), move |read| match read {
            // Others may have been chosen meanwhile.
            _ if !is_latest() => (),
            Ok(read) => runs.set(ids.into_iter().zip(read).collect()),
            Err(reason) => here.fault.set(Some(reason)),
        });
    });
    let named = move |place: usize, id: &str| {
        let number = numbers::count(place + 1);
        here.shelf.with(|shelf| match find(shelf, id).map(|own| own.name.as_str()) {
            None | Some("") => number,
            Some(name) => format!("{number} {name}"),
        })
    };
    let names = Memo::new(move |_| -> Vec<String> {
        runs.with(|runs| runs.iter().enumerate().map(|(place, (id, _))| named(place, id)).collect())
    });
    move || {
        let read = runs.with(|runs| runs.iter().map(|(_, run)| run.clone()).collect::<Vec<_>>());
        let all: Vec<Named> = names.get().into_iter().zip(read).collect();
        match &all[..] {
            [] => ().into_any(),
            [_] => view! { <p class="hint">{later().shelf.choose_two}</p> }.into_any(),
            runs => here.worlds.with(|worlds| over_one_another(lab, runs, worlds)),
        }
    }
}

fn over_one_another(lab: Lab, runs: &[Named], worlds: &[WorldName]) -> AnyView {
    let words = &later().shelf;
    let reports: Vec<&RunReport> = runs.iter().map(|(_, run)| &**run).collect();
    let run = |(name, run): &Named| view! { <li><b>{name.clone()}</b>": "{what(&line(run), worlds)}</li> };
    let against = (1..runs.len()).map(|place| differing(runs, &reports, worlds, place)).collect_view();
    let charts = QUANTITIES.map(|quantity| chart(lab, runs, worlds, quantity));
    view! {
        <div class="shelf-compare">
            <h3>{words.compare}</h3>
            <ul>{runs.iter().map(run).collect_view()}</ul>
            {against}
            <h3>{words.curves}</h3>
            <p class="hint">{words.curves_about}</p>
            {charts}
            <h3>{words.ends}</h3>
            <p class="hint">{words.ends_about}</p>
            <div class="scroll" role="region" aria-label=words.ends tabindex="0">{table(runs, &reports)}</div>
        </div>
    }
    .into_any()
}

/// What differs between a run and the first one, and what cannot be compared.
fn differing(runs: &[Named], reports: &[&RunReport], worlds: &[WorldName], place: usize) -> AnyView {
    let words = &later().shelf;
    let all = differences(&reports[0].experiment, &reports[place].experiment);
    let same = all.is_empty().then_some(words.same);
    let items = all.iter().map(|own| view! { <li>{difference(own, worlds, true)}</li> }).collect_view();
    let barrier = |barrier: Barrier| {
        let name = |place: usize| runs[place].0.as_str();
        let said = match barrier {
            Barrier::OtherRaters => {
                let title = terms::title(Quantity::Number(Number::Scalar));
                words.other_raters(title)
            }
            Barrier::OtherBuild => words.other_build.to_owned(),
            Barrier::OtherQuestions(seeds) => words.other_questions(terms::seeds(&seeds)),
            Barrier::Changed(place) => words.was_changed(name(place)),
            Barrier::Unfinished(place) => words.unfinished(name(place)),
            Barrier::NoPairs => words.no_pairs.to_owned(),
        };
        view! { <p class="problem">{said}</p> }
    };
    view! {
        <p>{words.differ(&runs[0].0, &runs[place].0)}" "{same}</p>
        <ul class="differences">{items}</ul>
        {barriers(reports, place).into_iter().map(barrier).collect_view()}
    }
    .into_any()
}

fn chart(lab: Lab, runs: &[Named], worlds: &[WorldName], quantity: Quantity) -> AnyView {
    let (title, plot) = overlay(quantity, &compared(lab, runs));
    let (runs, worlds) = (runs.to_vec(), worlds.to_vec());
    let save = move |kind: PictureKind| {
        let (svg, height) = comparison(quantity, &compared(lab, &runs), &worlds).svg();
        lab.save_drawing(&format!("comparison-{}", Picture::Chart(quantity).name()), kind, svg, height);
    };
    let (head, region) = (title.clone(), title.clone());
    view! {
        <div class="chart-head">
            <h4>{head}</h4>
            {picture_sign(Signal::stored(title.clone()), Signal::stored(false), save)}
        </div>
        <p class="axis-title">{terms::formula(quantity)}</p>
        <div class="scroll overlay" role="region" aria-label=region tabindex="0">
            <div role="img" aria-label=title inner_html=on_page(&plot)></div>
        </div>
    }
    .into_any()
}

fn compared(lab: Lab, runs: &[Named]) -> Vec<Compared<'_>> {
    runs.iter().map(|(name, report)| Compared { name: name.clone(), report, link: lab.link_of_run(report) }).collect()
}

/// A row for each quantity and arm: where each run ends, and how much it ends above the first one.
fn table(runs: &[Named], reports: &[&RunReport]) -> AnyView {
    let words = &later().shelf;
    let of_run = |(name, run): &Named| {
        let after = text().outcomes.at_update(numbers::count(run.updates_done() as usize));
        view! { <th scope="col">{name.clone()}", "{after}</th> }
    };
    let difference = |place: usize| view! { <th scope="col">{words.less(&runs[place].0, &runs[0].0)}</th> };
    let heads = (runs.iter().map(of_run).collect_view(), (1..runs.len()).map(difference).collect_view());
    let row = |quantity: Quantity, row: Row| {
        let &Term { name, meaning } = terms::arm(row.arm);
        let ends = row.ends.into_iter().map(|end| {
            view! { <td>{end.map_or_else(numbers::nothing, |end| numbers::estimate(end, quantity))}</td> }
        });
        let differences = row.differences.into_iter().skip(1).map(|difference| {
            let said = difference.map_or_else(numbers::nothing, |own| {
                words.pairs(numbers::difference(own, quantity), numbers::count(own.count))
            });
            view! { <td>{said}</td> }
        });
        let ends = ends.collect_view();
        view! { <tr><th scope="row"><ArmName arm=row.arm name meaning /></th>{ends}{differences.collect_view()}</tr> }
    };
    let block = |quantity: Quantity| {
        let title = crate::text::pictures::chart_title(quantity, terms::title(quantity));
        let all = rows(reports, quantity).into_iter().map(|own| row(quantity, own)).collect_view();
        let columns = (2 * runs.len()).to_string();
        view! {
            <tbody>
                <tr><th scope="rowgroup" colspan=columns>{title}<span class="count">": "{terms::formula(quantity)}</span></th></tr>
                {all}
            </tbody>
        }
    };
    view! {
        <table class="class-table">
            <thead><tr><th scope="col">{later().class.arm}</th>{heads}</tr></thead>
            {QUANTITIES.map(block)}
        </table>
    }
    .into_any()
}
