//! What of the page this browser keeps for when there is no network, and what can be done about it.

use leptos::prelude::*;

use crate::kit::later::Later;
use crate::lab::use_lab;
use crate::model::offline::Offline as State;
use crate::text::later::later;
use crate::text::{numbers, text};

/// What can be done.
#[derive(Clone, Copy)]
enum Deed {
    Look,
    KeepAll,
    SwitchOff,
    SwitchOn,
    TakeOver,
}

/// The panel.
#[component]
pub fn Offline(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let page = &text().page;
    view! {
        <section id=id class="prose" aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title")>{page.offline}</h2>
            <Later draw=inside />
        </section>
    }
}

fn inside() -> AnyView {
    let (lab, text) = (use_lab(), &later().offline);
    let state = RwSignal::new(State::Asked);
    let perform = move |deed: Deed| match deed {
        Deed::Look => lab.look_at_copy(state),
        Deed::KeepAll => lab.keep_all(state),
        Deed::SwitchOff => lab.switch_copy(false, state),
        Deed::SwitchOn => lab.switch_copy(true, state),
        Deed::TakeOver => lab.take_newer_build(state),
    };
    perform(Deed::Look);
    let buttons = move || {
        let (mut deeds, off) = (Vec::new(), (Deed::SwitchOff, text.switch_off.to_owned()));
        match state.get() {
            State::Asked | State::Absent | State::Fetching { .. } => {}
            State::Off => deeds.push((Deed::SwitchOn, text.switch_on.to_owned())),
            State::Kept { missing, waits, .. } => {
                if waits {
                    deeds.push((Deed::TakeOver, text.take_over.to_owned()));
                }
                if missing > 0.0 {
                    deeds.push((Deed::KeepAll, text.fetch(numbers::megabytes(missing))));
                }
                deeds.push(off);
            }
            State::Full => deeds.push(off),
            State::Failed(_) | State::Occupied(_) => deeds.extend([(Deed::Look, text.again.to_owned()), off]),
        }
        let button = |(deed, name)| {
            view! { <button class="small" type="button" on:click=move |_| perform(deed)>{name}</button> }
        };
        deeds.into_iter().map(button).collect_view()
    };
    view! {
        <p role="status">{move || sentence(&state.get())}</p>
        <p class="deeds">{buttons}</p>
    }
    .into_any()
}

fn sentence(state: &State) -> String {
    let (text, megabytes) = (&later().offline, numbers::megabytes);
    match state {
        State::Asked => text.asked.to_owned(),
        State::Absent => text.absent.to_owned(),
        State::Off => text.off.to_owned(),
        State::Kept { waits: true, .. } => text.waits.to_owned(),
        State::Kept { bytes, missing, .. } if *missing > 0.0 => {
            text.part(megabytes(bytes - missing), megabytes(*bytes))
        }
        State::Kept { bytes, .. } => text.all(megabytes(*bytes)),
        State::Fetching { kept, bytes } => text.fetching(megabytes(*kept), megabytes(*bytes)),
        State::Full => text.full.to_owned(),
        State::Failed(reason) => text.failed(reason),
        State::Occupied(others) => text.occupied.count(*others),
    }
}
