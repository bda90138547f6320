//! What could not be used of a link, in sentences that come when there is something to say.

use super::later::later;
use super::numbers::count;
use crate::link::{Allowed, Problem};

/// What could not be used of a link. `later::fetch` comes first.
pub fn sentences(problems: &[Problem]) -> String {
    problems.iter().map(sentence).collect::<Vec<_>>().join(" ")
}

/// One of them.
fn sentence(problem: &Problem) -> String {
    let links = &later().links;
    match problem {
        Problem::Unreadable => links.unreadable.to_owned(),
        Problem::TooLong { length, most } => links.too_long(count(*length), count(*most)),
        Problem::Nonsense => links.nonsense.to_owned(),
        Problem::Newer { version } => links.newer(version),
        Problem::UnknownParameter { name } => links.unknown_parameter(name),
        Problem::BadValue { name, value, allowed } => links.bad_value(name, value, allowed_values(allowed)),
        Problem::Repeated { name, value } => links.repeated(name, value),
        Problem::TooMany { name, count: asked, most } => links.too_many(name, count(*asked), count(*most)),
        Problem::Contradicts { name, value } => links.contradicts(name, value),
        Problem::NoSuchWorld => links.no_such_world.to_owned(),
        Problem::NoSuchSeed { seed } => links.no_such_seed(seed),
        Problem::More { count } => links.more.count(*count),
    }
}

fn allowed_values(allowed: &Allowed) -> String {
    let links = &later().links;
    match allowed {
        Allowed::Number { low, high, whole: true } => links.whole_number(low, high),
        Allowed::Number { low, high, whole: false } => links.number(low, high),
        Allowed::OneOf(names) => links.one_of(names.join(", ")),
    }
}
