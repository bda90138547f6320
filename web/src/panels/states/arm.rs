//! The picture of one arm's model, and how much is to be read from it.

use leptos::prelude::*;

use super::Drawn;
use crate::kit::arm::ArmCourse;
use crate::kit::chart::plane::{PlaneChart, PlaneDrawing};
use crate::kit::marked::marked;
use crate::model::sentence::plain;
use crate::model::states::{Picture, Point};
use crate::text::later::later;
use crate::text::{numbers, terms, text};

/// Picture and numbers.
#[component]
pub fn OfArm(
    /// Its place among the arms.
    arm: usize,
    /// What is drawn.
    drawn: Memo<Option<Drawn>>,
    /// The fact that is looked at.
    chosen: RwSignal<Option<usize>>,
) -> impl IntoView {
    let words = &later().states;
    let own = Memo::new(move |_| {
        drawn.with(|drawn| {
            let Drawn { values, pictures, frame } = drawn.as_ref()?;
            Some((pictures.get(arm)?.clone(), values.clone(), *frame))
        })
    });
    let drawing = move || {
        own.with(|own| {
            let (Picture { middles, points, .. }, _, frame) = own.as_ref()?;
            Some(PlaneDrawing { frame: *frame, middles: middles.clone(), points: points.clone() })
        })
    };
    let names = move || own.with(|own| own.as_ref().map(|(_, values, _)| values.clone()).unwrap_or_default());
    let of_point = move |point: Point| own.with(|own| own.as_ref().map(|(_, values, _)| describe(&point, values)));
    let of_chosen = move || {
        let point =
            own.with(|own| own.as_ref()?.0.points.iter().find(|point| Some(point.fact) == chosen.get()).cloned());
        point.and_then(of_point)
    };
    let head = move || {
        own.with(|own| {
            own.as_ref().map(|(picture, ..)| {
                view! {
                    <ArmCourse arms=picture.arms words=terms::arm then=text().scores.then />
                    <span class="when">{text().credit.update(picture.update)}</span>
                }
            })
        })
    };
    let counted = move || own.with(|own| own.as_ref().map(|(picture, values, _)| sentences(picture, values.len())));
    let arm_name =
        move || own.with(|own| own.as_ref().map(|(picture, ..)| terms::course(picture.arms)).unwrap_or_default());
    view! {
        <article class="states-arm" aria-label=arm_name>
            <h3>{head}</h3>
            <PlaneChart
                drawing=Signal::derive(drawing)
                label=Signal::derive(move || words.picture(arm_name()))
                names=Signal::derive(names)
                words=Callback::new(move |point| of_point(point).unwrap_or_default())
                chosen
            />
            <p class="states-counted">{move || counted().map(|sentence| marked(&sentence))}</p>
            <p class="hint" aria-live="polite">{of_chosen}</p>
        </article>
    }
}

/// What the picture shows, and how often it is right.
fn sentences(picture: &Picture, values: usize) -> String {
    let words = &later().states;
    let [named, named_by_all, says] = picture.counts();
    let of = picture.points.len();
    let percent = |count: usize| numbers::percent(count as f64 / of.max(1) as f64);
    let shown = words.shown(numbers::percent(picture.share), numbers::count(picture.width));
    let lie = words.named(numbers::count(named), numbers::count(of), percent(named), numbers::count(values));
    let all = words.named_by_all(numbers::count(named_by_all), percent(named_by_all), numbers::count(picture.width));
    [shown, lie, all, words.says(numbers::count(says), percent(says))].join(" ")
}

/// A fact in words.
fn describe(point: &Point, values: &[String]) -> String {
    let words = &later().states;
    let value = |place: usize| values.get(place).map_or("", String::as_str);
    let region = point.named.map_or("", value);
    words.mark(plain(&point.question), value(point.truth), region, value(point.says))
}
