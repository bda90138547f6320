//! Draws things as marks in a plane that is cut into named regions: an SVG. Marks of one kind have one shape and one colour;
//! when a mark's place changes, it moves there.
//!
//! Leaves out what the marks and regions stand for (`model::states`). Who cannot see it is told by words beside it.

use leptos::html::Div;
use leptos::prelude::*;

use crate::kit::width::width_of;
use crate::model::states::{Frame, Point, Spot, regions};

/// The most CSS pixels of a side.
const MOST: f64 = 560.0;
/// A shape for each kind of mark, about 10 CSS pixels wide around the origin; further kinds begin again.
const SHAPES: [&str; 8] = [
    "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0Z",
    "M-4.5-4.5h9v9h-9z",
    "M0-5.8 5.4 4H-5.4z",
    "M0-6 6 0 0 6-6 0z",
    "M0 5.8 5.4-4H-5.4z",
    "M-1.8-5.6h3.6v3.8h3.8v3.6H1.8v3.8h-3.6V1.8h-3.8v-3.6h3.8z",
    "M0-6 1.6-1.9 6-1.9 2.5.9 3.7 5.1 0 2.6-3.7 5.1-2.5.9-6-1.9-1.6-1.9z",
    "M-5.6-3.2 0-6 5.6-3.2V3.2L0 6-5.6 3.2z",
];

/// The mark of a kind, by itself.
pub fn mark(kind: usize) -> impl IntoView {
    view! {
        <svg class=format!("plane-mark {}", class(kind)) viewBox="-8 -8 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path d=SHAPES[kind % SHAPES.len()] />
        </svg>
    }
}

/// The class of a kind, which has its colour.
fn class(kind: usize) -> String {
    format!("kind-{}", kind % SHAPES.len())
}

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaneDrawing {
    /// The part of the plane.
    pub frame: Frame,
    /// The middle of each kind, from which the regions follow.
    pub middles: Vec<Option<Spot>>,
    /// The marks; there are as many as before and in the same order, unless there are others.
    pub points: Vec<Point>,
}

/// A square, as wide as there is room.
#[component]
pub fn PlaneChart(
    /// What to draw.
    #[prop(into)]
    drawing: Signal<Option<PlaneDrawing>>,
    /// What is to be seen, in words.
    #[prop(into)]
    label: Signal<String>,
    /// The names of the kinds.
    #[prop(into)]
    names: Signal<Vec<String>>,
    /// What a mark is, in words. Tracks.
    words: Callback<Point, String>,
    /// The thing that is looked at.
    chosen: RwSignal<Option<usize>>,
) -> impl IntoView {
    let target = NodeRef::<Div>::new();
    let width = width_of(target);
    let side = Memo::new(move |_| width.get().min(MOST));
    let place = move |[least, greatest]: Frame, spot: Spot| {
        // The second direction goes upwards.
        let part = |axis: usize| (spot[axis] - least[axis]) / (greatest[axis] - least[axis]);
        [part(0), 1.0 - part(1)].map(|part| part * side.get())
    };
    let areas = Memo::new(move |_| {
        drawing.with(|drawing| {
            let PlaneDrawing { frame, middles, .. } = drawing.as_ref()?;
            let path = |region: Vec<Spot>| {
                let corners = region.into_iter().map(|spot| place(*frame, spot)).map(|[x, y]| format!("{x:.1} {y:.1}"));
                let corners = corners.collect::<Vec<_>>().join("L");
                if corners.is_empty() { corners } else { format!("M{corners}Z") }
            };
            let paths: Vec<String> = regions(middles, *frame).into_iter().map(path).collect();
            Some((paths, middles.iter().map(|middle| middle.map(|spot| place(*frame, spot))).collect::<Vec<_>>()))
        })
    });
    let area = |(kind, path): (usize, String)| view! { <path class=format!("region {}", class(kind)) d=path /> };
    let name = move |(kind, middle): (usize, Option<Spot>)| {
        middle.map(|[x, y]| {
            let name = move || names.with(|names| names.get(kind).cloned());
            view! { <text class="region-name" x=format!("{x:.1}") y=format!("{y:.1}")>{name}</text> }
        })
    };
    let marks = Memo::new(move |_| {
        drawing.with(|drawing| {
            let points = drawing.iter().flat_map(|drawing| &drawing.points);
            points.map(|point| (point.fact, point.truth)).collect::<Vec<_>>()
        })
    });
    let of_mark = move |at: usize| {
        drawing.with(|drawing| Some((drawing.as_ref()?.frame, drawing.as_ref()?.points.get(at)?.clone())))
    };
    let mark = move |(at, (fact, kind)): (usize, (usize, usize))| {
        let spot = Memo::new(move |_| of_mark(at).map(|(frame, point)| place(frame, point.now)).unwrap_or_default());
        let transform = move || {
            let [x, y] = spot.get();
            format!("translate({x:.1}px, {y:.1}px)")
        };
        let differs = Memo::new(move |_| of_mark(at).is_some_and(|(_, point)| point.says != point.truth));
        view! {
            <g
                class=format!("mark {}", class(kind))
                class:differs=move || differs.get()
                class:chosen=move || chosen.get() == Some(fact)
                style:transform=transform
                data-fact=fact.to_string()
                on:click=move |_| chosen.set(Some(fact))
            >
                <title>{move || of_mark(at).map(|(_, point)| words.run(point))}</title>
                <circle class="around" r="9" />
                <path d=SHAPES[kind % SHAPES.len()] />
            </g>
        }
    };
    // From where the chosen one was to where it is.
    let way = move || {
        let (frame, point) = drawing.with(|drawing| {
            let PlaneDrawing { frame, points, .. } = drawing.as_ref()?;
            Some((*frame, points.iter().find(|point| Some(point.fact) == chosen.get())?.clone()))
        })?;
        let [[x, y], [to_x, to_y]] = [point.before, point.now].map(|spot| place(frame, spot));
        Some(view! { <path class="way" d=format!("M{x:.1} {y:.1}L{to_x:.1} {to_y:.1}") /> })
    };
    view! {
        <div class="plane" node_ref=target>
            <svg role="img" aria-label=label width=move || side.get() height=move || side.get()>
                {move || areas.get().map(|(paths, _)| paths.into_iter().enumerate().map(area).collect_view())}
                {way}
                {move || marks.get().into_iter().enumerate().map(mark).collect_view()}
                {move || areas.get().map(|(_, middles)| middles.into_iter().enumerate().map(name).collect_view())}
            </svg>
        </div>
    }
}
