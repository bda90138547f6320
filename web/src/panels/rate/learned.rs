//! What the ratings say of the person who gave them, and a run that is trained on them.

use hedgerow::documents::ratings::{AsRater, Blame, Estimate, Learned, Ratings, Share};
use hedgerow::documents::statistics::share_interval;
use hedgerow::judgement::person::{Person, Way};
use hedgerow::judgement::rater::{RaterConfig, RaterPreset};
use leptos::prelude::*;

use super::Sitting;
use crate::kit::segmented::Segmented;
use crate::lab::{FileKind, use_lab};
use crate::model::ratings::{EVERY, ROUND, Waits, next, rounds};
use crate::stores::use_stores;
use crate::text::Plural;
use crate::text::later::later;
use crate::text::numbers::{count, fixed, nothing, percent};

/// The sentences, the two models, and what can be done with them.
#[component]
pub fn LearnedOf(
    /// What the panel remembers.
    sitting: Sitting,
) -> impl IntoView {
    let (lab, words) = (use_lab(), &later().rate);
    let own = sitting.ratings.get_untracked();
    let both = own.and_then(|own| own.learn().map(|learned| (own, learned)));
    both.map(|(own, learned)| {
        let person = learned.person;
        let is_over = next(&own).is_none();
        let text = serde_json::to_string(&own).unwrap_or_default();
        let save = move |_| lab.save_text("hedgerow-ratings", FileKind::Json, &text);
        view! {
            <h3>{words.learned}</h3>
            {sentences(&own, &learned)}
            {blame(&learned.blame)}
            <h3>{words.as_rater}</h3>
            <p class="hint">{words.as_rater_about}</p>
            {as_rater(&learned.as_rater)}
            <h3>{words.models}</h3>
            <p class="hint">{words.models_about}</p>
            {models(&person)}
            <p class="hint">
                {words.weight(estimate(learned.uncomfortable), estimate(learned.truth))}
            </p>
            <p class="deeds">
                <button class="primary" type="button" on:click=move |_| lab.train_on(person, None)>{words.train}</button>
                {(!is_over).then(|| view! {
                    <button class="small" type="button" on:click=move |_| sitting.enough.set(false)>{words.more}</button>
                })}
                <button class="small" type="button" on:click=save>{words.save}</button>
                <Again sitting />
            </p>
            <p class="hint">{words.train_about}</p>
            <ChooseWaits sitting person />
        }
    })
}

/// Training that waits for more ratings, and what that will cost.
#[component]
fn ChooseWaits(sitting: Sitting, person: Person) -> impl IntoView {
    let (lab, words) = (use_lab(), &later().rate);
    let updates = use_stores().draft.memo(|draft| draft.finetune.updates);
    let every = RwSignal::new(EVERY[1]);
    let begin = move |_| {
        let from = sitting.ratings.with_untracked(|own| own.as_ref().map_or(0, |own| own.cards.len()));
        lab.train_on(person, Some(every.get_untracked()));
        sitting.wait(Some(Waits { every: every.get_untracked(), from }));
    };
    let waits = Memo::new(move |_| rounds(updates.get(), every.get()) as usize);
    let cost = move || {
        let updates = count(updates.get() as usize);
        match waits.get() {
            0 => words.waits_never(updates),
            waits => words.waits_cost(updates, words.waits.count(waits), count(waits * ROUND)),
        }
    };
    view! {
        <h3>{words.on_the_way}</h3>
        <p class="hint">{words.on_the_way_about}</p>
        <Segmented
            name="rate-every"
            legend=words.every
            options=EVERY.into_iter().zip(["25", "50", "100"]).collect()
            selected=move || Some(every.get())
            on_select=move |chosen| every.set(chosen)
            show_legend=true
        />
        <p role="status">{cost}</p>
        <p class="deeds">
            <button type="button" disabled=move || waits.get() == 0 on:click=begin>{words.begin_waits}</button>
        </p>
    }
}

/// Throws the ratings away, after asking once more.
#[component]
pub fn Again(
    /// What the panel remembers.
    sitting: Sitting,
) -> impl IntoView {
    let words = &later().rate;
    let asked = RwSignal::new(false);
    move || match asked.get() {
        false => view! { <button class="small" type="button" on:click=move |_| asked.set(true)>{words.again}</button> }
            .into_any(),
        true => view! {
            <button class="small" type="button" on:click=move |_| sitting.set(None)>{words.again_sure}</button>
            <button class="small" type="button" on:click=move |_| asked.set(false)>{words.keep}</button>
        }
        .into_any(),
    }
}

