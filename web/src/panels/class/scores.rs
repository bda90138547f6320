//! How good the predictions of a class were.

use leptos::prelude::*;

use super::Gathered;
use crate::model::class::pool::Pool;
use crate::text::later::later;
use crate::text::{numbers, terms};

/// A table of the predictions, the best first, and how sure the class was.
#[component]
pub fn Scores(
    /// The class.
    gathered: Gathered,
) -> impl IntoView {
    let text = &later().class;
    let table = move || {
        gathered.pool.with(|pool| {
            if pool.predictions.is_empty() {
                return view! { <p class="hint">{text.no_predictions}</p> }.into_any();
            }
            let arms = pool.arms().into_iter().map(|arm| view! { <th scope="col">{terms::arm(arm).name}</th> });
            view! {
                <p class="hint">{text.scores_about}</p>
                <p>{summary(pool)}</p>
                <div class="scroll" role="region" aria-label=text.scores tabindex="0">
                    <table class="class-table">
                        <thead>
                            <tr>
                                <th scope="col">{text.who}</th>
                                {arms.collect_view()}
                                <th scope="col">{text.score}</th>
                                {pool.has_courses().then(|| view! { <th scope="col">{text.line}</th> })}
                            </tr>
                        </thead>
                        <tbody>{rows(gathered, pool)}</tbody>
                    </table>
                </div>
            }
            .into_any()
        })
    };
    view! {
        <h3>{text.scores}</h3>
        {table}
    }
}

fn rows(gathered: Gathered, pool: &Pool) -> Vec<AnyView> {
    let row = |(place, score): (usize, Option<f64>)| {
        let (file, prediction) = &pool.predictions[place];
        let expected = pool.arms().into_iter().map(|arm| {
            let shown = prediction.of(arm).map_or_else(numbers::nothing, |expected| {
                let [likely, low, high] = [expected.likely, expected.low, expected.high].map(numbers::percent);
                later().class.expected(likely, low, high)
            });
            view! { <td>{shown}</td> }
        });
        view! {
            <tr>
                <th scope="row">{gathered.name(*file)}</th>
                {expected.collect_view()}
                <td>{score.map_or_else(numbers::nothing, numbers::points)}</td>
                {pool.has_courses().then(|| {
                    view! { <td>{pool.course_score(place).map_or_else(numbers::nothing, numbers::points)}</td> }
                })}
            </tr>
        }
        .into_any()
    };
    pool.scores().into_iter().map(row).collect()
}

fn summary(pool: &Pool) -> Option<String> {
    let text = &later().class;
    let (held, pairs) = pool.held();
    let ignorant = pool.ignorant()?;
    let share = numbers::percent(held as f64 / pairs.max(1) as f64);
    let said = format!(
        "{} {}",
        text.held(numbers::count(held), text.cases.count(pairs), share),
        text.ignorant(numbers::points(ignorant))
    );
    let of_lines = pool.ignorant_course().filter(|_| pool.has_courses()).map(numbers::points);
    Some(of_lines.map_or_else(|| said.clone(), |score| format!("{said} {}", text.ignorant_line(score))))
}
