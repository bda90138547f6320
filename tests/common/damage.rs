//! Ways to damage a file, for the tests of parsers of the core and of the page.

use std::ops::Range;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// What the suite tries of each kind; the environment can ask for more.
const CASES: u32 = 48;

pub(crate) fn config() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(CASES), failure_persistence: None, ..ProptestConfig::default() }
}

/// A way to damage a file.
#[derive(Debug, Clone)]
pub(crate) enum Damage {
    Cut(Index),
    Overwrite(Index, u8),
    Remove(Index, u8),
    Insert(Index, Vec<u8>),
    Repeat(Index, Index, u8),
    Swap(Index, Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let place = any::<Index>;
    // What parsers trip over more often than over any byte.
    let words = [
        "null",
        "{}",
        "[]",
        "\"\"",
        "-1",
        "1e999",
        "18446744073709551616",
        "NaN",
        "{value}",
        "<pad>",
        "\u{202e}",
        "\u{feff}",
        "\r\n",
        "\\u0000",
        "[[[[[[[[[[[[[[[[",
        "true",
    ];
    let words = proptest::sample::select(words.map(|word| word.as_bytes().to_vec()).to_vec());
    prop_oneof![
        place().prop_map(Damage::Cut),
        (place(), any::<u8>()).prop_map(|(place, byte)| Damage::Overwrite(place, byte)),
        (place(), any::<u8>()).prop_map(|(place, count)| Damage::Remove(place, count)),
        (place(), prop_oneof![words, vec(any::<u8>(), 0..16)]).prop_map(|(place, bytes)| Damage::Insert(place, bytes)),
        (place(), place(), any::<u8>()).prop_map(|(from, to, count)| Damage::Repeat(from, to, count)),
        (place(), place()).prop_map(|(one, other)| Damage::Swap(one, other)),
    ]
}

pub(crate) fn damages() -> impl Strategy<Value = Vec<Damage>> {
    vec(damage(), 1..6)
}

/// The file with its damages. Only the part of it before `until` is damaged, where the rest is numbers.
pub(crate) fn damaged(file: &[u8], damages: &[Damage], until: usize) -> Vec<u8> {
    let mut bytes = file.to_vec();
    for damage in damages {
        let length = bytes.len().min(until);
        if length == 0 {
            break;
        }
        let part = |place: &Index, count: &u8| -> Range<usize> {
            let first = place.index(length);
            first..(first + usize::from(*count)).min(length)
        };
        match damage {
            Damage::Cut(place) => bytes.truncate(place.index(length)),
            Damage::Overwrite(place, byte) => bytes[place.index(length)] = *byte,
            Damage::Remove(place, count) => drop(bytes.drain(part(place, count))),
            Damage::Insert(place, more) => {
                let place = place.index(length);
                bytes.splice(place..place, more.iter().copied());
            }
            Damage::Repeat(from, to, count) => {
                let more = bytes[part(from, count)].to_vec();
                let place = to.index(length);
                bytes.splice(place..place, more);
            }
            Damage::Swap(one, other) => bytes.swap(one.index(length), other.index(length)),
        }
    }
    bytes
}

/// The same of a text.
pub(crate) fn text(file: &str, damages: &[Damage]) -> String {
    String::from_utf8_lossy(&damaged(file.as_bytes(), damages, usize::MAX)).into_owned()
}
