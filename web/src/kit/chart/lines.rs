//! Draws lines over updates with uPlot.
//!
//! Small bindings to the global `uPlot` and one component. Lines and bands are uPlot's own;
//! markers, the chance line and the marks of changed rewards are drawn on top. Leaves out what
//! is drawn (`model::figures`) and what surrounds it (the panel of figures).

use std::cell::RefCell;
use std::rc::Rc;

use hedgerow::judgement::experiment::Arm;
use js_sys::{Array, JSON, Reflect};
use leptos::html::Div;
use leptos::prelude::*;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlElement};

use crate::js::describe;
use crate::kit::width::width_of;
use crate::model::figures::Drawing;
use crate::model::look::{Marker, look};
use crate::model::series::Point;
use crate::text::numbers;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChartWords {
    /// At the line of what guessing would give.
    pub chance: &'static str,
    /// At the mark of a changed reward.
    pub changed: &'static str,
}

const HEIGHT: f64 = 188.0;

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
    arms: Vec<Arm>,
    updates: u32,
    is_share: bool,
    dark: bool,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.plot.destroy();
    }
}

/// A chart as wide as there is room.
#[component]
pub fn Chart(
    /// What to draw.
    drawing: Signal<Drawing>,
    /// What a screen reader says of it.
    label: Signal<String>,
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
    Effect::new(move |_| {
        let (drawing, width, dark) = (drawing.get(), width.get(), dark.get());
        let Some(element) = target.get() else { return };
        if width < 40.0 {
            return;
        }
        let structure = Structure {
            arms: drawing.lines.iter().map(|line| line.arm).collect(),
            updates: drawing.updates,
            is_share: drawing.is_share,
            dark,
        };
        held.update_value(|held| {
            let data = columns(&drawing);
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
                }
            }
        });
    });
    on_cleanup(move || held.update_value(|held| *held = None));
    view! { <div class="plot" node_ref=target role="img" aria-label=label></div> }
}

fn draw(
    target: &HtmlElement,
    structure: Structure,
    drawing: Drawing,
    width: f64,
    hovered: RwSignal<Option<u32>>,
    words: ChartWords,
) -> Result<Held, JsValue> {
    let data = columns(&drawing);
    let percent = structure.is_share;
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
        let drawing = drawing.clone();
        Closure::new(move |plot: Plot| annotate(&plot, &drawing.borrow(), words))
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
    let options = to_js(&options(&structure, width));
    let y_axis = Reflect::get(&Reflect::get(&options, &"axes".into())?, &1.into())?;
    Reflect::set(&y_axis, &"values".into(), axis.as_ref())?;
    let hooks = to_js(&json!({}));
    Reflect::set(&hooks, &"draw".into(), &Array::of1(on_top.as_ref()))?;
    Reflect::set(&hooks, &"setCursor".into(), &Array::of1(hover.as_ref()))?;
    Reflect::set(&options, &"hooks".into(), &hooks)?;
    let plot = Plot::new(&options, &data, target)?;
    Ok(Held { plot, structure, drawing, _axis: axis, _draw: on_top, _hover: hover })
}

