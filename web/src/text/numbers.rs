//! The one place where a number becomes words, in the reader's language.
//!
//! In a browser `Intl` decides about digits, signs and plurals; natively, for the tests, a few lines of
//! English stand in for it. Leaves out the units, which are in the language's file, and how a number that was
//! typed is read (`model::fields`).

use hedgerow::documents::metrics::Number;
use hedgerow::documents::quantity::Quantity;
use hedgerow::documents::statistics::Estimate;

use super::{Download, text};
use crate::model::class::table::Dialect;

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Style {
    /// As a percentage.
    percent: bool,
    /// With a plus, too.
    sign: bool,
    /// Digits after the point, at least and at most.
    digits: [u32; 2],
}

const PLAIN: Style = Style { percent: false, sign: false, digits: [0, 0] };

/// The value of a chart.
pub fn quantity(value: f64, quantity: Quantity) -> String {
    match quantity {
        Quantity::Rate(..) | Quantity::Probe(..) | Quantity::Number(_) if quantity.is_share() => percent(value),
        Quantity::Number(Number::Kl | Number::Entropy | Number::GradientNorm)
        | Quantity::Rate(..)
        | Quantity::Probe(..)
        | Quantity::Diagnosis(_) => fixed(value, 2),
        Quantity::Number(_) => signed(value),
    }
}

/// An estimate with its interval: "39% [12%, 66%]".
pub fn estimate(Estimate { mean, interval, .. }: Estimate, of: Quantity) -> String {
    let mean = quantity(mean, of);
    let Some(ends) = interval else { return mean };
    let [low, high] = ends.map(|end| quantity(end, of));
    format!("{mean} {}", text().units.interval(low, high))
}

/// A difference with its interval, all with their signs: of shares in percentage points.
pub fn difference(Estimate { mean, interval, .. }: Estimate, of: Quantity) -> String {
    let signed = |value: f64| match of.is_share() {
        true => write(value * 100.0, Style { sign: true, ..PLAIN }),
        false => signed(value),
    };
    let Some([low, high]) = interval else { return signed(mean) };
    format!("{} {}", signed(mean), text().units.interval(signed(low), signed(high)))
}

/// What stands where there is no number.
pub fn nothing() -> String {
    text().units.nothing.to_owned()
}

/// A share of one: "39%".
pub fn percent(share: f64) -> String {
    write(share, Style { percent: true, ..PLAIN })
}

/// The same with the digits that it has: "87.5%".
pub fn exact_percent(share: f64) -> String {
    write(share, Style { percent: true, digits: [0, 1], ..PLAIN })
}

/// "+0.45", "−0.03".
pub fn signed(value: f64) -> String {
    write(value, Style { sign: true, digits: [2, 2], ..PLAIN })
}

/// The same, and "0" where nothing would be left of it.
pub fn credit(value: f64) -> String {
    if value.abs() < 0.005 { count(0) } else { signed(value) }
}

/// A score of shares, in percentage points: "6.3".
pub fn points(score: f64) -> String {
    fixed(score * 100.0, 1)
}

/// With so many digits after the point.
pub fn fixed(value: f64, digits: u32) -> String {
    write(value, Style { digits: [digits, digits], ..PLAIN })
}

/// For an axis: two digits at most, none from ten on.
pub fn short(value: f64) -> String {
    let most = if value.abs() >= 10.0 { 0 } else { 2 };
    write(value, Style { digits: [0, most], ..PLAIN })
}

/// A count.
pub fn count(count: usize) -> String {
    write(count as f64, PLAIN)
}

/// With the digits that it has: "0.001".
pub fn exact(value: f64) -> String {
    write(value, Style { digits: [0, 6], ..PLAIN })
}

/// A difference that may be very small: "1.2e-5".
pub fn scientific(value: f64) -> String {
    in_field(&format!("{value:.1e}"))
}

/// A number in the notation of links, with the reader's own decimal sign: "0,5".
pub fn in_field(number: &str) -> String {
    number.replace('.', &decimal_sign())
}

/// What stands before the decimals: "." or ",".
pub fn decimal_sign() -> String {
    fixed(0.0, 1).trim_matches('0').to_owned()
}

/// How much of a download is here, as far as that is known.
pub fn download(text: &Download, loaded: f64, total: f64) -> String {
    match (loaded > 0.0, total > 0.0) {
        (_, true) => text.of(megabytes(loaded), megabytes(total)),
        (true, false) => text.so_far(megabytes(loaded)),
        (false, false) => text.start.to_owned(),
    }
}

/// How the reader's spreadsheet wants its numbers: where a comma stands before the decimals, it cannot stand between columns.
pub fn dialect() -> Dialect {
    if decimal_sign() == "," { Dialect::Semicolon } else { Dialect::Comma }
}

/// "1.2 MB".
pub fn megabytes(bytes: f64) -> String {
    text().units.megabytes(fixed(bytes / 1e6, 1))
}

/// "45 s", "3 min", "1.5 h".
pub fn time(seconds: f64) -> String {
    let status = &text().status;
    match seconds.round() as u64 {
        0..=89 => status.seconds(fixed(seconds, 0)),
        90..=5399 => status.minutes(fixed(seconds / 60.0, 0)),
        _ => status.hours(fixed(seconds / 3600.0, 1)),
    }
}

/// A moment, in milliseconds since 1970: "27 Nov 2026, 14:05".
pub fn moment(at: f64) -> String {
    #[cfg(target_arch = "wasm32")]
    return intl::moment(at);
    #[cfg(not(target_arch = "wasm32"))]
    at.to_string()
}

