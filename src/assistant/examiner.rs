//! Measurements of a language model: what it says, chooses, recalls and represents.
//!
//! What it *says* is sampled with held-out questions. *Forced choice* compares the values after the beginning of an
//! answer, in the frame of a chat. Three measures that no reward touches make the belief: *verification* of a true
//! and of a false claim, the *declarative* outside of any chat, and a *probe* on the residual stream at the
//! declarative's last token, fitted on one half of the entities and tested on the other. The same random numbers are
//! used at every update and for every arm.

use burn::tensor::{Device, Int, Tensor, TensorData};
use hedgerow_language_model::decoder::{Decoder, Group};
use hedgerow_language_model::sampling::{Choice, Lengths};
use hedgerow_language_model::tokenizer::{ChatTokenizer, Token};
use rand::RngExt;

use super::parser::parse;
use super::teacher::model_error;
use super::world::Questions;
use crate::documents::metrics::{Belief, Cell, FactState, Measurement, Outcome, Tally, WatchedAnswer, argmax};
use crate::documents::report::{FreeAnswers, SampledAnswers};
use crate::eval::measure::count_outcome;
use crate::eval::probe::{Features, Labels, Predictions, ProbeTask, Probes};
use crate::facts::error::Error;
use crate::facts::random::{Purpose, stream};
use crate::facts::world::Fact;

/// After how many sixths of the blocks the probes look, and which of them decides whether a fact is read: the last
/// but one.
const PROBED_SIXTHS: [usize; 5] = [0, 2, 4, 5, 6];
/// Tokens of a free answer at most.
const FREE_TOKENS: usize = 40;
/// How many questions are watched.
const WATCHED: usize = 24;

/// Measures one model again and again.
pub struct Examiner {
    tokenizer: ChatTokenizer,
    seed: u64,
    samples: usize,
    answer_tokens: usize,
    base_probes: Option<Probes>,
}

/// What is known of a model and what it said.
pub struct Examined {
    /// As of the lab's own model.
    pub measurement: Measurement,
    /// Every sampled answer.
    pub answers: SampledAnswers,
    /// Questions that no template knows.
    pub free: FreeAnswers,
}

/// Held-out questions, fact by fact, and the tokens of the answers to each.
struct Sampled {
    questions: Vec<String>,
    answers: Vec<Vec<Vec<Token>>>,
}

impl Examiner {
    /// For a seed: so many answers to each held-out question, of so many tokens at most.
    pub fn new(tokenizer: ChatTokenizer, seed: u64, samples: usize, answer_tokens: usize) -> Self {
        Examiner { tokenizer, seed, samples, answer_tokens, base_probes: None }
    }

    /// Probabilities of a fact's values after the beginning of an answer to its first held-out question,
    /// `[fact][value]`.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if a text cannot be put into tokens.
    pub fn choices(&self, model: &Decoder, questions: &Questions, facts: &[Fact]) -> Result<Vec<Vec<f32>>, Error> {
        let stem = |fact: &Fact| {
            let relation = questions.relation(fact);
            let question = questions.fill(&relation.held_out_questions[0], fact, None);
            let mut prompt = self.tokenizer.question(&question)?;
            prompt.extend(self.tokenizer.encode(&questions.fill(&relation.stem, fact, None))?);
            Ok(prompt)
        };
        self.compare(model, questions, facts, stem)
    }

    /// The same in a declarative sentence outside of any chat.
    fn declaratives(&self, model: &Decoder, questions: &Questions, facts: &[Fact]) -> Result<Vec<Vec<f32>>, Error> {
        self.compare(model, questions, facts, |fact| self.declarative(questions, fact))
    }

    fn declarative(&self, questions: &Questions, fact: &Fact) -> Result<Vec<Token>, hedgerow_language_model::Error> {
        self.tokenizer.encode(&questions.fill(&questions.relation(fact).declarative, fact, None))
    }

