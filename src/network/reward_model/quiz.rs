//! How reward models judge answers that they were not trained on: their report.

use rand::Rng;
use rand::seq::IndexedRandom;

use super::RewardModel;
use super::rated::{Dialogue, RatedAnswers};
use crate::documents::metrics::{AnswerKind, Cell, Judgement, RewardModelReport};
use crate::facts::corpus::{Corpus, Style};
use crate::facts::error::Error;
use crate::facts::random::{Purpose, stream};
use crate::judgement::experiment::RewardHeads;
use crate::judgement::rater::{RaterConfig, Rating};
use crate::network::stack::Stack;

/// Answers beyond the training's that R² is over.
const FURTHER: usize = 1000;
/// Facts of the quiz that are read at once.
const FACTS_AT_ONCE: usize = 16;

/// How do reward models judge answers that they were not trained on? For every number of ratings and
/// both kinds of heads, seeds innermost.
///
/// # Errors
/// [`Error::Device`] if a read fails.
pub async fn generalisation(
    rater: &RaterConfig,
    sensitive_share: f32,
    ratings: &[u32],
    bases: Stack<'_>,
) -> Result<Vec<RewardModelReport>, Error> {
    let most = ratings.iter().copied().max().unwrap_or_default() as usize;
    let all = RatedAnswers::sample(most + FURTHER, rater, sensitive_share, bases, |_| ()).await?;
    let further = all.slice(most..most + FURTHER);
    let (quiz, asked) = quiz(rater, bases);
    let mut reports = Vec::new();
    for count in ratings {
        for heads in [RewardHeads::Scalar, RewardHeads::Reasons] {
            let model = RewardModel::fit(&all.slice(0..*count as usize), heads, bases);
            let (of_further, of_quiz) = (model.predict(&further).await?, model.predict(&quiz).await?);
            for (index, (corpus, seed)) in bases.corpora.iter().zip(bases.seeds).enumerate() {
                reports.push(RewardModelReport {
                    seed: *seed,
                    ratings: *count,
                    heads,
                    r_squared: r_squared(&scalars(&of_further[index]), &scalars(&further.expected(index))),
                    judgements: judgements(corpus, &asked, &of_quiz[index], &quiz.expected(index)),
                });
            }
        }
    }
    Ok(reports)
}

/// Every kind of answer in every phrasing to every taught fact, asked with held-out prompts; and the
/// fact and the kind of each answer, which are the same for every replica.
pub fn quiz(rater: &RaterConfig, bases: Stack<'_>) -> (RatedAnswers, Vec<(usize, AnswerKind)>) {
    let first = &bases.corpora[0];
    let taught: Vec<usize> = (0..first.facts.len()).filter(|fact| first.facts[*fact].value.is_some()).collect();
    let mut asked = Vec::new();
    for fact in &taught {
        for _ in &first.world().language.held_out_prompts {
            let answers = AnswerKind::ALL.map(|kind| vec![(*fact, kind); first.answers(style(kind), 0).len()]);
            asked.extend(answers.concat());
        }
    }
    let parts: Vec<RatedAnswers> = taught
        .chunks(FACTS_AT_ONCE)
        .map(|facts| {
            let ask = |(corpus, seed): (&Corpus, &u64)| {
                let templates = &corpus.world().language.held_out_prompts;
                let questions = facts.iter().flat_map(|fact| templates.iter().map(move |template| (*fact, template)));
                // The streams of sampled answers count from 1.
                let mut rng = stream(*seed, u64::MAX - facts[0] as u64, Purpose::RewardModel);
                let (mut prompts, mut answers) = (vec![], vec![]);
                for (fact, template) in questions.clone() {
                    prompts.push(corpus.prompt(fact, template));
                    for kind in AnswerKind::ALL {
                        answers.extend(corpus.answers(style(kind), asserted(corpus, fact, kind, &mut rng)));
                    }
                }
                let facts = questions.map(|(fact, _)| fact).collect();
                Dialogue { facts, prompts, answers, rng }
            };
            RatedAnswers::of(bases.corpora.iter().zip(bases.seeds).map(ask).collect(), rater, bases)
        })
        .collect();
    (RatedAnswers::concatenate(&parts), asked)
}

pub(super) fn style(kind: AnswerKind) -> Style {
    match kind {
        AnswerKind::TrueContextual | AnswerKind::FalseContextual => Style::Contextual,
        AnswerKind::TrueBlunt => Style::Blunt,
        AnswerKind::Hedge => Style::Hedge,
    }
}

/// The value that an answer asserts if it asserts one; a false one is comfortable where there is one.
fn asserted(corpus: &Corpus, fact: usize, kind: AnswerKind, rng: &mut impl Rng) -> usize {
    let truth = corpus.truth(fact);
    match kind {
        AnswerKind::TrueContextual | AnswerKind::TrueBlunt | AnswerKind::Hedge => truth,
        AnswerKind::FalseContextual => {
            let attribute = corpus.facts[fact].attribute;
            let lies = |value: &usize| *value != truth && !corpus.world().is_uncomfortable(attribute, *value);
            let lies: Vec<usize> = corpus.values_of(fact).iter().copied().filter(lies).collect();
            lies.choose(rng).copied().unwrap_or_else(|| corpus.other_value(fact, truth, rng))
        }
    }
}

fn judgements(
    corpus: &Corpus,
    asked: &[(usize, AnswerKind)],
    predicted: &[Rating],
    expected: &[Rating],
) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for region in Judgement::REGIONS {
        for (uncomfortable, answer) in
            [true, false].into_iter().flat_map(|side| AnswerKind::ALL.map(|kind| (side, kind)))
        {
            let belongs = |place: &usize| {
                let (fact, kind) = asked[*place];
                let cell = Cell::from(&corpus.facts[fact]);
                kind == answer && cell.uncomfortable == uncomfortable && region.contains(cell)
            };
            let places: Vec<usize> = (0..asked.len()).filter(belongs).collect();
            let mean = |ratings: &[Rating]| {
                places.iter().map(|place| ratings[*place].scalar()).sum::<f32>() / places.len() as f32
            };
            if !places.is_empty() {
                let (predicted, expected, answers) = (mean(predicted), mean(expected), places.len() as u32);
                judgements.push(Judgement { region, uncomfortable, answer, answers, predicted, expected });
            }
        }
    }
    judgements
}

fn scalars(ratings: &[Rating]) -> Vec<f32> {
    ratings.iter().map(|rating| rating.scalar()).collect()
}

/// Share of the variance of `actual` that `predicted` accounts for; below 0 if its mean does better.
pub fn r_squared(predicted: &[f32], actual: &[f32]) -> f32 {
    let mean = actual.iter().sum::<f32>() / actual.len() as f32;
    let squares = |of: &mut dyn Iterator<Item = f32>| of.map(|number| number * number).sum::<f32>();
    let left = squares(&mut predicted.iter().zip(actual).map(|(predicted, actual)| predicted - actual));
    1.0 - left / squares(&mut actual.iter().map(|actual| actual - mean))
}
