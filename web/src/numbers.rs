//! Numbers as people read them.

use crate::model::series::Quantity;

/// The value of a chart.
pub fn quantity(value: f64, quantity: Quantity) -> String {
    match quantity {
        Quantity::Rate(..) | Quantity::Probe(..) | Quantity::FlatGroups => format!("{:.0}%", value * 100.0),
        Quantity::RaterScore | Quantity::ProxyScore => signed(value),
        Quantity::Kl | Quantity::Entropy => format!("{value:.2}"),
    }
}

/// With its sign and two digits.
pub fn signed(value: f64) -> String {
    format!("{value:+.2}").replace('-', "−")
}

/// With its sign; nothing has none.
pub fn signed_or_zero(value: f64) -> String {
    if value.abs() < 0.005 { "0".to_owned() } else { signed(value) }
}

/// As short as it can be read at an axis.
pub fn short(value: f64) -> String {
    if value == 0.0 || value.abs() >= 10.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}").trim_end_matches('0').trim_end_matches('.').replace('-', "−")
    }
}

/// A share of one as a percentage.
pub fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

/// How much of a download is here.
pub fn bytes(loaded: f64, total: f64) -> String {
    let mega = |bytes: f64| format!("{:.1} MB", bytes / 1e6);
    match (loaded > 0.0, total > 0.0) {
        (_, true) => format!(", {} of {}", mega(loaded), mega(total)),
        (true, false) => format!(", {}", mega(loaded)),
        (false, false) => String::new(),
    }
}

/// How long it will take.
pub fn duration(seconds: f64) -> String {
    match seconds.round() as u64 {
        0..=89 => format!("{:.0} s left", seconds),
        90..=5399 => format!("{:.0} min left", seconds / 60.0),
        _ => format!("{:.1} h left", seconds / 3600.0),
    }
}