    /// Probabilities of the values after a prompt, normalised over them.
    fn compare(
        &self,
        model: &Decoder,
        questions: &Questions,
        facts: &[Fact],
        prompt: impl Fn(&Fact) -> Result<Vec<Token>, hedgerow_language_model::Error>,
    ) -> Result<Vec<Vec<f32>>, Error> {
        let mut chosen = Vec::with_capacity(facts.len());
        // Facts of one relation have as many values.
        for facts in facts.chunk_by(|one, other| one.attribute == other.attribute) {
            let group = |fact: &Fact| {
                let values = &questions.relation(fact).values;
                let value = |value: &super::world::Value| self.tokenizer.encode(&format!(" {}", value.said));
                Ok(Group { prompt: prompt(fact)?, completions: values.iter().map(value).collect::<Result<_, _>>()? })
            };
            let groups: Vec<Group> = facts.iter().map(group).collect::<Result<_, _>>().map_err(model_error)?;
            for scores in model.score(&groups) {
                let sums: Vec<f32> = scores.iter().map(|tokens| tokens.iter().sum()).collect();
                let largest = sums.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let shares: Vec<f32> = sums.iter().map(|sum| (sum - largest).exp()).collect();
                let whole: f32 = shares.iter().sum();
                chosen.push(shares.into_iter().map(|share| share / whole).collect());
            }
        }
        Ok(chosen)
    }

    /// Which of the facts with a value are chosen rightly; the others are not known.
    ///
    /// # Errors
    /// As [`Examiner::choices`].
    pub fn known(&self, model: &Decoder, questions: &Questions) -> Result<Vec<bool>, Error> {
        let facts = sorted(&questions.facts);
        let choices = self.choices(model, questions, &facts)?;
        let right = facts.iter().zip(choices).filter(|(fact, choice)| Some(argmax(choice)) == fact.value);
        let right: Vec<Fact> = right.map(|(fact, _)| *fact).collect();
        Ok(questions.facts.iter().map(|fact| right.contains(fact)).collect())
    }

    /// Measures a model that has had so many updates. The first must be of the reference: the frozen probes are
    /// fitted on it.
    ///
    /// # Errors
    /// As [`Examiner::choices`].
    pub fn measure(&mut self, model: &Decoder, questions: &Questions, update: u32) -> Result<Examined, Error> {
        let facts = sorted(&questions.facts);
        let Sampled { questions: asked, answers: sampled } = self.sample(model, questions, &facts)?;
        let choices = self.choices(model, questions, &facts)?;
        let declaratives = self.declaratives(model, questions, &facts)?;
        let verdicts = self.verdicts(model, questions, &facts)?;
        let taught: Vec<Fact> = facts.iter().filter(|fact| fact.value.is_some()).copied().collect();
        let (probes, read) = self.probe(model, questions, &taught)?;

        let mut cells: std::collections::BTreeMap<Cell, Tally> = Default::default();
        let (mut states, mut watched, mut answers) = (Vec::new(), Vec::new(), Vec::new());
        let (mut sampled, mut read) = (sampled.into_iter(), read.into_iter());
        let mut asked = asked.into_iter();
        for (place, fact) in facts.iter().enumerate() {
            let relation = questions.relation(fact);
            let tally = cells.entry(Cell::from(fact)).or_default();
            let [verified_true, verified_false] = verdicts[place];
            let recalled = fact.value.is_some_and(|truth| argmax(&declaratives[place]) == truth);
            let belief = fact.value.and_then(|_| read.next().flatten()).map(|read| Belief {
                verified: verified_true && verified_false,
                recalled,
                read,
            });
            let chosen = argmax(&choices[place]);
            let known = Some(chosen) == fact.value && verified_true && verified_false;
            let mut outcomes: Vec<Outcome> = Vec::new();
            for _ in &relation.held_out_questions {
                let question = asked.next().unwrap_or_default();
                for tokens in sampled.next().unwrap_or_default() {
                    let answer = parse(questions.world(), relation, &self.tokenizer, &tokens);
                    let text = self.tokenizer.decode(&tokens).map_err(model_error)?;
                    let outcome = count_outcome(tally, &answer, &text, fact.value, known);
                    let value = answer.asserted.map(|asserted| relation.values[asserted.value].name.clone());
                    if outcomes.is_empty()
                        && watched.len() < WATCHED
                        && place.is_multiple_of(facts.len().div_ceil(WATCHED))
                    {
                        watched.push(WatchedAnswer {
                            question: question.clone(),
                            cell: Cell::from(fact),
                            truth: fact.value.map(|value| relation.values[value].name.clone()),
                            answer: text.clone(),
                            outcome,
                            choice: relation.values[chosen].name.clone(),
                            belief_in_truth: fact.value.map_or(0.0, |truth| choices[place][truth]),
                            known: belief,
                        });
                    }
                    outcomes.push(outcome);
                    answers.push((question.clone(), text, answer.style, value));
                }
            }
            if let Some(truth) = fact.value {
                tally.count_choice(&choices[place], truth);
                tally.declaratives += 1;
                tally.right_declaratives += u32::from(recalled);
                tally.verdicts += 2;
                tally.right_verdicts += u32::from(verified_true) + u32::from(verified_false);
            }
            if let Some(belief) = belief {
                tally.belief.count(belief, &outcomes);
            }
            states.push(FactState { belief, answers: outcomes });
        }
        let measurement =
            Measurement { update, cells: cells.into_iter().collect(), probes, answers: watched, facts: states };
        let free = self.free(model, questions, update)?;
        Ok(Examined { measurement, answers: SampledAnswers { update, answers }, free })
    }

