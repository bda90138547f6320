//! What is told about an update: its report, and its frames for those who look closer.

use super::rollouts::{Questions, Rollouts};
use super::{Completion, Credit, Finetune, PerToken, Question};
use crate::documents::metrics::{CreditedAnswer, UpdateReport};
use crate::documents::protocol::UnfoldedAnswer;
use crate::eval::measure::outcome;
use crate::facts::corpus::Style;
use crate::facts::world::Topic;
use crate::judgement::advantage::{flat_groups, mean_reward};
use crate::judgement::rater::{Rating, Strategy};
use crate::judgement::reward::{Judged, SpanReward};

/// Rated answers of each update that are shown, per replica.
const EXAMPLES: usize = 3;

/// The frames of one update, in the order in which they follow from one another. Of each replica,
/// consecutive answers belong to one prompt. Holds nothing of the device.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Updates done with this one.
    pub update: u32,
    /// `[replica][prompt]`; their words are [`Finetune::question`]'s.
    pub questions: Vec<Vec<Question>>,
    /// `[replica][answer]`; their words are [`Finetune::words`]'s.
    pub completions: Vec<Vec<Completion>>,
    /// What the rater, or a person, thinks of them, `[replica][answer]`.
    pub judged: Vec<Vec<Judged>>,
    /// With the ratings that the reward model predicts and that are rewarded then, `[replica][answer]`.
    pub predicted: Option<Vec<Vec<Judged>>>,
    /// `[replica][answer][span]`.
    pub rewards: Vec<Vec<Vec<SpanReward>>>,
    /// `[replica][answer][time]`.
    pub credit: Credit<PerToken>,
    /// `[replica]`.
    pub reports: Vec<UpdateReport>,
}

impl Finetune {
    /// A question of a replica in words.
    pub fn question(&self, replica: usize, question: &Question) -> String {
        self.corpora[replica].question(question.fact, &question.template)
    }

    /// The true value that a question of a replica asks for.
    pub fn truth(&self, replica: usize, question: &Question) -> String {
        let corpus = &self.corpora[replica];
        corpus.world().values[corpus.truth(question.fact)].clone()
    }

    /// The words of a replica's completion up to its end, which is "∎".
    pub fn words(&self, replica: usize, Completion { tokens, answer }: &Completion) -> Vec<String> {
        let word = |token| match self.corpora[replica].vocabulary.decode(&[token]) {
            word if word.is_empty() => "∎".to_owned(),
            word => word,
        };
        tokens[..answer.length].iter().copied().map(word).collect()
    }

    /// The same words as one text, without the end.
    pub fn text(&self, replica: usize, Completion { tokens, answer }: &Completion) -> String {
        self.corpora[replica].vocabulary.decode(&tokens[..answer.length])
    }

    /// One of a replica's completions in a trace, with what its words were credited with.
    pub fn credited(&self, trace: &Trace, replica: usize, answer: usize) -> CreditedAnswer {
        let question = &trace.questions[replica][answer / self.experiment.finetune.completions];
        let completion = &trace.completions[replica][answer];
        let words = self.words(replica, completion).into_iter().zip(trace.credit.of(replica, answer));
        CreditedAnswer {
            question: self.question(replica, question),
            truth: self.truth(replica, question),
            outcome: outcome(&completion.answer, self.corpora[replica].facts[question.fact].value),
            strategy: self.strategy(trace, replica, answer),
            rating: trace.judged[replica][answer].rating,
            words: words.collect(),
        }
    }

    /// What lies between the rating of the same completion and its credit. The natural logarithms of its words'
    /// probabilities before and after the update are passed on.
    pub fn unfolded(
        &self,
        trace: &Trace,
        replica: usize,
        answer: usize,
        [before, now]: [Vec<f32>; 2],
    ) -> UnfoldedAnswer {
        let (rewards, group) = (&trace.rewards[replica], self.experiment.finetune.completions);
        let group = &rewards[answer / group * group..][..group];
        let with_mean = |span: &SpanReward| (span.clone(), mean_reward(group, span.pool));
        let predicted = trace.predicted.as_ref().map(|predicted| predicted[replica][answer].rating);
        UnfoldedAnswer { predicted, spans: rewards[answer].iter().map(with_mean).collect(), before, now }
    }

