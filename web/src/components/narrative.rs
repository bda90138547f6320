//! The page's prose: the problem in three sentences, what to look for, limits, method.

use hedgerow::judgement::experiment::Arm;
use leptos::prelude::*;

use super::key::ArmName;
use crate::glossary;

/// The headline and the problem.
#[component]
pub fn Intro() -> impl IntoView {
    view! {
        <section class="intro" aria-labelledby="headline">
            <h1 id="headline">"What does a reward teach?"</h1>
            <p class="lead">
                "When people rate a model’s answers, a low rating does not say whether the fact was wrong, badly put, or just unwelcome. "
                "A model trained on that one number can learn to lie or to hedge about things it knows. "
                "Here you train a small model in your browser, with one number or with reasons, and watch the two part ways."
            </p>
        </section>
    }
}

/// The three lessons.
#[component]
pub fn WhatToLookFor() -> impl IntoView {
    view! {
        <section id="what-to-look-for" class="prose" aria-labelledby="look-title">
            <h2 id="look-title">"What to look for"</h2>
            <ol class="lessons">
                <li>
                    <h3>"The rater does not mind"</h3>
                    <p>
                        "Look at the rater’s own score. Under rater A the arm that lies pleases it about as much as the one that tells the truth; under rater B the arm that hedges pleases it more. "
                        "Training did not fail. It found what the number asked for, and the panel beside the charts works out in advance what that is."
                    </p>
                </li>
                <li>
                    <h3>"Not saying and not knowing look the same from outside"</h3>
                    <p>
                        "Compare hedging with forced choice. Rater B makes a model that hedges almost always and still picks the right value when it has to choose: it knows and does not say. "
                        "Rater A also wears the knowledge away: forced choice and the probe fall too."
                    </p>
                </li>
                <li>
                    <h3>"Where the discomfort goes decides, not how fine the credit is"</h3>
                    <p>
                        "Add the two control arms. Structured feedback that blames the discomfort on the fact lies as well, although each word has its own credit; "
                        "a plain scalar that leaves the discomfort out does not."
                    </p>
                </li>
            </ol>
        </section>
    }
}

/// What must not be concluded.
#[component]
pub fn Limits() -> impl IntoView {
    view! {
        <section id="limits" class="prose" aria-labelledby="limits-title">
            <h2 id="limits-title">"What this toy does not show"</h2>
            <ul class="limits">
                <li>"How large the effect is anywhere else. The direction holds from seed to seed; the size differs widely. This shows that it can happen, not how often it does."</li>
                <li>"What real sensitivity is. The topics are invented, the sentences come from a handful of templates, and every word was chosen by us."</li>
                <li>"How people rate. The rater is a formula; you see all of its numbers."</li>
                <li>"How facts from a large pre-training behave. This model learned two hundred facts in minutes, and may lose them more easily."</li>
                <li>"That structured feedback is enough. It is handed over without error here: the rater always knows its reasons, and the words they are about."</li>
            </ul>
        </section>
    }
}

/// World, arms, training, measures.
#[component]
pub fn Method() -> impl IntoView {
    let row = |arm: Arm| view! { <li><ArmName arm />" "<span>{glossary::arm_meaning(arm)}</span></li> };
    view! {
        <section id="method" class="prose" aria-labelledby="method-title">
            <h2 id="method-title">"Method"</h2>
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
