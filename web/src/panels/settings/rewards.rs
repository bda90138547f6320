//! Who rewards the arms: the rater, or a model that was trained on some of its ratings.

use leptos::prelude::*;

use crate::kit::number_field::NumberField;
use crate::kit::segmented::Segmented;
use crate::model::draft::{choose_heads, heads};
use crate::stores::use_stores;
use crate::text::{faults, terms, text};

/// How many ratings the model is trained on.
const RATINGS: &str = "reward_model.ratings";

/// The choice, and the size of the model.
#[component]
pub fn Rewards() -> impl IntoView {
    let draft = use_stores().draft;
    let chosen = draft.memo(|draft| draft.reward_model.map(|model| model.heads));
    let ratings = draft.memo(|draft| draft.reward_model.map_or(0, |model| model.ratings).to_string());
    let problem = RwSignal::new(None::<String>);
    let aside = StoredValue::new(Vec::new());
    let select = move |heads| {
        problem.set(None);
        aside.update_value(|aside| draft.change(|draft| choose_heads(draft, heads, aside)));
    };
    let set_ratings = Callback::new(move |typed: String| {
        let ratings = typed.parse().unwrap_or(0);
        let changed = draft.try_change(|draft| {
            if let Some(model) = &mut draft.reward_model {
                model.ratings = ratings;
            }
        });
        problem.set(changed.err().map(|error| faults::error(&error)));
    });
    let options: Vec<_> = heads().map(|heads| (heads, terms::rewards(heads).name)).collect();
    view! {
        <Segmented
            name="rewards"
            legend=text().settings.rewards
            options=options
            selected=move || Some(chosen.get())
            on_select=select
            show_legend=true
        />
        <p class="hint">{move || terms::rewards(chosen.get()).meaning}</p>
        {move || chosen.get().is_some().then(|| view! {
            <NumberField
                label=terms::setting(RATINGS)
                path=RATINGS
                step=50.0
                value=ratings
                problem
                on_change=set_ratings
            />
        })}
    }
}
