//! What CODAP is told: a table with its columns in the page's language, and its rows.
//!
//! The names by which CODAP tells columns apart are the same in all languages.

use serde_json::{Map, Value, json};

use super::later::later;
use super::pictures::chart_title;
use super::{terms, text};
use crate::model::codap::{Case, QUANTITIES, column};

/// The name of the table.
const TABLE: &str = "hedgerow";

/// The message that puts these cases there, in the place of those that were sent from the same source before. `from` is
/// made of letters, digits and hyphens.
pub fn message(from: &str, cases: &[Case]) -> String {
    json!({ "context": table(), "from": from, "items": cases.iter().map(|case| item(from, case)).collect::<Vec<_>>() })
        .to_string()
}

fn table() -> Value {
    let words = &later().codap;
    let plain = |name: &str, title: &str| json!({ "name": name, "title": title });
    let number = |name: &str, title: &str, precision: u32| json!({ "name": name, "title": title, "type": "numeric", "precision": precision });
    let measured =
        QUANTITIES.map(|quantity| number(&column(quantity), &chart_title(quantity, terms::title(quantity)), 3));
    let mut rows = vec![number("update", text().outcomes.updates, 0)];
    rows.extend(measured);
    json!({
        "name": TABLE,
        "title": words.table,
        "collections": [
            {
                "name": "models",
                "title": words.models,
                "attrs": [
                    plain("from", words.from),
                    plain("who", later().class.who),
                    plain("arm", text().scores.arm),
                    number("seed", words.seed, 0),
                    number("predicted_low", words.predicted_low, 3),
                    number("predicted", words.predicted, 3),
                    number("predicted_high", words.predicted_high, 3),
                    plain("engine", words.engine),
                    plain("build", words.build),
                    plain("settings", words.settings),
                ],
            },
            {
                "name": "measurements",
                "title": words.measurements,
                "parent": "models",
                "attrs": rows,
            },
        ],
    })
}

fn item(from: &str, case: &Case) -> Value {
    let mut item = Map::new();
    let mut put = |name: &str, value: Option<Value>| item.extend(value.map(|value| (name.to_owned(), value)));
    put("from", Some(from.into()));
    put("who", Some(case.who.as_str().into()));
    put("arm", Some(terms::course([case.arm, case.later]).into()));
    put("seed", case.seed.map(Value::from));
    put("predicted_low", case.predicted.map(|expected| expected.low.into()));
    put("predicted", case.predicted.map(|expected| expected.likely.into()));
    put("predicted_high", case.predicted.map(|expected| expected.high.into()));
    for (name, origin) in [("engine", &case.engine), ("build", &case.build), ("settings", &case.settings)] {
        put(name, Some(origin.as_str().into()).filter(|_| !origin.is_empty()));
    }
    put("update", case.update.map(Value::from));
    for (quantity, value) in QUANTITIES.into_iter().zip(case.values) {
        put(&column(quantity), value.map(Value::from));
    }
    Value::Object(item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::prediction::{Expected, METRIC, SLICE};
    use crate::text::later::speak_english as speak_later;
    use crate::text::speak_english;
    use hedgerow::documents::quantity::Quantity;
    use hedgerow::judgement::experiment::Arm;

    fn case(seed: Option<u64>) -> Case {
        let predicted = Some(Expected { arm: Arm::Scalar, low: 0.1, likely: 0.2, high: 0.3, course: None });
        let mut values = [None; QUANTITIES.len()];
        values[1] = seed.map(|_| 0.25);
        let [engine, build, settings] = [0, 1, 2].map(|_| seed.map_or_else(String::new, |_| "known".to_owned()));
        Case {
            who: "fox".into(),
            seed,
            arm: Arm::Scalar,
            later: Arm::Scalar,
            predicted,
            update: seed.map(|_| 10),
            engine,
            build,
            settings,
            values,
        }
    }

    #[test]
    fn every_value_of_a_row_has_a_column_and_what_is_not_known_is_left_out() {
        speak_english();
        speak_later();
        let message: Value = serde_json::from_str(&message("class", &[case(Some(3)), case(None)])).unwrap();
        let columns: Vec<&str> = message["context"]["collections"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|own| own["attrs"].as_array().unwrap())
            .map(|own| own["name"].as_str().unwrap())
            .collect();
        let mut known = columns.clone();
        known.sort_unstable();
        known.dedup();
        assert_eq!(known.len(), columns.len(), "a name twice: {columns:?}");
        let [measured, alone] = &message["items"].as_array().unwrap()[..] else { panic!("two rows") };
        for row in [measured, alone] {
            assert!(row.as_object().unwrap().keys().all(|name| columns.contains(&name.as_str())), "{row}");
        }
        let predicted = column(Quantity::Rate(METRIC, SLICE));
        assert_eq!(
            (&measured["seed"], &measured["update"], &measured[&predicted]),
            (&json!(3), &json!(10), &json!(0.25))
        );
        assert_eq!((alone.get("seed"), alone.get("update"), alone.get(&predicted)), (None, None, None));
        assert_eq!((&alone["from"], &alone["who"], &alone["predicted"]), (&json!("class"), &json!("fox"), &json!(0.2)));
    }
}
