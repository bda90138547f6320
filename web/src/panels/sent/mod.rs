//! What a link says came out of its run, beside what came out here; and the link that says so of the run that is drawn.
//!
//! It stands below the great figure and loads with it, without an entry of its own in the list of panels. Without a result
//! there is nothing.

use leptos::prelude::*;

use crate::kit::arm::ArmName;
use crate::kit::later::Later;
use crate::lab::use_lab;
use crate::model::run::Part;
use crate::model::sent::{Damaged, FIGURES, Outcome, Sent, Verdict};
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::{Term, numbers, terms};
use crate::views::share::{share, shared_link};
use hedgerow::judgement::experiment::{Arm, Experiment};

/// What the panel's parts share.
#[derive(Clone, Copy)]
struct Here {
    /// What the address says, if it says anything of a result.
    sent: RwSignal<Option<Result<Sent, Damaged>>>,
    /// What came out of the run that is drawn, once it is over; nothing of a recording of the site.
    came: Memo<Option<(Experiment, Outcome)>>,
}

/// The panel.
#[component]
pub fn SentPanel() -> impl IntoView {
    let (lab, view) = (use_lab(), use_stores().view);
    let sent = RwSignal::new(lab.sent());
    lab.hear_sent(move |read| sent.set(read));
    let came = Memo::new(move |_| {
        let of =
            |report: &hedgerow::documents::report::RunReport| Some((report.experiment.clone(), Outcome::of(report)?));
        if view.is_recorded() {
            return None;
        }
        view.with(&[Part::Frame, Part::Updates, Part::Measurements, Part::Changes], |report| report.and_then(of))
    });
    provide_context(Here { sent, came });
    let has_something = Memo::new(move |_| sent.with(Option::is_some) || came.with(Option::is_some));
    move || has_something.get().then(|| view! { <section id="sent" class="sent"><Later draw=inside /></section> })
}

fn inside() -> AnyView {
    let (lab, words, Here { sent, came }) = (use_lab(), &later().sent, expect_context::<Here>());
    let shared = RwSignal::new(None);
    // A link that was copied is of another run by now.
    Effect::new(move |_| {
        came.track();
        shared.set(None);
    });
    let copy = move |_| {
        if let Some((experiment, outcome)) = came.get_untracked() {
            share(lab, lab.link_with(&experiment, &outcome), shared);
        }
    };
    let button = move || {
        came.with(Option::is_some).then(|| {
            view! {
                <p class="deeds">
                    <button class="small" type="button" title=words.share_about on:click=copy>{words.share}</button>
                </p>
            }
        })
    };
    let said = move || match sent.get()? {
        Ok(sent) => Some(comparison(sent, came)),
        Err(Damaged) => Some(view! { <p class="problem">{words.damaged}</p> }.into_any()),
    };
    view! {
        {said}
        {button}
        {shared_link(shared)}
    }
    .into_any()
}

/// What the sender's models did, and what those here did with the same settings.
fn comparison(sent: Sent, came: Memo<Option<(Experiment, Outcome)>>) -> AnyView {
    let words = &later().sent;
    let Sent { experiment, outcome } = sent;
    let updates = words.about(numbers::count(outcome.updates as usize));
    let here = Memo::new(move |_| came.with(|came| came.clone().filter(|(own, _)| *own == experiment)));
    let here = move || here.get().map(|(_, own)| own);
    let theirs = outcome.clone();
    let verdict = move || match here() {
        None => words.train.to_owned(),
        Some(own) => verdict(&own, &outcome),
    };
    view! {
        <div class="card">
            <h3>{words.title}</h3>
            <p>{updates}</p>
            <div class="scroll" role="region" aria-label=words.title tabindex="0">
                {move || table(&theirs, here().as_ref())}
            </div>
            <p role="status">{verdict}</p>
            <p class="hint">{words.digest_about}</p>
        </div>
    }
    .into_any()
}

fn verdict(own: &Outcome, sent: &Outcome) -> String {
    let words = &later().sent;
    let short = |outcome: &Outcome| {
        outcome.digest.as_deref().and_then(|digest| digest.get(..12)).unwrap_or_default().to_owned()
    };
    match own.verdict(sent) {
        Verdict::Same => words.same(short(own)),
        Verdict::Differs { same_build } => {
            let why = if same_build { words.same_build.to_owned() } else { words.other_build(&sent.build) };
            format!("{} {why}", words.differs(short(sent), short(own)))
        }
        Verdict::Changed => words.changed.to_owned(),
        Verdict::GpuHere => words.gpu_here.to_owned(),
        Verdict::GpuThere => words.gpu_there.to_owned(),
    }
}

/// Each arm's figures of the sender, and of here if there are any.
fn table(sent: &Outcome, here: Option<&Outcome>) -> AnyView {
    let words = &later().sent;
    let row = |(arm, figures): &(Arm, [Option<u16>; FIGURES.len()]), who: &'static str| {
        let &Term { name, meaning } = terms::arm(*arm);
        let share = |parts: &Option<u16>| {
            parts.map_or_else(numbers::nothing, |parts| numbers::exact_percent(f64::from(parts) / 1000.0))
        };
        let cells = figures.iter().map(|parts| view! { <td>{share(parts)}</td> }).collect_view();
        view! { <tr><th scope="row"><ArmName arm=*arm name meaning /></th><td>{who}</td>{cells}</tr> }
    };
    let rows = sent.arms.iter().map(|own| {
        let same = here.and_then(|here| here.arms.iter().find(|(arm, _)| *arm == own.0));
        (row(own, words.sender), same.map(|same| row(same, words.here)))
    });
    let heads = [later().class.arm, words.who, words.wrong, words.hedging, words.known];
    view! {
        <table class="class-table">
            <thead><tr>{heads.map(|head| view! { <th scope="col">{head}</th> })}</tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}
