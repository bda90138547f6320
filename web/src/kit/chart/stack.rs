//! Draws what is answered over updates as layers that fill the whole height: an SVG, with a label at each layer.
//!
//! Arrow keys lead from measurement to measurement, as on a slider. Leaves out what the layers are
//! (`model::outcomes`), their shapes (`model::picture::layers`) and what surrounds the chart (the panel of outcomes).

use leptos::html::Div;
use leptos::prelude::*;
use web_sys::{KeyboardEvent, PointerEvent};

use crate::kit::width::width_of;
use crate::model::figures::moved;
use crate::model::labels::ticks;
use crate::model::outcomes::{self, Layer, Moment};
use crate::model::picture::layers::{self, Axes, Label, Lines, StackDrawing, outline, pattern};
use crate::text::numbers;

/// What is written into it.
#[derive(Clone, Copy)]
pub struct StackWords {
    /// Below the x axis.
    pub updates: &'static str,
    /// The name of a layer.
    pub layer: fn(Layer) -> &'static str,
}

/// The height, and that of a chart with much room.
const HEIGHT: [f64; 2] = [216.0, 300.0];
const ROOMY: f64 = 640.0;
/// Room above the layers, at the y axis ("100 %" in some languages), and below for the x axis.
const TOP: f64 = 6.0;
const LEFT: f64 = 50.0;
const BOTTOM: f64 = 36.0;
/// A narrower chart has labels of two lines.
const NARROW: f64 = 460.0;
/// Room for labels, and what of it is no letter.
const GUTTER: [f64; 2] = [128.0, 204.0];
const BESIDE: f64 = 20.0;
/// Digits and strong letters are wider than others.
const STRONG: f64 = 1.1;

fn gutter(width: f64) -> f64 {
    GUTTER[usize::from(width >= NARROW)]
}

fn axes_of(width: f64, updates: u32) -> Axes {
    let right = (width - gutter(width)).max(LEFT + 40.0);
    Axes { left: LEFT, right, top: TOP, bottom: height(width) - BOTTOM, updates: f64::from(updates.max(1)) }
}

fn height(width: f64) -> f64 {
    HEIGHT[usize::from(width >= ROOMY)]
}

/// A chart as wide as there is room. Without a run it has axes alone.
#[component]
pub fn StackChart(
    /// What to draw.
    #[prop(into)]
    drawing: Signal<Option<StackDrawing>>,
    /// Its name.
    #[prop(into)]
    label: Signal<String>,
    /// What is answered at the update that is looked at, in words.
    #[prop(into)]
    value: Signal<String>,
    /// The update that is looked at; `None` is the latest.
    at: RwSignal<Option<u32>>,
    /// What is written into it.
    words: StackWords,
) -> impl IntoView {
    let target = NodeRef::<Div>::new();
    let width = width_of(target);
    // Lines are broken here and not by the browser, so that labels know how high their neighbours are. How much room a
    // line needs is for the visitor's font and spacing to say: of a name, and, written downwards, of a line's height.
    let (name, line) = (NodeRef::<Div>::new(), NodeRef::<Div>::new());
    let (name_width, line_height) = (width_of(name), width_of(line));
    let sample = (words.layer)(Layer::FalseUnknown);
    let lines = move || Lines {
        letters: ((gutter(width.get()) - BESIDE) / (STRONG * name_width.get()) * sample.chars().count() as f64)
            as usize,
        height: line_height.get(),
    };
    let ticks = Memo::new(move |_| {
        drawing.with(|drawing| drawing.as_ref().map(|own| outcomes::ticks(std::slice::from_ref(&own.stack))))
    });
    let updates = move || drawing.with(|drawing| drawing.as_ref().map_or(0, |drawing| drawing.updates));
    let go = move |event: KeyboardEvent| {
        let from = at.get_untracked();
        if let Some(update) = ticks.with_untracked(|ticks| moved(ticks.as_ref()?, from, &event.key())) {
            event.prevent_default();
            at.set(Some(update));
        }
    };
    let point = move |event: PointerEvent| {
        let wanted = axes_of(width.get_untracked(), untrack(updates)).update(f64::from(event.offset_x()));
        let far = |tick: &u32| (f64::from(*tick) - wanted).abs();
        let nearest = ticks.with_untracked(|ticks| {
            ticks.iter().flatten().copied().min_by(|one, other| far(one).total_cmp(&far(other)))
        });
        if nearest.is_some() && nearest != at.get_untracked() {
            at.set(nearest);
        }
    };
    let now = move || at.get().or_else(|| ticks.with(|ticks| ticks.as_ref()?.last().copied())).unwrap_or(0);
    let is_wide_enough = move || width.get() >= 40.0;
    view! {
        <div
            class="stack-chart"
            style:height=move || format!("{}px", height(width.get()))
            node_ref=target
            tabindex="0"
            role="slider"
            aria-label=label
            aria-valuemin="0"
            aria-valuemax=updates
            aria-valuenow=now
            aria-valuetext=value
            on:keydown=go
            on:pointermove=point
            on:pointerdown=point
        >
            <div class="layer-label probe" node_ref=name aria-hidden="true">{sample}</div>
            <div class="layer-label probe downwards" node_ref=line aria-hidden="true">"0"</div>
            {move || is_wide_enough().then(|| drawing.with(|drawing| picture(drawing.as_ref(), width.get(), words)))}
            {move || is_wide_enough().then(|| drawing.with(|drawing| {
                let drawing = drawing.as_ref()?;
                let moment = drawing.stack.at(at.get())?;
                Some(labels(moment, axes_of(width.get(), drawing.updates), lines(), width.get(), words))
            }))}
        </div>
    }
}

