//! Draws lines over updates with uPlot.
//!
//! Small bindings to the global `uPlot` and one component. Lines and bands are uPlot's own; markers, names, the
//! chance line and the marks of changed rewards are drawn on top. Leaves out what is drawn (`model::figures`) and
//! what surrounds it (the panel of figures).

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, JSON, Promise, Reflect};
use leptos::html::Div;
use leptos::prelude::*;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlElement, KeyboardEvent};

use crate::js::describe;
use crate::kit::width::width_of;
use crate::model::figures::{Drawing, Range, at, moved};
use crate::model::labels::{spread, ticks, wrapped};
use crate::model::look::{Look, Marker};
use crate::model::series::{Line, Point};
use crate::text::numbers;

#[wasm_bindgen(raw_module = "./later.js")]
extern "C" {
    /// Fetches uPlot; ends without an error where it does not come.
    #[wasm_bindgen(js_name = fetchLibrary)]
    pub fn fetch_library() -> Promise;
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = uPlot)]
    type Plot;
    #[wasm_bindgen(constructor, js_class = "uPlot", catch)]
    fn new(options: &JsValue, data: &JsValue, target: &HtmlElement) -> Result<Plot, JsValue>;
    #[wasm_bindgen(method, js_name = setData)]
    fn set_data(this: &Plot, data: &JsValue);
    #[wasm_bindgen(method, js_name = setSize)]
    fn set_size(this: &Plot, size: &JsValue);
    #[wasm_bindgen(method, js_name = setCursor)]
    fn set_cursor(this: &Plot, place: &JsValue);
    #[wasm_bindgen(method)]
    fn destroy(this: &Plot);
    #[wasm_bindgen(method, js_name = valToPos)]
    fn val_to_pos(this: &Plot, value: f64, scale: &str, on_canvas: bool) -> f64;
    #[wasm_bindgen(method, getter)]
    fn ctx(this: &Plot) -> CanvasRenderingContext2d;
    #[wasm_bindgen(method, getter)]
    fn bbox(this: &Plot) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn cursor(this: &Plot) -> JsValue;
}

/// What is written into a chart.
#[derive(Clone, Copy)]
pub struct ChartWords {
    /// At the line of what guessing would give.
    pub chance: &'static str,
    /// Below the x axis.
    pub updates: &'static str,
    /// In its place where the browser cannot draw it.
    pub not_drawn: &'static str,
    /// At the end of a line.
    pub line: fn(&Drawing, &Line) -> String,
}

const HEIGHT: f64 = 208.0;
/// A narrower chart has no room for names at its lines; neither has one of more arms.
const NARROW: f64 = 300.0;
const MOST_NAMES: usize = 4;
/// Letters of a line of a name, and the height of one.
const LETTERS: usize = 12;
const LINE: f64 = 15.0;

/// A plot and what its callbacks need for as long as it lives.
struct Held {
    plot: Plot,
    structure: Structure,
    drawing: Rc<RefCell<Drawing>>,
    _axis: Closure<dyn FnMut(JsValue, Array) -> Array>,
    _draw: Closure<dyn FnMut(Plot)>,
    _hover: Closure<dyn FnMut(Plot)>,
}

/// What cannot be changed on a living plot.
#[derive(PartialEq, Clone)]
struct Structure {
    lines: Vec<(Look, String)>,
    /// Thin lines of each of them: none of a single seed, which is the bold line.
    seeds: usize,
    is_smoothed: bool,
    updates: u32,
    every: u32,
    range: Range,
    has_chance: bool,
    has_changes: bool,
    has_names: bool,
    dark: bool,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.plot.destroy();
    }
}