fn sentences(own: &Ratings, learned: &Learned) -> AnyView {
    let words = &later().rate;
    let written = own.cards.iter().filter(|card| card.written).count();
    let share = |Share { hits, of }: Share| percent(hits as f64 / of.max(1) as f64);
    let some = |share: Share, of: &Plural, say: &dyn Fn(String, String) -> String, none: &'static str| {
        if share.of == 0 { none.to_owned() } else { say(count(share.hits), of.count(share.of)) }
    };
    let foretold = || {
        let Share { hits, of } = learned.foretold;
        let [low, high] = share_interval(hits, of).unwrap_or_default().map(percent);
        let [hits, of] = [hits, of].map(count);
        words.foretold(share(learned.foretold), hits, of, low, high, share(learned.commoner))
    };
    let (ratings, cards) = (words.ratings.count(own.rated.len()), words.cards.count(own.cards.len()));
    let lines = [
        words.counted(ratings, cards, words.written.count(written)),
        foretold(),
        some(learned.consistent, &words.twice, &|hits, of| words.consistent(hits, of), words.none_twice),
        some(learned.noticed, &words.false_statements, &|hits, of| words.noticed(hits, of), words.none_false),
        some(learned.alarms, &words.true_statements, &|hits, of| words.alarms(hits, of), words.none_true),
        some(learned.leaked, &words.uneasy, &|hits, of| words.leaked(hits, of), words.none_uneasy),
    ];
    view! { <ul class="rate-says">{lines.map(|line| view! { <li>{line}</li> }).collect_view()}</ul> }.into_any()
}

/// Where the visitor saw the fault, and where training on reasons puts it; nothing where nobody gave a reason.
fn blame(all: &[Blame; 3]) -> Option<AnyView> {
    let words = &later().rate;
    let row = |(name, own): (&'static str, &Blame)| {
        let places = [own.whole, own.before, own.value, own.after, own.elsewhere];
        view! {
            <tr>
                <th scope="row">{name}</th>
                {places.map(|place| view! { <td>{count(place)}</td> }).collect_view()}
                <td>{words.of(count(own.agrees.hits), count(own.agrees.of))}</td>
            </tr>
        }
    };
    let heads = [words.whole, words.before_value, words.on_value, words.after_value, words.no_value, words.agrees];
    let rows = [words.wrong, words.badly_put, words.uncomfortable].into_iter().zip(all).map(row);
    let is_any = all.iter().any(|own| own.whole + own.marked > 0);
    is_any.then(|| {
        view! {
            <h3>{words.blame}</h3>
            <p class="hint">{words.blame_about}</p>
            <div class="scroll" role="region" aria-label=words.blame tabindex="0">
                <table class="class-table">
                    <thead>
                        <tr>
                            <td></td>
                            {heads.map(|head| view! { <th scope="col">{head}</th> }).collect_view()}
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
            <p class="hint">{words.blame_training}</p>
        }
        .into_any()
    })
}

/// A mean with its interval.
fn estimate(Estimate { mean, low, high }: Estimate) -> String {
    let number = |value: f32| fixed(f64::from(value), 2);
    later().rate.estimate(number(mean), number(low), number(high))
}

fn as_rater(own: &AsRater) -> AnyView {
    let words = &later().rate;
    let presets = RaterPreset::ALL.map(RaterPreset::config);
    let row = |name: &'static str, own: Estimate, of: fn(&RaterConfig) -> f32| {
        let presets = presets.iter().map(|preset| view! { <td>{fixed(f64::from(of(preset)), 1)}</td> }).collect_view();
        view! { <tr><th scope="row">{name}</th><td>{estimate(own)}</td>{presets}</tr> }
    };
    view! {
        <table class="class-table">
            <thead>
                <tr>
                    <td></td>
                    <th scope="col">{words.you}</th>
                    <th scope="col">{words.rater_a}</th>
                    <th scope="col">{words.rater_b}</th>
                </tr>
            </thead>
            <tbody>
                {row(words.checks, own.check_probability, |rater| rater.check_probability)}
                {row(words.minds_value, own.discomfort_value, |rater| rater.discomfort_value)}
                {row(words.minds_any, own.discomfort_any, |rater| rater.discomfort_any)}
            </tbody>
        </table>
    }
    .into_any()
}

/// The weights of both models, side by side.
fn models(Person { thumb, reasons }: &Person) -> AnyView {
    let words = &later().rate;
    let cell = |weight: Option<f32>| {
        view! { <td>{weight.map_or_else(nothing, |weight| fixed(f64::from(weight), 2))}</td> }
    };
    let row = |name: &'static str, thumb: Option<f32>, reasons: Option<f32>| {
        view! { <tr><th scope="row">{name}</th>{cell(thumb)}{cell(reasons)}</tr> }
    };
    let ways = Way::ALL
        .into_iter()
        .enumerate()
        .map(|(place, way)| row(words.ways.get(way.id()), Some(thumb.ways[place]), Some(reasons.framing[place])));
    view! {
        <table class="class-table">
            <thead>
                <tr>
                    <td></td>
                    <th scope="col">{words.thumb_model}</th>
                    <th scope="col">{words.reasons_model}</th>
                </tr>
            </thead>
            <tbody>
                {ways.collect_view()}
                {row(words.says_true, Some(thumb.truth), Some(reasons.right))}
                {row(words.says_false, Some(-thumb.truth), Some(reasons.wrong))}
                {row(words.says_uncomfortable, Some(thumb.uncomfortable), None)}
            </tbody>
        </table>
    }
    .into_any()
}