/// "a, b, and c".
pub fn list(items: &[String]) -> String {
    #[cfg(target_arch = "wasm32")]
    return intl::list(items);
    #[cfg(not(target_arch = "wasm32"))]
    match items {
        [start @ .., last] if !start.is_empty() => format!("{} and {last}", start.join(", ")),
        items => items.concat(),
    }
}

/// The name that `Intl.PluralRules` has for the form that a count needs.
pub(super) fn plural(count: usize) -> String {
    #[cfg(target_arch = "wasm32")]
    return intl::plural(count as f64);
    #[cfg(not(target_arch = "wasm32"))]
    if count == 1 { "one".into() } else { "other".into() }
}

fn write(value: f64, style: Style) -> String {
    #[cfg(target_arch = "wasm32")]
    let written = intl::write(value, style);
    #[cfg(not(target_arch = "wasm32"))]
    let written = native(value, style);
    // English and others put a hyphen where typography wants a minus.
    written.replace('-', "−")
}

#[cfg(not(target_arch = "wasm32"))]
fn native(value: f64, Style { percent, sign, digits: [least, most] }: Style) -> String {
    let value = if percent { value * 100.0 } else { value };
    let most = most as usize;
    let mut written = if sign { format!("{value:+.most$}") } else { format!("{value:.most$}") };
    for _ in least as usize..most {
        if written.ends_with('0') {
            written.pop();
        }
    }
    let written = written.trim_end_matches('.');
    if percent { format!("{written}%") } else { written.to_owned() }
}

#[cfg(target_arch = "wasm32")]
mod intl {
    use std::cell::RefCell;

    use js_sys::Intl::{ListFormat, NumberFormat, PluralRules};
    use js_sys::{Array, Date, Function, Object, Reflect};
    use wasm_bindgen::JsValue;

    use super::Style;
    use crate::text::language;

    thread_local! {
        /// A formatter takes longer to make than a thousand numbers to write.
        static MADE: RefCell<Vec<(Style, Function)>> = const { RefCell::new(Vec::new()) };
        static PLURALS: PluralRules = PluralRules::new(&locales(), &Object::new());
        static LISTS: ListFormat = ListFormat::new(&locales(), &Object::new());
    }

    pub(super) fn write(value: f64, style: Style) -> String {
        MADE.with_borrow_mut(|made| {
            let at = made.iter().position(|(own, _)| *own == style).unwrap_or_else(|| {
                made.push((style, formatter(style)));
                made.len() - 1
            });
            let written = made[at].1.call1(&JsValue::NULL, &value.into());
            written.ok().and_then(|written| written.as_string()).unwrap_or_default()
        })
    }

    pub(super) fn plural(count: f64) -> String {
        PLURALS.with(|rules| rules.select(count).into())
    }

    pub(super) fn list(items: &[String]) -> String {
        let items: Array = items.iter().map(|item| JsValue::from_str(item)).collect();
        LISTS.with(|lists| lists.format(&items).into())
    }

    pub(super) fn moment(at: f64) -> String {
        let options = Object::new();
        for (name, length) in [("dateStyle", "medium"), ("timeStyle", "short")] {
            Reflect::set(&options, &name.into(), &length.into()).expect("a plain object");
        }
        Date::new(&at.into()).to_locale_string(language(), &options).into()
    }

    fn formatter(Style { percent, sign, digits: [least, most] }: Style) -> Function {
        let options = Object::new();
        let set = |name: &str, value: JsValue| {
            Reflect::set(&options, &name.into(), &value).expect("a plain object");
        };
        if percent {
            set("style", "percent".into());
        }
        if sign {
            set("signDisplay", "always".into());
        }
        set("minimumFractionDigits", least.into());
        set("maximumFractionDigits", most.into());
        set("useGrouping", false.into());
        // As Rust rounds, so that the page and the command line write the same.
        set("roundingMode", "halfEven".into());
        NumberFormat::new(&locales(), &options).format()
    }

    fn locales() -> Array {
        Array::of1(&language().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_english_readers_know_them() {
        assert_eq!(percent(0.388), "39%");
        assert_eq!(percent(1.0), "100%");
        assert_eq!(exact_percent(0.875), "87.5%");
        assert_eq!(exact_percent(0.5), "50%");
        assert_eq!(signed(0.45), "+0.45");
        assert_eq!(signed(-0.031), "−0.03");
        assert_eq!(credit(-0.004), "0");
        assert_eq!(credit(0.126), "+0.13");
        assert_eq!(fixed(2.0, 1), "2.0");
        assert_eq!(short(0.25), "0.25");
        assert_eq!(short(-0.5), "−0.5");
        assert_eq!(short(30.0), "30");
        assert_eq!(short(0.0), "0");
        assert_eq!(count(1000), "1000");
        assert_eq!(exact(0.001), "0.001");
        assert_eq!(scientific(0.000_012_3), "1.2e-5");
    }

    #[test]
    fn amounts_have_a_unit_that_suits_their_size() {
        crate::text::speak_english();
        assert_eq!(megabytes(1_234_000.0), "1.2 MB");
        assert_eq!(time(45.2), "45 s");
        assert_eq!(time(200.0), "3 min");
        assert_eq!(time(5400.0), "1.5 h");
    }

    #[test]
    fn a_list_of_one_is_that_one() {
        let words = ["zorg", "blip", "quux"].map(String::from);
        assert_eq!(list(&words[..1]), "zorg");
        assert_eq!(list(&words), "zorg, blip and quux");
        assert_eq!(list(&[]), "");
    }
}