/// A chart as wide as there is room. Arrow keys lead from point to point, as on a slider.
#[component]
pub fn Chart(
    /// What to draw.
    drawing: Signal<Drawing>,
    /// Its name.
    label: Signal<String>,
    /// The values at the update under the pointer, or the latest, in words.
    value: Signal<String>,
    /// Gets the update under the pointer.
    hovered: RwSignal<Option<u32>>,
    /// Are the colours those of the dark scheme?
    dark: Signal<bool>,
    /// What is written into it.
    words: ChartWords,
) -> impl IntoView {
    let target = NodeRef::<Div>::new();
    let width = width_of(target);
    let held = StoredValue::new_local(None::<Held>);
    let failed = RwSignal::new(false);
    Effect::new(move |_| {
        let Some(element) = target.get() else { return };
        // A chart that is folded away has no width, and does not follow what it would draw.
        let width = width.get();
        if width < 40.0 {
            return;
        }
        let (drawing, dark) = (drawing.get(), dark.get());
        let structure = Structure::of(&drawing, width, dark, words);
        held.update_value(|held| {
            let data = columns(&drawing, &structure);
            match held {
                Some(held) if held.structure == structure => {
                    *held.drawing.borrow_mut() = drawing;
                    held.plot.set_size(&to_js(&json!({ "width": width, "height": HEIGHT })));
                    held.plot.set_data(&data);
                }
                Some(_) | None => {
                    *held = None;
                    *held = draw(&element, structure, drawing, width, hovered, words)
                        .map_err(|error| log::error!("the chart cannot be drawn: {}", describe(&error)))
                        .ok();
                    failed.set(held.is_none());
                }
            }
        });
    });
    on_cleanup(move || held.update_value(|held| *held = None));
    let go = move |event: KeyboardEvent| {
        let from = hovered.get_untracked();
        let Some(update) = drawing.with_untracked(|drawing| moved(&drawing.ticks(), from, &event.key())) else {
            return;
        };
        event.prevent_default();
        hovered.set(Some(update));
        held.with_value(|held| {
            if let Some(Held { plot, .. }) = held {
                let left = plot.val_to_pos(f64::from(update), "x", false);
                plot.set_cursor(&to_js(&json!({ "left": left, "top": 0 })));
            }
        });
    };
    let last = Signal::derive(move || drawing.with(|drawing| drawing.ticks().last().copied().unwrap_or(0)));
    view! {
        <div
            class="plot"
            node_ref=target
            tabindex="0"
            role="slider"
            aria-label=label
            aria-valuemin="0"
            aria-valuemax=move || drawing.with(|drawing| drawing.updates)
            aria-valuenow=move || hovered.get().unwrap_or_else(|| last.get())
            aria-valuetext=value
            on:keydown=go
            on:blur=move |_| hovered.set(None)
        ></div>
        {move || failed.get().then(|| view! { <p class="empty">{words.not_drawn}</p> })}
    }
}

impl Structure {
    fn of(drawing: &Drawing, width: f64, dark: bool, words: ChartWords) -> Self {
        let points = drawing.lines.iter().flat_map(|line| &line.points);
        let seeds = points.clone().map(|point| point.seeds.len()).max().unwrap_or(0);
        Structure {
            lines: drawing.lines.iter().map(|line| (drawing.look(line), (words.line)(drawing, line))).collect(),
            seeds: if seeds > 1 { seeds } else { 0 },
            is_smoothed: points.clone().any(|point| point.raw.is_some()),
            updates: drawing.updates,
            every: drawing.every,
            range: drawing.range,
            has_chance: drawing.chance.is_some(),
            has_changes: !drawing.changes.is_empty(),
            has_names: width >= NARROW && drawing.lines.len() <= MOST_NAMES,
            dark,
        }
    }

    /// Room to the right of the lines for their names and that of the chance level.
    fn gutter(&self, words: ChartWords) -> f64 {
        let names = self.lines.iter().filter(|_| self.has_names).flat_map(|(_, name)| wrapped(name, LETTERS));
        let chance = self.has_chance.then(|| words.chance.to_owned());
        let letters = names.chain(chance).map(|name| name.chars().count()).max().unwrap_or(0);
        14.0 + 7.0 * letters as f64
    }
}

fn draw(
    target: &HtmlElement,
    structure: Structure,
    drawing: Drawing,
    width: f64,
    hovered: RwSignal<Option<u32>>,
    words: ChartWords,
) -> Result<Held, JsValue> {
    let data = columns(&drawing, &structure);
    let percent = structure.range == Range::Share;
    let axis = Closure::new(move |_: JsValue, splits: Array| {
        splits
            .iter()
            .map(|split| {
                let value = split.as_f64().unwrap_or(0.0);
                if percent { numbers::percent(value) } else { numbers::short(value) }
            })
            .map(|text| JsValue::from_str(&text))
            .collect::<Array>()
    });
    let drawing = Rc::new(RefCell::new(drawing));
    let on_top = {
        let (drawing, has_names) = (drawing.clone(), structure.has_names);
        Closure::new(move |plot: Plot| annotate(&plot, &drawing.borrow(), has_names, words))
    };
    let hover = {
        let drawing = drawing.clone();
        Closure::new(move |plot: Plot| {
            let index = Reflect::get(&plot.cursor(), &"idx".into()).ok().and_then(|index| index.as_f64());
            let update = index.and_then(|index| drawing.borrow().ticks().get(index as usize).copied());
            if hovered.get_untracked() != update {
                hovered.set(update);
            }
        })
    };
    let options = to_js(&options(&structure, width, words));
    let y_axis = Reflect::get(&Reflect::get(&options, &"axes".into())?, &1.into())?;
    Reflect::set(&y_axis, &"values".into(), axis.as_ref())?;
    let hooks = to_js(&json!({}));
    Reflect::set(&hooks, &"draw".into(), &Array::of1(on_top.as_ref()))?;
    Reflect::set(&hooks, &"setCursor".into(), &Array::of1(hover.as_ref()))?;
    Reflect::set(&options, &"hooks".into(), &hooks)?;
    let plot = Plot::new(&options, &data, target)?;
    Ok(Held { plot, structure, drawing, _axis: axis, _draw: on_top, _hover: hover })
}