    pub(super) fn trace(
        &self,
        questions: Questions,
        rollouts: Rollouts,
        judged: Vec<Vec<Judged>>,
        predicted: Option<Vec<Vec<Judged>>>,
        rewards: Vec<Vec<Vec<SpanReward>>>,
        credit: Credit<PerToken>,
    ) -> Trace {
        let (update, questions, reports) = (self.state.update, questions.asked, vec![]);
        let Rollouts { completions, kl, entropy, previous_gradient_norm, .. } = rollouts;
        let mut trace = Trace { update, questions, completions, judged, predicted, rewards, credit, reports };
        let report = |index: usize| {
            let judged = &trace.judged[index];
            let hedges = judged.iter().filter(|judged| judged.answer.style == Style::Hedge);
            let rewarded = trace.predicted.as_ref().map(|predicted| &predicted[index]);
            UpdateReport {
                replica: self.replicas[index],
                update,
                rating: Rating {
                    framing: mean(judged, |rating| rating.framing),
                    content: mean(judged, |rating| rating.content),
                    discomfort: mean(judged, |rating| rating.discomfort),
                },
                scalar: mean(judged, |rating| rating.scalar()),
                hedging: hedges.count() as f32 / judged.len() as f32,
                kl: kl[index],
                entropy: entropy[index],
                gradient_norm: previous_gradient_norm[index],
                flat_groups: flat_groups(&trace.rewards[index], self.experiment.finetune.completions),
                examples: self.examples(&trace, index),
                proxy: rewarded.map(|predicted| mean(predicted, |rating| rating.scalar())),
            }
        };
        trace.reports = (0..self.replicas.len()).map(report).collect();
        trace
    }

    /// Answers to one prompt, a truth, a lie and a hedge as far as it has them: the first prompt that has the
    /// most of them, or else the first sensitive one.
    fn examples(&self, trace: &Trace, replica: usize) -> Vec<CreditedAnswer> {
        let (questions, completions) = (&trace.questions[replica], self.experiment.finetune.completions);
        let group = |prompt: usize| prompt * completions..(prompt + 1) * completions;
        let first = |prompt: usize, strategy: Strategy| {
            group(prompt).find(|answer| self.strategy(trace, replica, *answer) == Some(strategy))
        };
        let of_each = |prompt: usize| Strategy::ALL.into_iter().filter_map(move |strategy| first(prompt, strategy));
        let sensitive = |prompt: usize| self.corpora[replica].facts[questions[prompt].fact].topic == Topic::Sensitive;
        // Of several largest the last one is taken.
        let prompts = (0..questions.len()).rev();
        let prompt = prompts.max_by_key(|prompt| (of_each(*prompt).count(), sensitive(*prompt))).unwrap_or_default();
        let mut shown: Vec<usize> = of_each(prompt).collect();
        let others: Vec<usize> = group(prompt).filter(|answer| !shown.contains(answer)).collect();
        shown.extend(others);
        shown.truncate(EXAMPLES);
        shown.into_iter().map(|answer| self.credited(trace, replica, answer)).collect()
    }

    fn strategy(&self, trace: &Trace, replica: usize, answer: usize) -> Option<Strategy> {
        let question = &trace.questions[replica][answer / self.experiment.finetune.completions];
        let Judged { answer, situation, .. } = &trace.judged[replica][answer];
        Strategy::of(answer, *situation, &self.corpora[replica].facts[question.fact])
    }
}

fn mean(judged: &[Judged], channel: fn(&Rating) -> f32) -> f32 {
    judged.iter().map(|judged| channel(&judged.rating)).sum::<f32>() / judged.len() as f32
}
