//! Method: world, arms, training, measures.

use hedgerow::judgement::experiment::{Arm, WorldId};
use leptos::prelude::*;

use crate::kit::arm::ArmName;
use crate::kit::later::Later;
use crate::kit::marked::marked;
use crate::stores::use_stores;
use crate::text::later::later;
use crate::text::{Term, terms, text};

/// The panel.
#[component]
pub fn Method(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let page = &text().page;
    view! {
        <section id=id class="prose" aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title")>{page.method}</h2>
            <Later draw=inside />
        </section>
    }
}

fn inside() -> AnyView {
    let text = &later().method;
    let in_own = use_stores().draft.memo(|draft| WorldId::theme(draft.own_world).is_err());
    let row = |arm: Arm| {
        let &Term { name, meaning } = terms::arm(arm);
        view! { <li><ArmName arm name meaning />" "<span>{meaning}</span></li> }
    };
    view! {
        {move || in_own.get().then(|| view! { <p><strong>{text.own}</strong></p> })}
        <div class="columns">
            <div>
                <h3>{text.world}</h3>
                <p>{text.world_text}</p>
                <h3>{text.model}</h3>
                <p>{text.model_text}</p>
            </div>
            <div>
                <h3>{text.finetune}</h3>
                <p>{text.finetune_text}</p>
                <ul class="arm-list">{Arm::ALL.map(row).collect_view()}</ul>
            </div>
            <div>
                <h3>{text.rating}</h3>
                <p>{marked(text.rating_text)}</p>
                <h3>{text.measures}</h3>
                <p>{text.measures_text}</p>
                <p class="hint">{text.sources}</p>
            </div>
        </div>
    }
    .into_any()
}
