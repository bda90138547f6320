//! A run on the shelf: what it is, how it ended, and what can be done with it.

use hedgerow::documents::metrics::{Metric, Slice};
use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::statistics::estimate;
use hedgerow::judgement::experiment::Arm;
use leptos::html::Button;
use leptos::prelude::*;

use super::{Here, find};
use crate::kit::arm::ArmName;
use crate::lab::{FileKind, use_lab};
use crate::model::files::{Label, file_name};
use crate::model::sent::Outcome;
use crate::model::shelf::{End, Entry, Line, Said};
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::runs::what;
use crate::text::{Term, numbers, terms};
use crate::views::share::{share, shared_link};

/// The row. It stays while the run is there, so that what is being typed into it does.
#[component]
pub fn EntryRow(
    /// The run's name among others.
    id: String,
    /// What the panel remembers.
    here: Here,
) -> impl IntoView {
    let (lab, view, words) = (use_lab(), use_stores().view, &later().shelf);
    let id = StoredValue::new(id);
    let said = move |of: fn(&Entry) -> String| {
        here.shelf.with(|shelf| id.with_value(|id| find(shelf, id).map(of).unwrap_or_default()))
    };
    let is = move |of: fn(&Entry) -> bool| here.shelf.with(|shelf| id.with_value(|id| find(shelf, id).is_some_and(of)));
    let title = Memo::new(move |_| {
        let line = here.shelf.with(|shelf| id.with_value(|id| find(shelf, id)?.line.clone()));
        here.worlds.with(|worlds| line.map_or_else(|| words.newer.to_owned(), |line| what(&line, worlds)))
    });
    // What is being typed stays until something else is said.
    let name = Memo::new(move |_| said(|own| own.name.clone()));
    let note = Memo::new(move |_| said(|own| own.note.clone()));
    let is_pinned = move || is(|own| own.pinned);
    let say = move |said: Said| here.say(lab, id.get_value(), said);
    let is_open = Memo::new(move |_| {
        view.opened.with(|opened| opened.as_ref().is_some_and(|opened| opened.id == id.get_value()))
    });
    let is_compared = Memo::new(move |_| here.compared.with(|ids| ids.contains(&id.get_value())));
    let compare = move |_| {
        here.compared.update(|ids| match ids.iter().position(|own| *own == id.get_value()) {
            Some(place) => drop(ids.remove(place)),
            None => ids.push(id.get_value()),
        });
    };
    let failed = move |reason| here.fault.set(Some(reason));
    let delete = move |_| {
        if is_open.get_untracked() {
            lab.close_shelved();
        }
        here.compared.update(|ids| ids.retain(|own| *own != id.get_value()));
        here.fault.set(None);
        lab.take_from_shelf(id.get_value(), move |taken| match taken {
            Ok(taken) => here.taken.set(Some(taken)),
            Err(reason) => failed(reason),
        });
    };
    let show = move |_| {
        here.fault.set(None);
        match is_open.get_untracked() {
            true => lab.close_shelved(),
            false => lab.show_shelved(id.get_value(), || (), failed),
        }
    };
    let report = move |_| {
        here.fault.set(None);
        let open = move || match view.reports.get_untracked() {
            Some(_) => view.reports.set(Some(true)),
            None => here.reported.set(Some(id.get_value())),
        };
        lab.show_shelved(id.get_value(), open, failed);
    };
    let opener = NodeRef::<Button>::new();
    // Back from the report.
    Effect::new(move |was_reported: Option<bool>| {
        let is_reported = here.reported.with(|own| own.as_ref().is_some_and(|own| *own == id.get_value()));
        if was_reported == Some(true) && !is_reported {
            request_animation_frame(move || {
                if let Some(opener) = opener.get_untracked() {
                    let _ = opener.focus();
                }
            });
        }
        is_reported
    });
    // By the name that it was given.
    let file = move || {
        said(|own| match own.name.as_str() {
            "" => String::new(),
            name => {
                file_name("", &name.to_lowercase(), "", own.line.as_ref().map_or(&[], |line| &line.experiment.seeds))
            }
        })
    };
    let save = move |kind: FileKind| {
        move |_| {
            here.fault.set(None);
            lab.save_shelved(id.get_value(), untrack(file), kind, failed);
        }
    };
    let all = move |_| {
        here.fault.set(None);
        let label = Label { name: name.get_untracked(), note: note.get_untracked() };
        lab.save_all(id.get_value(), untrack(file), label, failed);
    };
    let save_models = move |_| {
        here.fault.set(None);
        lab.save_shelved_models(id.get_value(), failed);
    };
    let models = move || {
        is(|own| own.has_models).then(|| {
            view! {
                <button class="small" type="button" title=words.models_about on:click=save_models>
                    {words.save_models}
                </button>
            }
        })
    };
    let shared = RwSignal::new(None);
    let share_it = move |_| {
        here.fault.set(None);
        lab.read_shelved(vec![id.get_value()], move |read| match read.as_deref() {
            Ok([run]) => {
                if let Some(outcome) = Outcome::of(run) {
                    share(lab, lab.link_with(&run.experiment, &outcome), shared);
                }
            }
            Ok(_) => (),
            Err(reason) => here.fault.set(Some(reason.clone())),
        });
    };
    let link = &later().sent;
    let share_button = move || {
        is(|own| own.line.as_ref().is_some_and(is_whole)).then(|| {
            view! {
                <button class="small" type="button" title=link.share_about on:click=share_it>{link.share}</button>
            }
        })
    };
    view! {
        <li class:open=is_open>
            <div class="shelf-head">
                <input
                    type="text"
                    class="shelf-name"
                    aria-label=words.name
                    placeholder=title
                    prop:value=name
                    on:change=move |event| say(Said::Name(event_target_value(&event)))
                />
                <span class="when">{move || said(|own| numbers::moment(own.at))}</span>
            </div>
            <p>{title}</p>
            {move || here.shelf.with(|shelf| id.with_value(|id| find(shelf, id)?.line.as_ref().map(ends)))}
            <textarea
                rows="1"
                aria-label=words.note
                placeholder=words.note
                prop:value=note
                on:change=move |event| say(Said::Note(event_target_value(&event)))
            ></textarea>
            <p class="deeds">
                <button class="small" type="button" aria-pressed=move || is_open.get().to_string() on:click=show>
                    {move || if is_open.get() { words.hide } else { words.show }}
                </button>
                <button
                    class="small"
                    type="button"
                    aria-pressed=move || is_pinned().to_string()
                    on:click=move |_| say(Said::Pinned(!untrack(is_pinned)))
                >
                    {move || if is_pinned() { words.unpin } else { words.pin }}
                </button>
                <button class="small" type="button" node_ref=opener on:click=report>{words.report}</button>
                <label class="check">
                    <input type="checkbox" prop:checked=is_compared on:change=compare />
                    <span>{words.compare}</span>
                </label>
                <button class="small" type="button" on:click=save(FileKind::Json)>{words.json}</button>
                <button class="small" type="button" on:click=save(FileKind::Csv(numbers::dialect()))>{words.csv}</button>
                <button class="small" type="button" on:click=all>{words.all}</button>
                {models}
                {share_button}
                <button class="small" type="button" on:click=delete>{words.delete}</button>
            </p>
            {shared_link(shared)}
        </li>
    }
}

/// Has it come to the end of what its settings say?
fn is_whole(line: &Line) -> bool {
    !line.changed && line.done == line.experiment.finetune.updates
}

/// How the models of each arm ended.
fn ends(line: &Line) -> AnyView {
    let words = &later().shelf;
    let share = |ends: &[&End], of: fn(&End) -> Option<f64>| {
        let values = ends.iter().filter_map(|end| of(end)).collect();
        let quantity = Quantity::Rate(Metric::Incorrect, Slice::Uncomfortable);
        estimate(&[values]).map_or_else(numbers::nothing, |estimate| numbers::estimate(estimate, quantity))
    };
    let row = |arm: &Arm| {
        let own: Vec<&End> = line.ends.iter().filter(|end| end.arm == *arm).collect();
        let &Term { name, meaning } = terms::arm(*arm);
        let said =
            words.ended(share(&own, |end| end.wrong), share(&own, |end| end.hedging), share(&own, |end| end.known));
        view! { <li><ArmName arm=*arm name meaning />": "{said}</li> }
    };
    view! { <ul class="shelf-ends">{line.experiment.arms.iter().map(row).collect_view()}</ul> }.into_any()
}
