//! Which files are left out, and why.

use hedgerow::judgement::settings::CHOICES;
use leptos::prelude::*;

use super::Gathered;
use crate::model::class::Fault;
use crate::text::later::{later, unreadable};
use crate::text::{numbers, terms, text};

/// A table with a row a file, by its own name even while names are hidden, because a number finds no file on a disk;
/// nothing if all are pooled.
#[component]
pub fn LeftOut(
    /// The class.
    gathered: Gathered,
) -> impl IntoView {
    let text = &later().class;
    let name = move |place: usize| gathered.files.with(|files| files[place].name.clone());
    let rows = move || {
        let row = |(place, fault): &(usize, Fault)| {
            view! {
                <tr>
                    <th scope="row">{name(*place)}</th>
                    <td>{sentence(fault, name)}</td>
                </tr>
            }
        };
        let of_ratings = gathered.raters.with(|raters| raters.left_out.clone());
        gathered.pool.with(|pool| pool.left_out.iter().chain(&of_ratings).map(row).collect::<Vec<_>>())
    };
    move || {
        let rows = rows();
        (!rows.is_empty()).then(|| {
            view! {
                <h3>{text.left_out}</h3>
                <p class="hint">{text.left_out_about}</p>
                <table class="class-table left-out">
                    <thead>
                        <tr>
                            <th scope="col">{text.file}</th>
                            <th scope="col">{text.reason}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            }
        })
    }
}

fn sentence(fault: &Fault, name: impl Fn(usize) -> String) -> String {
    let text = &later().faults;
    match fault {
        Fault::Unreadable(fault) => unreadable(fault),
        Fault::Unfinished { done, updates } => text.unfinished(done, updates),
        Fault::RewardChanged => text.reward_changed.to_owned(),
        Fault::Late => text.late.to_owned(),
        Fault::OtherSettings { paths } => {
            let names: Vec<String> = paths.iter().copied().map(|path| setting(path).to_owned()).collect();
            text.other_settings(numbers::list(&names))
        }
        Fault::OtherBuild { build } => text.other_build(build),
        Fault::Copy { of } => text.copy(name(*of)),
        Fault::NothingRated => text.nothing_rated.to_owned(),
        Fault::SeveralPeople => text.several_people.to_owned(),
        Fault::SeedsThere { seeds, of } => text.seeds_there(terms::seeds(seeds), name(*of)),
    }
}

/// What a setting is called, by its path.
pub fn setting(path: &'static str) -> &'static str {
    let settings = &text().settings;
    match path {
        "arms" => settings.arms,
        "reward_model" => settings.rewards,
        "seeds" => settings.seeds,
        "own_world" => later().handout.world,
        _ if CHOICES.iter().any(|choice| choice.path == path) => {
            if path.ends_with("baseline") {
                settings.baseline
            } else {
                settings.algorithm
            }
        }
        path => text().setting_names.get(path),
    }
}
