//! The last update in slow motion: five frames, and for every arm of one seed the completions of the same prompt.

use hedgerow::documents::protocol::{CreditedGroup, Inspection};
use hedgerow::judgement::experiment::{Algorithm, Arm};
use leptos::prelude::*;

use crate::kit::arm::ArmCourse;
use crate::kit::marked::marked;
use crate::kit::outcome::OutcomeTag;
use crate::kit::segmented::Segmented;
use crate::lab::use_lab;
use crate::model::credit::{groups, is_end, shade};
use crate::model::phase::Phase;
use crate::model::run::Part;
use crate::model::sentence::plain;
use crate::model::slow::{About, Compared, Frame, Row, Word, rows};
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::{numbers, terms, text};

/// The prompt whose answers are looked at, for what is drawn once its words are here.
#[derive(Clone, Copy)]
pub struct Picked(pub RwSignal<Option<usize>>);

/// Is the update shown in slow motion?
#[derive(Clone, Copy)]
pub struct IsSlow(pub RwSignal<bool>);

/// What the numbers of pairs mean, the button, and the frames once it was pressed.
pub fn slow() -> AnyView {
    let (lab, stores, words) = (use_lab(), use_stores(), &later().slow);
    let (Picked(prompt), IsSlow(is_slow)) = (expect_context(), expect_context());
    let ready = Memo::new(move |_| stores.engine.phase.with(Phase::can_ask));
    let has_progress = Memo::new(move |_| stores.view.is_live() && stores.run.has_progress());
    let press = move |_| {
        if is_slow.get_untracked() {
            is_slow.set(false);
            prompt.set(None);
        } else if ready.get_untracked() {
            is_slow.set(true);
            prompt.update(|prompt| *prompt = prompt.or(Some(0)));
            if !has_progress.get_untracked() {
                lab.step(1);
            }
        }
    };
    let has_pairs = stores
        .view
        .memo(&[], |report| report.is_some_and(|report| report.experiment.finetune.algorithm == Algorithm::Dpo));
    let name = move || if is_slow.get() { words.hide } else { words.show };
    view! {
        <div class="slow">
            {move || has_pairs.get().then(|| view! { <p class="hint">{words.pairs}</p> })}
            <p class="deeds">
                <button type="button" on:click=press aria-expanded=move || is_slow.get().to_string() aria-disabled=move || (!ready.get()).to_string()>
                    {name}
                </button>
            </p>
            {move || (!ready.get()).then(|| view! { <p class="hint">{words.not_ready}</p> })}
            {move || is_slow.get().then(|| view! { <Frames /> })}
        </div>
    }
    .into_any()
}

#[component]
fn Frames() -> impl IntoView {
    let (stores, words) = (use_stores(), &later().slow);
    let frame = RwSignal::new(Frame::Sample);
    let (Picked(prompt), IsSlow(is_slow)) = (expect_context(), expect_context());
    // Who picks the examples leaves: they are of several prompts.
    Effect::new(move |_| {
        if prompt.get().is_none() {
            is_slow.set(false);
        }
    });
    let groups = stores.run.memo(&[Part::Looks, Part::Changes], move |run| groups(run, stores.view.seed.get()));
    let fault = stores.run.memo(&[Part::Looks], |run| {
        run.look(|at| matches!(at, Inspection::Credit { .. })).and_then(|look| look.fault.clone())
    });
    let has_pairs = stores.run.memo(&[], |run| run.report.experiment.finetune.algorithm == Algorithm::Dpo);
    let tells = move || {
        let frame = frame.get();
        let pairs = (frame == Frame::Compare && has_pairs.get()).then_some(words.preferred);
        pairs.unwrap_or_else(|| words.tells.get(frame.id()))
    };
    let asked = Memo::new(move |_| {
        groups.with(|groups| {
            let answer = groups.first()?.1.answers.first()?;
            Some((plain(&answer.question), answer.truth.clone()))
        })
    });
    let question = move || {
        asked.get().map(|(question, truth)| {
            view! { <p class="asked"><strong>{question}</strong>" "<span class="truth">{marked(&text().answers.truth(truth))}</span></p> }
        })
    };
    let columns = move || {
        let frame = frame.get();
        groups.with(|groups| groups.iter().map(|(arms, group)| column(*arms, group, frame)).collect_view())
    };
    view! {
        <Segmented
            name="slow-frame"
            legend=words.title
            options=Frame::ALL.map(|frame| (frame, *words.frames.get(frame.id()))).to_vec()
            selected=move || Some(frame.get())
            on_select=move |own| frame.set(own)
        />
        <p aria-live="polite">{move || marked(tells())}</p>
        {move || fault.get().map(|fault| view! { <p class="problem" role="alert">{terms::question_fault(&fault)}</p> })}
        {question}
        <div class="credit-columns">{columns}</div>
    }
}