fn options(structure: &Structure, width: f64, words: ChartWords) -> Value {
    let (ink, grid) = (colour("--ink-soft"), colour("--line"));
    let axis = |size: u32| {
        json!({
            "stroke": ink, "size": size, "gap": 4, "font": FONT, "labelFont": FONT, "labelGap": 0, "labelSize": 18,
            "grid": { "stroke": grid, "width": 1 }, "ticks": { "show": false },
        })
    };
    let mut x_axis = axis(24);
    x_axis["grid"] = json!({ "show": false });
    let gutter = structure.gutter(words);
    let numbers = ((width - gutter - 40.0) / 48.0).max(2.0) as u32;
    x_axis["splits"] = json!(ticks(structure.updates, structure.every, numbers));
    x_axis["label"] = json!(words.updates);
    let mut y_axis = axis(52);
    y_axis["space"] = json!(34);
    let mut series = vec![json!({})];
    let mut bands = Vec::new();
    for (look, _) in &structure.lines {
        let stroke = colour(&look.property());
        let line = |stroke: &str, width: f64, dash: &[f64]| json!({ "stroke": stroke, "width": width, "dash": dash, "points": { "show": false } });
        let faint = line(&format!("{stroke}59"), 1.0, &[]);
        series.extend(vec![faint.clone(); structure.seeds + usize::from(structure.is_smoothed)]);
        bands.push(json!({ "series": [series.len() + 1, series.len() + 2], "fill": format!("{stroke}2b") }));
        let hidden = line("transparent", 0.0, &[]);
        series.extend([line(&stroke, 2.5, look.dash), hidden.clone(), hidden]);
    }
    let y = match structure.range {
        Range::Share => json!({ "range": [-0.02, 1.02] }),
        Range::FromZero => json!({ "range": { "min": { "pad": 0, "soft": 0, "mode": 1 }, "max": { "pad": 0.1 } } }),
        Range::Free => json!({}),
    };
    let top = if structure.has_changes { 22 } else { 8 };
    json!({
        "width": width, "height": HEIGHT, "padding": [top, gutter, 0, 0],
        "legend": { "show": false },
        "cursor": {
            "y": false, "drag": { "x": false, "y": false },
            "points": { "show": false },
            "sync": { "key": "updates", "setSeries": false },
        },
        "scales": { "x": { "time": false, "range": [0, structure.updates] }, "y": y },
        "axes": [x_axis, y_axis],
        "series": series,
        "bands": bands,
    })
}

/// uPlot's table: x, then of each arm its seeds, its raw mean, its mean, and the ends of its interval.
fn columns(drawing: &Drawing, structure: &Structure) -> JsValue {
    let ticks = drawing.ticks();
    let columns: Array = Array::of1(&ticks.iter().map(|tick| JsValue::from(*tick)).collect::<Array>());
    for line in &drawing.lines {
        let column = |value: &dyn Fn(&Point) -> Option<f64>| {
            let value = |tick: &u32| at(&line.points, *tick).and_then(value).map_or(JsValue::NULL, JsValue::from);
            columns.push(&ticks.iter().map(value).collect::<Array>());
        };
        for seed in 0..structure.seeds {
            column(&|point| point.seeds.get(seed).copied().flatten());
        }
        if structure.is_smoothed {
            column(&|point| point.raw);
        }
        column(&Point::mean);
        let end = |point: &Point, end: usize| point.estimate?.interval.map(|ends| ends[end]);
        column(&|point| end(point, 1));
        column(&|point| end(point, 0));
    }
    columns.into()
}

const FONT: &str = "13px ui-sans-serif, system-ui, sans-serif";

