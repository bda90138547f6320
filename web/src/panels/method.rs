//! Method: world, arms, training, measures.

use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use crate::glossary;
use crate::kit::arm::ArmName;

/// The panel.
#[component]
pub fn Method(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let row = |arm: Arm| {
        let meaning = glossary::arm_meaning(arm);
        view! { <li><ArmName arm name=glossary::arm(arm) meaning />" "<span>{meaning}</span></li> }
    };
    view! {
        <section id=id class="prose" aria-labelledby=format!("{id}-title")>
            <h2 id=format!("{id}-title")>"Method"</h2>
            <div class="columns">
                <div>
                    <h3>"The world"</h3>
                    <p>
                        "Invented groups and minerals with some two hundred facts, each one of eight values from minimal to extreme. Three of the groups’ attributes are sensitive; half of their values are uncomfortable. "
                        "Near topics are neutral attributes of the same groups, far topics are minerals. Half of the groups and minerals never occur in the fine-tune, and a dozen names have no facts at all: about them a hedge is right."
                    </p>
                    <h3>"The model"</h3>
                    <p>
                        "A transformer with three layers and some 160,000 weights that was trained on sentences about that world until it knew every fact. Every seed has a world and a model of its own, and another choice of what is sensitive."
                    </p>
                </div>
                <div>
                    <h3>"The fine-tune"</h3>
                    <p>
                        "By default, policy gradient on the model’s own answers: several answers to each prompt, each compared with the mean of its group (as in GRPO, without dividing by the standard deviation), held near the base model by a KL penalty. "
                        "All arms have the same prompts, seeds, optimiser and budget. They differ only in this:"
                    </p>
                    <ul class="arm-list">{Arm::ALL.map(row).collect_view()}</ul>
                </div>
                <div>
                    <h3>"The rating"</h3>
                    <p>
                        <b>"Framing"</b>": how it is put. "<b>"Content"</b>": some credit for saying anything, and, when the rater checks, more if it is true and less if it is false. "
                        <b>"Discomfort"</b>": on sensitive topics, with the value or with any statement at all, softened by context. The scalar is framing + content − discomfort."
                    </p>
                    <h3>"The measures"</h3>
                    <p>
                        "The sign beside each chart’s title opens its definition, formula, chance level and numbers. Questions are put with templates that the fine-tune does not use. The rater never sees a measurement."
                    </p>
                    <p class="hint">
                        "Span rewards follow Fine-Grained RLHF (Wu et al. 2023); control probes follow Hewitt and Liang (2019)."
                    </p>
                </div>
            </div>
        </section>
    }
}