fn column(arms: [Arm; 2], group: &CreditedGroup, frame: Frame) -> impl IntoView + use<> {
    let rows = rows(group).into_iter().map(|own| row(own, frame)).collect_view();
    view! {
        <section class="credit-column" aria-label=terms::course(arms)>
            <h3>
                <ArmCourse arms words=terms::arm then=text().scores.then />
                <span class="when">{text().credit.update(group.update)}</span>
            </h3>
            <ol class=format!("slow-answers {}", frame.id())>{rows}</ol>
        </section>
    }
}

fn row(Row { answer, predicted, words, spans, probability }: Row, frame: Frame) -> impl IntoView {
    let (outcome, credit) = (answer.outcome, &text().credit);
    let signed = |value: f32| numbers::credit(f64::from(value));
    let rating = || {
        let rating = answer.rating;
        let predicted =
            predicted.map(|own| view! { <span>{marked(&later().slow.predicted(signed(own.scalar())))}</span> });
        view! {
            <p class="rating">
                <span>{marked(&credit.framing(signed(rating.framing)))}</span>
                <span>{marked(&credit.content(signed(rating.content)))}</span>
                <span>{marked(&credit.discomfort(numbers::fixed(f64::from(rating.discomfort), 2)))}</span>
                <span>{marked(&credit.scalar(signed(rating.scalar())))}</span>
                {predicted}
            </p>
        }
    };
    let below = match frame {
        Frame::Sample => None,
        Frame::Rate => Some(rating().into_any()),
        Frame::Reward => None,
        Frame::Compare => {
            Some(view! { <ul class="rating">{spans.into_iter().map(compared).collect_view()}</ul> }.into_any())
        }
        Frame::Learn => {
            let [before, now] = probability.map(numbers::exact_percent);
            Some(view! { <p class="rating"><span>{marked(&later().slow.learned(before, now))}</span></p> }.into_any())
        }
    };
    view! {
        <li class="credited">
            <p class="words">{words.into_iter().map(|own| word(own, frame)).collect_view()}</p>
            <p class="asked"><OutcomeTag outcome word=terms::outcome(outcome, false) /></p>
            {below}
        </li>
    }
}

fn compared(own: Compared) -> impl IntoView {
    let words = &later().slow;
    let Compared { about, reward, mean, credit } = own;
    let about = match about {
        About::Whole => words.whole,
        About::Opening => words.opening,
        About::Content => words.content,
    };
    let [reward, mean] = [reward, mean].map(|value| numbers::fixed(f64::from(value), 3));
    // With the sign, because it is what the words are pushed by.
    let credit = numbers::fixed(f64::from(credit), 3);
    let sum = if own.is_plain() { words.compared(reward, mean, credit) } else { words.scaled(credit) };
    view! { <li>{about}": "{marked(&sum)}</li> }
}

fn word(Word { word, reward, credit, probability }: Word, frame: Frame) -> impl IntoView {
    let end = is_end(&word);
    let word = if end { text().credit.end.to_owned() } else { word };
    let shade = shade(credit);
    let (class, strength) = match frame {
        Frame::Compare | Frame::Learn => (shade.class, shade.strength),
        Frame::Sample | Frame::Rate | Frame::Reward => ("word", 0.0),
    };
    let below = match frame {
        Frame::Sample | Frame::Rate => None,
        Frame::Reward => Some(reward.map_or_else(numbers::nothing, |reward| numbers::credit(f64::from(reward)))),
        Frame::Compare => Some(numbers::credit(f64::from(credit))),
        Frame::Learn => {
            let [before, now] = probability.map(numbers::exact_percent);
            // What is as it was in the digits that are shown is shown once.
            Some(if before == now { now } else { later().slow.probability(before, now) })
        }
    };
    view! {
        <span class=class class:end=end style:--strength=format!("{strength:.2}")>
            <span>{word}</span>
            {below.map(|below| view! { <small>{below}</small> })}
        </span>
    }
}