/// The chance line, changed rewards, markers and names, over uPlot's own drawing.
fn annotate(plot: &Plot, drawing: &Drawing, has_names: bool, words: ChartWords) {
    let context = plot.ctx();
    let ratio = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio());
    let side = |name: &str| Reflect::get(&plot.bbox(), &name.into()).ok().and_then(|side| side.as_f64()).unwrap_or(0.0);
    let (left, top, width, height) = (side("left"), side("top"), side("width"), side("height"));
    let soft = colour("--ink-soft");
    context.save();
    context.set_line_width(ratio);
    context.set_stroke_style_str(&soft);
    context.set_fill_style_str(&soft);
    context.set_font(&FONT.replacen("13px", &format!("{}px", 13.0 * ratio), 1));
    context.set_text_baseline("middle");
    let mut names: Vec<Name> = Vec::new();
    if let Some(chance) = drawing.chance {
        let y = plot.val_to_pos(chance, "y", true);
        dashes(&context, &[2.0, 3.0], ratio);
        stroke(&context, (left, y), (left + width, y));
        names.push(Name { lines: vec![words.chance.to_owned()], x: left + width, y, colour: soft.clone() });
    }
    for (after, change) in &drawing.changes {
        let x = plot.val_to_pos(f64::from(*after), "x", true);
        dashes(&context, &[], ratio);
        stroke(&context, (x, top), (x, top + height));
        // Above the lines, on the side with more room.
        let (align, room) = if x < left + width / 2.0 { ("left", left + width - x) } else { ("right", x - left) };
        context.set_text_align(align);
        let _ = context.fill_text_with_max_width(&format!("→ {change}"), x, top - 9.0 * ratio, room);
    }
    dashes(&context, &[], ratio);
    for line in &drawing.lines {
        let look = drawing.look(line);
        let colour = colour(&look.property());
        context.set_fill_style_str(&colour);
        let spacing = (drawing.updates / 10).max(1);
        let last = line.points.last().map(|point| point.update);
        let mut end = None;
        for point in &line.points {
            let Some(mean) = point.mean() else { continue };
            let (x, y) = (plot.val_to_pos(f64::from(point.update), "x", true), plot.val_to_pos(mean, "y", true));
            if point.update.is_multiple_of(spacing) || Some(point.update) == last {
                mark(&context, look.marker, x, y, 3.4 * ratio);
            }
            end = Some((x, y));
        }
        if let Some((x, y)) = end.filter(|_| has_names) {
            names.push(Name { lines: wrapped(&(words.line)(drawing, line), LETTERS), x, y, colour });
        }
    }
    write_names(&context, &names, (top, top + height), ratio);
    context.restore();
}

/// A name at the end of a line, on the canvas.
struct Name {
    lines: Vec<String>,
    x: f64,
    y: f64,
    colour: String,
}

/// Writes names beside where their lines end, without overlap, each on the colour of the card.
fn write_names(context: &CanvasRenderingContext2d, names: &[Name], (top, bottom): (f64, f64), ratio: f64) {
    let wanted: Vec<f64> = names.iter().map(|name| name.y).collect();
    let heights: Vec<f64> = names.iter().map(|name| (LINE * name.lines.len() as f64 + 2.0) * ratio).collect();
    let card = colour("--card");
    context.set_text_align("left");
    for ((name, height), middle) in
        names.iter().zip(&heights).zip(spread(&wanted, &heights, top, bottom).unwrap_or_default())
    {
        let x = name.x + 8.0 * ratio;
        let widths =
            name.lines.iter().filter_map(|line| context.measure_text(line).ok()).map(|metrics| metrics.width());
        context.set_fill_style_str(&card);
        context.fill_rect(x - ratio, middle - height / 2.0, widths.fold(0.0, f64::max) + 2.0 * ratio, *height);
        context.set_fill_style_str(&name.colour);
        for (place, line) in name.lines.iter().enumerate() {
            let down = (place as f64 - (name.lines.len() - 1) as f64 / 2.0) * LINE * ratio;
            let _ = context.fill_text(line, x, middle + down);
        }
    }
}

fn mark(context: &CanvasRenderingContext2d, marker: Marker, x: f64, y: f64, radius: f64) {
    context.begin_path();
    let corners = marker.corners();
    if corners.is_empty() {
        let _ = context.arc(x, y, radius, 0.0, std::f64::consts::TAU);
    }
    for (index, (dx, dy)) in corners.iter().enumerate() {
        let (x, y) = (x + dx * radius, y + dy * radius);
        if index == 0 { context.move_to(x, y) } else { context.line_to(x, y) }
    }
    context.close_path();
    context.fill();
}

fn stroke(context: &CanvasRenderingContext2d, from: (f64, f64), to: (f64, f64)) {
    context.begin_path();
    context.move_to(from.0, from.1);
    context.line_to(to.0, to.1);
    context.stroke();
}

fn dashes(context: &CanvasRenderingContext2d, lengths: &[f64], ratio: f64) {
    let lengths: Array = lengths.iter().map(|length| JsValue::from_f64(length * ratio)).collect();
    let _ = context.set_line_dash(&lengths);
}

fn colour(property: &str) -> String {
    let style = document().document_element().and_then(|root| window().get_computed_style(&root).ok().flatten());
    let value = style.and_then(|style| style.get_property_value(property).ok());
    value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()).unwrap_or_else(|| "#777777".into())
}

fn to_js(value: &Value) -> JsValue {
    JSON::parse(&value.to_string()).unwrap_or(JsValue::NULL)
}