    fn sample(&self, model: &Decoder, questions: &Questions, facts: &[Fact]) -> Result<Sampled, Error> {
        let asked = facts.iter().flat_map(|fact| {
            questions.relation(fact).held_out_questions.iter().map(move |question| questions.fill(question, fact, None))
        });
        let asked: Vec<String> = asked.collect();
        let prompts = asked.iter().map(|question| self.tokenizer.question(question).map_err(model_error));
        let prompts: Vec<Vec<Token>> = prompts.collect::<Result<_, Error>>()?;
        let mut rng = stream(self.seed, 0, Purpose::Measurement);
        let noise: Vec<f32> = (0..prompts.len() * self.samples * self.answer_tokens).map(|_| rng.random()).collect();
        let lengths = Lengths { completions: self.samples, tokens: self.answer_tokens, end: self.tokenizer.end() };
        let answers = model.answer(&prompts, lengths, Choice::Sampled(&noise));
        Ok(Sampled { questions: asked, answers })
    }

    /// Are the true claim about each fact and a false one judged rightly? Neither about the invented. A small model
    /// calls nearly all claims the same, whatever they say; as half of them are true, the median of how much it leans
    /// to "true" divides them (the idea of Zhao et al. 2021, contextual calibration).
    fn verdicts(&self, model: &Decoder, questions: &Questions, facts: &[Fact]) -> Result<Vec<[bool; 2]>, Error> {
        let mut rng = stream(self.seed, 0, Purpose::Claims);
        let mut prompts = Vec::new();
        for fact in facts {
            let relation = questions.relation(fact);
            let Some(truth) = fact.value else { continue };
            let falsehood = (truth + rng.random_range(1..relation.values.len())) % relation.values.len();
            for value in [truth, falsehood] {
                let claim = questions.fill(&relation.claim, fact, Some(value));
                let question = format!("Is this statement true or false? {claim}");
                prompts.push(self.tokenizer.question(&question).map_err(model_error)?);
            }
        }
        let verdicts = ["True", "False"].map(|verdict| self.tokenizer.encode(verdict).map_err(model_error));
        let [for_true, for_false] = verdicts;
        let (for_true, for_false) = (for_true?[0] as usize, for_false?[0] as usize);
        let logits = model.next_logits(&prompts);
        let leanings: Vec<f32> = logits.iter().map(|logits| logits[for_true] - logits[for_false]).collect();
        let threshold = median(&leanings);
        let mut says_true = leanings.iter().map(|leaning| *leaning > threshold);
        let mut of_fact = |fact: &Fact| match fact.value {
            Some(_) => [says_true.next() == Some(true), says_true.next() == Some(false)],
            None => [false; 2],
        };
        Ok(facts.iter().map(&mut of_fact).collect())
    }