/// Layers and axes.
fn picture(drawing: Option<&StackDrawing>, width: f64, words: StackWords) -> AnyView {
    let updates = drawing.map_or(100, |drawing| drawing.updates);
    let axes = axes_of(width, updates);
    let layers = drawing.into_iter().flat_map(|drawing| {
        let layer = |layer: Layer| {
            let class = format!("layer {}", layer.id());
            let fill = pattern(layer).map(|pattern| format!("url(#{pattern})"));
            let outline = outline(&drawing.stack.moments, layer, axes);
            view! { <path class=class d=outline.clone() /> {fill.map(|fill| view! { <path d=outline fill=fill /> })} }
        };
        drawing.stack.layers().map(layer).collect::<Vec<_>>()
    });
    let level = |level: f64| {
        let y = axes.y(level);
        view! {
            <path class="grid" d=format!("M{LEFT} {y}H{}", axes.right) />
            <text x=LEFT - 5.0 y=y text-anchor="end" dominant-baseline="middle">{numbers::percent(level)}</text>
        }
    };
    let every = drawing.map_or(10, |drawing| drawing.every);
    let numbered = ticks(updates, every, ((axes.right - LEFT) / 44.0).max(2.0) as u32);
    let tick = |update: u32| {
        let x = axes.x(update);
        view! { <text x=x y=axes.bottom + 14.0 text-anchor="middle">{numbers::count(update as usize)}</text> }
    };
    let middle = (LEFT + axes.right) / 2.0;
    // Its name on the side with more room.
    let change = |(after, change): &(u32, String)| {
        let x = axes.x(*after);
        let (anchor, room) = if x < middle { ("start", 4.0) } else { ("end", -4.0) };
        view! {
            <path class="change" d=format!("M{x} {TOP}V{}", axes.bottom) />
            <text class="change-name" x=x + room y=TOP + 13.0 text-anchor=anchor>{format!("→ {change}")}</text>
        }
    };
    let changes = drawing.map(|drawing| drawing.changes.iter().map(change).collect_view());
    view! {
        <svg width=width height=height(width) viewBox=format!("0 0 {width} {}", height(width)) aria-hidden="true" focusable="false">
            {layers.collect_view()}
            {[0.0, 0.25, 0.5, 0.75, 1.0].map(level).collect_view()}
            {numbered.into_iter().map(tick).collect_view()}
            <text x=middle y=height(width) - 4.0 text-anchor="middle">{words.updates}</text>
            {changes}
        </svg>
    }
    .into_any()
}

/// The share of each layer at a moment with its name, beside it, and a line where the moment is.
fn labels(moment: &Moment, axes: Axes, lines: Lines, width: f64, words: StackWords) -> AnyView {
    let name = |layer, percent| format!("{} {}", numbers::percent(f64::from(percent) / 100.0), (words.layer)(layer));
    let written = layers::labels(moment, axes, lines, height(width), name);
    let label = |label: Label| {
        let class = format!("layer-label {}", label.layer.id());
        let (top, left) = (label.middle - label.height(lines) / 2.0, axes.right + 8.0);
        let (top, left) = (format!("{top:.1}px"), format!("{left:.1}px"));
        let line = |(place, line): (usize, String)| match line.split_once(' ').filter(|_| place == 0) {
            Some((share, name)) => view! { <span><b>{share.to_owned()}</b>" "{name.to_owned()}</span> }.into_any(),
            None => view! { <span>{line}</span> }.into_any(),
        };
        view! {
            <li class=class style:top=top style:left=left>
                {label.lines.into_iter().enumerate().map(line).collect_view()}
            </li>
        }
    };
    let x = format!("{:.1}px", axes.x(moment.update));
    view! {
        <span class="stack-at" style:left=x style:top=format!("{TOP}px") style:height=format!("{}px", axes.bottom - TOP)></span>
        <ul class="layer-labels" aria-hidden="true">{written.into_iter().map(label).collect_view()}</ul>
    }
    .into_any()
}

/// The patterns that charts of layers refer to: once on a page.
#[component]
pub fn StackPatterns() -> impl IntoView {
    view! {
        <svg class="patterns" width="0" height="0" aria-hidden="true" focusable="false">
            <defs>
                <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <path class="hatch" d="M0 0V6" />
                </pattern>
                <pattern id="dots" width="7" height="7" patternUnits="userSpaceOnUse">
                    <circle class="dot" cx="2" cy="2" r="1" />
                </pattern>
            </defs>
        </svg>
    }
}