fn options(structure: &Structure, width: f64) -> Value {
    let (ink, grid) = (colour("--ink-soft"), colour("--line"));
    let axis = |size: u32| {
        json!({
            "stroke": ink, "size": size, "gap": 4, "font": "11px ui-sans-serif, system-ui, sans-serif",
            "grid": { "stroke": grid, "width": 1 }, "ticks": { "show": false },
        })
    };
    let mut x_axis = axis(24);
    x_axis["grid"] = json!({ "show": false });
    x_axis["space"] = json!(48);
    let mut y_axis = axis(40);
    y_axis["space"] = json!(34);
    let mut series = vec![json!({})];
    let mut bands = Vec::new();
    for arm in &structure.arms {
        let look = look(*arm);
        let (stroke, first) = (colour(&look.property()), series.len());
        let hidden = json!({ "stroke": "transparent", "width": 0, "points": { "show": false }, "spanGaps": true });
        series.push(json!({
            "stroke": stroke, "width": 2, "dash": look.dash, "spanGaps": true, "points": { "show": false },
        }));
        series.extend([hidden.clone(), hidden]);
        bands.push(json!({ "series": [first + 1, first + 2], "fill": format!("{stroke}2b") }));
    }
    let mut y = json!({});
    if structure.is_share {
        y = json!({ "range": [-0.02, 1.02] });
    }
    json!({
        "width": width, "height": HEIGHT, "padding": [8, 14, 0, 0],
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

/// uPlot's table: x, then mean, high and low of each line.
fn columns(drawing: &Drawing) -> JsValue {
    let ticks = drawing.ticks();
    let mut columns = vec![json!(ticks)];
    for line in &drawing.lines {
        let column = |value: fn(&Point) -> f64| {
            let at = |tick: &u32| line.points.iter().find(|point| point.update == *tick).map(value);
            json!(ticks.iter().map(at).collect::<Vec<_>>())
        };
        columns.extend([column(|point| point.mean), column(|point| point.high), column(|point| point.low)]);
    }
    to_js(&Value::Array(columns))
}

/// The chance line, changed rewards and markers, over uPlot's own drawing.
fn annotate(plot: &Plot, drawing: &Drawing, words: ChartWords) {
    let context = plot.ctx();
    let ratio = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio());
    let side = |name: &str| Reflect::get(&plot.bbox(), &name.into()).ok().and_then(|side| side.as_f64()).unwrap_or(0.0);
    let (left, top, width, height) = (side("left"), side("top"), side("width"), side("height"));
    let soft = colour("--ink-soft");
    context.save();
    context.set_line_width(ratio);
    context.set_stroke_style_str(&soft);
    context.set_fill_style_str(&soft);
    context.set_font(&format!("{}px ui-sans-serif, system-ui, sans-serif", 11.0 * ratio));
    if let Some(chance) = drawing.chance {
        let y = plot.val_to_pos(chance, "y", true);
        dashes(&context, &[2.0, 3.0], ratio);
        stroke(&context, (left, y), (left + width, y));
        context.set_text_align("right");
        let _ = context.fill_text(words.chance, left + width - 2.0 * ratio, y - 4.0 * ratio);
    }
    for after in &drawing.changes {
        let x = plot.val_to_pos(f64::from(*after), "x", true);
        dashes(&context, &[], ratio);
        stroke(&context, (x, top), (x, top + height));
        context.set_text_align("left");
        let _ = context.fill_text(words.changed, x + 4.0 * ratio, top + 11.0 * ratio);
    }
    dashes(&context, &[], ratio);
    for line in &drawing.lines {
        let look = look(line.arm);
        context.set_fill_style_str(&colour(&look.property()));
        let spacing = (drawing.updates / 10).max(1);
        let last = line.points.last().map(|point| point.update);
        for point in &line.points {
            if point.update.is_multiple_of(spacing) || Some(point.update) == last {
                let x = plot.val_to_pos(f64::from(point.update), "x", true);
                let y = plot.val_to_pos(point.mean, "y", true);
                mark(&context, look.marker, x, y, 3.4 * ratio);
            }
        }
    }
    context.restore();
}

fn mark(context: &CanvasRenderingContext2d, marker: Marker, x: f64, y: f64, radius: f64) {
    context.begin_path();
    let corners: &[(f64, f64)] = match marker {
        Marker::Circle => {
            let _ = context.arc(x, y, radius, 0.0, std::f64::consts::TAU);
            &[]
        }
        Marker::Square => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        Marker::Triangle => &[(0.0, -1.2), (1.1, 0.9), (-1.1, 0.9)],
        Marker::Diamond => &[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)],
        Marker::Wedge => &[(0.0, 1.2), (1.1, -0.9), (-1.1, -0.9)],
        Marker::Plus => &[
            (-0.4, -1.2),
            (0.4, -1.2),
            (0.4, -0.4),
            (1.2, -0.4),
            (1.2, 0.4),
            (0.4, 0.4),
            (0.4, 1.2),
            (-0.4, 1.2),
            (-0.4, 0.4),
            (-1.2, 0.4),
            (-1.2, -0.4),
            (-0.4, -0.4),
        ],
    };
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