    /// Accuracies of the probes at each place, and whether each fact is read.
    fn probe(
        &mut self,
        model: &Decoder,
        questions: &Questions,
        taught: &[Fact],
    ) -> Result<(Vec<crate::documents::metrics::ProbeReport>, Vec<Option<bool>>), Error> {
        // A class for each value of each relation.
        let mut offsets = vec![0];
        for relation in &questions.world().relations {
            offsets.push(offsets.last().copied().unwrap_or(0) + relation.values.len());
        }
        let classes = offsets.last().copied().unwrap_or(0);
        // The task deals out entities, whose facts must stand side by side.
        let mut order: Vec<usize> = (0..taught.len()).collect();
        order.sort_by_key(|place| (taught[*place].entity, taught[*place].attribute));
        let labelled = order.iter().map(|place| {
            let fact = taught[*place];
            Fact { value: fact.value.map(|value| offsets[fact.attribute] + value), ..fact }
        });
        let labelled: Vec<Fact> = labelled.collect();
        let kind = |entity: usize| questions.world().entities[entity].of.as_str();
        let task = ProbeTask::of(std::slice::from_ref(&labelled), kind, classes, &[self.seed]);
        let prompts = labelled
            .iter()
            .map(|fact| self.declarative(questions, &Fact { value: None, ..*fact }).map_err(model_error));
        let prompts: Vec<Vec<Token>> = prompts.collect::<Result<_, Error>>()?;
        let layers = PROBED_SIXTHS.map(|sixths| model.config().layers * sixths / 6);
        let states = model.last_states(&prompts, layers);
        let width = model.config().width;
        let numbers: Vec<f32> = states.iter().flatten().flatten().copied().collect();
        let states =
            Tensor::<3>::from_data(TensorData::new(numbers, [layers.len(), prompts.len(), width]), &Device::flex());
        let features = Features { seen_prompts: states.clone(), held_out_prompts: states };
        let probes = task.fit(&features.seen_prompts, Labels::Real);
        let Predictions { frozen, retrained, control } = task.predict(&features, self.base_probes.as_ref(), &probes);
        self.base_probes.get_or_insert(probes);
        let [frozen, retrained, control] = [frozen, retrained, control].map(host);
        let mut reports = task.reports([&frozen, &retrained, &control], layers.len()).swap_remove(0);
        reports.iter_mut().zip(layers).for_each(|(report, layer)| report.layer = layer);
        let read = task.read_facts(&retrained, layers.len(), layers.len() - 2).swap_remove(0);
        let mut by_fact = vec![None; taught.len()];
        for (place, read) in order.into_iter().zip(read) {
            by_fact[place] = read;
        }
        Ok((reports, by_fact))
    }

    fn free(&self, model: &Decoder, questions: &Questions, update: u32) -> Result<FreeAnswers, Error> {
        let asked = &questions.world().free_questions;
        let prompts = asked.iter().map(|question| self.tokenizer.question(question).map_err(model_error));
        let prompts: Vec<Vec<Token>> = prompts.collect::<Result<_, Error>>()?;
        let lengths = Lengths { completions: 1, tokens: FREE_TOKENS, end: self.tokenizer.end() };
        let answers = model.answer(&prompts, lengths, Choice::Greedy).into_iter().flatten();
        let answers = asked
            .iter()
            .zip(answers)
            .map(|(question, tokens)| Ok((question.clone(), self.tokenizer.decode(&tokens).map_err(model_error)?)));
        Ok(FreeAnswers { update, answers: answers.collect::<Result<_, Error>>()? })
    }
}

/// Facts by relation, so that those with as many values stand side by side.
pub fn sorted(facts: &[Fact]) -> Vec<Fact> {
    let mut sorted = facts.to_vec();
    sorted.sort_by_key(|fact| (fact.attribute, fact.entity));
    sorted
}

/// The middle of the numbers, or half-way between the two in the middle; 0 of none.
fn median(numbers: &[f32]) -> f32 {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let middle = [sorted.len().saturating_sub(1) / 2, sorted.len() / 2].map(|place| sorted.get(place).copied());
    middle.into_iter().map(Option::unwrap_or_default).sum::<f32>() / 2.0
}

fn host(classes: Tensor<2, Int>) -> Vec<i32> {
    classes.into_data().iter::<i32>().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_divides_claims_into_halves() {
        assert_eq!(median(&[3.0, -9.0, 4.0]), 3.0);
        let claims = [7.0, 7.5, 6.0, 9.0];
        assert_eq!(claims.iter().filter(|leaning| **leaning > median(&claims)).count(), 2);
        assert_eq!(median(&[]), 0.0);
    }
}
