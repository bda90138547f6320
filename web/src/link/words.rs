//! What could not be used of a link, in English.

use super::{Allowed, Problem};

/// All problems of a link as one message.
pub fn words(problems: &[Problem]) -> String {
    problems.iter().map(sentence).collect::<Vec<_>>().join(" ")
}

fn sentence(problem: &Problem) -> String {
    match problem {
        Problem::Unreadable => "The link is damaged or incomplete. The page opened with its usual settings.".into(),
        Problem::TooLong { length, most } => {
            format!(
                "The link has {length} characters, and a link has at most {most}. The page opened with its usual settings."
            )
        }
        Problem::Nonsense => {
            "The link holds settings that cannot be used. The page opened with its usual settings.".into()
        }
        Problem::Newer { version } => {
            format!("The link was made by a newer page (link version {version}). This page took what it knows.")
        }
        Problem::UnknownParameter { name } => format!("The link names “{name}”, which this page does not have."),
        Problem::BadValue { name, value, allowed } => {
            format!("The link sets {name} to “{value}”, but it can only be {}. It was left out.", range(allowed))
        }
        Problem::Repeated { name, value } => {
            format!("The link says {name} more than once. “{value}” was left out.")
        }
        Problem::TooMany { name, count, most } => {
            format!("The link asks for {count} {name}, and a page can run at most {most}. They were left out.")
        }
        Problem::Contradicts { name, value } => {
            format!("The link sets {name} to “{value}”, which does not go with the other settings. It was left out.")
        }
        Problem::NoSuchSeed { seed } => {
            format!(
                "The link asks for seed {seed}, and this site has no base model of it. Another seed took its place."
            )
        }
        Problem::More { count } => format!("There are {count} more problems of this kind."),
    }
}

fn range(allowed: &Allowed) -> String {
    match allowed {
        Allowed::Number { low, high, whole: true } => format!("a whole number from {low} to {high}"),
        Allowed::Number { low, high, whole: false } => format!("a number from {low} to {high}"),
        Allowed::OneOf(names) => format!("one of {}", names.join(", ")),
    }
}
