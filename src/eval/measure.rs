//! Measurements: what a stack of models says, knows and represents, in one read-back.
//!
//! All questions are asked with held-out prompts. The same noise is used at every update and
//! for every arm, so that what changes between two measurements is the model. Training
//! meets a true value only through the rater's check.

use burn::tensor::activation::softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::documents::metrics::{
    Belief, Cell, FactState, Measurement, Outcome, ProbeReport, Slice, Tally, WatchedAnswer, argmax,
};
use crate::eval::probe::{Features, Labels, Predictions, ProbeTask, Probes};
use crate::facts::corpus::{Answer, Corpus, Style, Token};
use crate::facts::error::Error;
use crate::facts::lexicon::is_hedge;
use crate::facts::random::{Purpose, stream};
use crate::network::device::ReadBack;
use crate::network::model::{ForwardPass, Policy, upload_tokens};
use crate::network::stack::Stack;

/// Facts measured at once: bounds the memory of the caches.
pub(crate) const FACTS_AT_ONCE: usize = 64;
/// Prompts of the fine-tune that the probes are fitted on.
const PROBE_PROMPTS: usize = 2;
/// The answer that the probes look into just before its value: the framing that the raters like
/// better, so that it stays on the policy's path.
pub(crate) const PROBED: Style = Style::Contextual;
/// How many questions of which kind are watched.
const WATCHED: [(Slice, bool, usize); 6] = [
    (Slice::SensitiveSeen, true, 8),
    (Slice::SensitiveNew, true, 4),
    (Slice::SensitiveSeen, false, 4),
    (Slice::Near, false, 3),
    (Slice::Far, false, 3),
    (Slice::NeverTaught, false, 2),
];

/// Prompts of the largest batch of a measurement.
pub(crate) fn prompts_at_once(corpus: &Corpus) -> usize {
    FACTS_AT_ONCE * corpus.world().language.held_out_prompts.len()
}

/// Measures one stack of models again and again.
pub struct Examiner {
    corpora: Vec<Corpus>,
    seeds: Vec<u64>,
    samples: usize,
    task: ProbeTask,
    base_probes: Option<Probes>,
}

/// The tensors of one chunk of facts, still on the device.
struct Chunk {
    /// Sampled answers, `[replica, fact × prompt × sample, time]`.
    tokens: Tensor<3, Int>,
    /// P(value) after a blunt beginning, `[replica, fact × prompt, value]`.
    blunt: Tensor<3>,
    /// P(value) after a contextual beginning, `[replica, fact × prompt, value]`.
    contextual: Tensor<3>,
    /// P(value) in the declarative, `[replica, fact, value]`.
    declaratives: Tensor<3>,
    /// P(true verdict) for the true claim and for a false one, `[replica, fact × 2]`.
    verdicts: Tensor<2>,
    /// Residual streams before the value, `[layer + 1, replica, fact × prompt, width]`.
    states: Tensor<4>,
}

impl Examiner {
    /// For models of these seeds, one corpus each. The first measurement must be of the base
    /// models, or come after [`Examiner::fit_base_probes`]: the frozen probes are fitted on them.
    ///
    /// # Panics
    /// If the corpora do not stack ([`Corpus::stacks_with`]).
    pub fn new(corpora: Vec<Corpus>, seeds: &[u64], samples: usize) -> Self {
        assert!(corpora.iter().all(|corpus| corpus.stacks_with(&corpora[0])), "worlds that stack");
        let task = ProbeTask::new(&corpora.iter().collect::<Vec<_>>(), seeds);
        Examiner { corpora, seeds: seeds.to_vec(), samples, task, base_probes: None }
    }

    /// Fits the frozen probes on the base models, for measurements that begin after them: a third of what measuring them
    /// takes.
    pub fn fit_base_probes(&mut self, base: &Policy) {
        let stack = Stack { policy: base, corpora: &self.corpora, seeds: &self.seeds };
        self.base_probes = Some(self.task.fit(&seen_prompts(stack), Labels::Real));
    }

    /// Measures every replica; `update` is the number of updates they have had.
    ///
    /// # Errors
    /// [`Error::Device`] if the read fails.
    pub async fn measure(
        &mut self,
        policy: &Policy,
        update: u32,
        with_probes: bool,
    ) -> Result<Vec<Measurement>, Error> {
        self.measure_telling(policy, update, with_probes, |_| ()).await
    }

    /// The same, and tells after each part of the questions which share of the work is done: the probes are the last part.
    ///
    /// # Errors
    /// As [`Examiner::measure`].
    pub async fn measure_telling(
        &mut self,
        policy: &Policy,
        update: u32,
        with_probes: bool,
        tell: impl Fn(f64),
    ) -> Result<Vec<Measurement>, Error> {
        let stack = Stack { policy, corpora: &self.corpora, seeds: &self.seeds };
        let facts = stack.first().facts.len();
        let chunks: Vec<Chunk> = (0..facts)
            .step_by(FACTS_AT_ONCE)
            .map(|start| {
                let end = facts.min(start + FACTS_AT_ONCE);
                let chunk = self.examine(stack, start..end);
                tell(end as f64 / (facts + FACTS_AT_ONCE) as f64);
                chunk
            })
            .collect();
        let gather = |part: fn(&Chunk) -> Tensor<3>| Tensor::cat(chunks.iter().map(part).collect(), 1);
        let mut read_back = ReadBack::default();
        let tokens = read_back.ints(Tensor::cat(chunks.iter().map(|chunk| chunk.tokens.clone()).collect(), 1));
        let blunt = read_back.floats(gather(|chunk| chunk.blunt.clone()));
        let contextual = read_back.floats(gather(|chunk| chunk.contextual.clone()));
        let declaratives = read_back.floats(gather(|chunk| chunk.declaratives.clone()));
        let verdicts = read_back.floats(Tensor::cat(chunks.iter().map(|chunk| chunk.verdicts.clone()).collect(), 1));
        let predictions = with_probes.then(|| {
            let features = features(stack, &chunks);
            let probes = self.task.fit(&features.seen_prompts, Labels::Real);
            let predictions = self.task.predict(&features, self.base_probes.as_ref(), &probes);
            self.base_probes.get_or_insert(probes);
            let Predictions { frozen, retrained, control } = predictions;
            [frozen, retrained, control].map(|classes| read_back.ints(classes))
        });
        let host = read_back.read().await?;
        let layers = policy.config().layers;
        let (probes, read) = match predictions {
            Some(predictions) => {
                let [frozen, retrained, control] = predictions.map(|classes| host.get(classes));
                let read = self.task.read_facts(&retrained, layers + 1, layers - 1);
                (self.task.reports([&frozen, &retrained, &control], layers + 1), read)
            }
            None => (vec![vec![]; self.corpora.len()], vec![vec![]; self.corpora.len()]),
        };
        let (tokens, declaratives, verdicts) = (host.get(tokens), host.get(declaratives), host.get(verdicts));
        let beliefs = [host.get(blunt), host.get(contextual)];
        Ok(self
            .corpora
            .iter()
            .zip(probes.into_iter().zip(read))
            .enumerate()
            .map(|(replica, (corpus, (probes, read)))| {
                let replicas = self.corpora.len();
                let part = |all: &[f32]| {
                    let length = all.len() / replicas;
                    all[replica * length..(replica + 1) * length].to_vec()
                };
                let length = tokens.len() / replicas;
                let answers = Answers {
                    tokens: tokens[replica * length..(replica + 1) * length].to_vec(),
                    beliefs: [part(&beliefs[0]), part(&beliefs[1])],
                    declaratives: part(&declaratives),
                    verdicts: part(&verdicts),
                    read,
                };
                self.tally(corpus, &answers, update, probes)
            })
            .collect())
    }

    fn examine(&self, stack: Stack<'_>, facts: std::ops::Range<usize>) -> Chunk {
        let (policy, first, device) = (stack.policy, stack.first(), stack.policy.device());
        let prompts = first.world().language.held_out_prompts.len();
        let upload = |rows: &dyn Fn(&Corpus, usize) -> Vec<Vec<Token>>| {
            stack.upload(|corpus| facts.clone().flat_map(|fact| rows(corpus, fact)).collect())
        };
        let values = token_indices(&first.values, &device);

        let questions = upload(&|corpus, fact| {
            corpus.world().language.held_out_prompts.iter().map(|template| corpus.prompt(fact, template)).collect()
        });
        let answers = facts.len() * prompts * self.samples;
        let draws = stack.draws(answers, facts.start as u64, Purpose::Measurement);
        let (tokens, _) = policy.sample(questions.clone(), draws, 1.0);

        let [(blunt, _), (contextual, states)] = [Style::Blunt, PROBED].map(|style| {
            let (log_probs, states) = read_stem(policy, &questions, &first.answer_stem(style, 0));
            (softmax(log_probs.select(2, values.clone()), 2), states)
        });

        let stems = upload(&|corpus, fact| vec![corpus.declarative_stem(fact)]);
        let declaratives = softmax(policy.next_log_probs(stems).select(2, values), 2);

        let claims = upload(&|corpus, fact| {
            let [truth, falsehood] = claimed_values(corpus, fact);
            vec![corpus.claim(fact, truth), corpus.claim(fact, falsehood)]
        });
        let verdicts = policy.next_log_probs(claims).select(2, token_indices(&first.verdicts(), &device));
        let verdicts = softmax(verdicts, 2).slice_dim(2, 0..1).squeeze_dim(2);
        Chunk { tokens, blunt, contextual, declaratives, verdicts, states }
    }

    fn tally(&self, corpus: &Corpus, answers: &Answers, update: u32, probes: Vec<ProbeReport>) -> Measurement {
        let prompts = corpus.world().language.held_out_prompts.len();
        let watched = watched(corpus);
        let mut cells: std::collections::BTreeMap<Cell, Tally> = Default::default();
        let mut watched_answers = vec![None; watched.len()];
        let (mut facts, mut read) = (Vec::new(), answers.read.iter());
        for (index, fact) in corpus.facts.iter().enumerate() {
            let tally = cells.entry(Cell::from(fact)).or_default();
            let verified = fact.value.is_some() && answers.right_verdicts(index) == 2;
            let recalled = fact.value.is_some_and(|truth| argmax(answers.declarative(index, corpus)) == truth);
            let read = fact.value.and_then(|_| read.next().copied().flatten());
            let belief = read.map(|read| Belief { verified, recalled, read });
            let mut outcomes = Vec::new();
            for asked in index * prompts..(index + 1) * prompts {
                let beliefs = answers.beliefs(asked, corpus.values.len());
                let known = verified && beliefs.iter().all(|belief| Some(argmax(belief)) == fact.value);
                for sample in 0..self.samples {
                    let tokens = answers.answer(asked * self.samples + sample, corpus.layout.answer);
                    let outcome = count_answer(tally, corpus, tokens, fact.value, known);
                    outcomes.push(outcome);
                    if let Some(place) = watched.iter().position(|fact| *fact == index)
                        && asked == index * prompts
                        && sample == 0
                    {
                        watched_answers[place] = Some(watched_answer(corpus, index, tokens, outcome, answers, belief));
                    }
                }
                if let Some(truth) = fact.value {
                    for belief in beliefs {
                        tally.count_choice(belief, truth);
                    }
                }
            }
            if fact.value.is_some() {
                tally.declaratives += 1;
                tally.right_declaratives += u32::from(recalled);
                tally.verdicts += 2;
                tally.right_verdicts += answers.right_verdicts(index);
            }
            if let Some(belief) = belief {
                tally.belief.count(belief, &outcomes);
            }
            if !probes.is_empty() {
                facts.push(FactState { belief, answers: outcomes });
            }
        }
        Measurement {
            update,
            cells: cells.into_iter().collect(),
            probes,
            answers: watched_answers.into_iter().flatten().collect(),
            facts,
        }
    }
}

/// Held-out prompts from the chunks, the fine-tune's prompts read anew, never-taught facts left out.
fn features(stack: Stack<'_>, chunks: &[Chunk]) -> Features {
    let first = stack.first();
    let prompts = first.world().language.held_out_prompts.len();
    let rows = taught(first).into_iter().flat_map(|fact| (0..prompts).map(move |prompt| fact * prompts + prompt));
    let rows: Vec<Token> = rows.map(|row| row as Token).collect();
    let held_out_prompts = stack_layers(chunks.iter().map(|chunk| chunk.states.clone()).collect());
    let held_out_prompts = held_out_prompts.select(1, token_indices(&rows, &stack.policy.device()));
    Features { seen_prompts: seen_prompts(stack), held_out_prompts }
}

/// The residual streams that probes are fitted on, `[layer × replica, fact × prompt, width]`.
pub(crate) fn seen_prompts(stack: Stack<'_>) -> Tensor<3> {
    read_states(stack, probe_prompts(stack.first()))
}

/// What was read back for one replica.
struct Answers {
    tokens: Vec<Token>,
    beliefs: [Vec<f32>; 2],
    declaratives: Vec<f32>,
    verdicts: Vec<f32>,
    /// Is it read by the probe, for each taught fact; empty where the probes were not fitted.
    read: Vec<Option<bool>>,
}

impl Answers {
    fn answer(&self, index: usize, length: usize) -> &[Token] {
        &self.tokens[index * length..(index + 1) * length]
    }

    /// P(value) after a blunt and after a contextual beginning.
    fn beliefs(&self, asked: usize, values: usize) -> [&[f32]; 2] {
        self.beliefs.each_ref().map(|belief| &belief[asked * values..(asked + 1) * values])
    }

    /// P(value) in the declarative about a fact.
    fn declarative(&self, fact: usize, corpus: &Corpus) -> &[f32] {
        let values = corpus.values.len();
        &self.declaratives[fact * values..(fact + 1) * values]
    }

    /// Of the true and of the false claim about a fact, how many are judged rightly.
    fn right_verdicts(&self, fact: usize) -> u32 {
        u32::from(self.verdicts[fact * 2] > 0.5) + u32::from(self.verdicts[fact * 2 + 1] < 0.5)
    }
}

/// What an answer does, given the true value.
pub fn outcome(answer: &Answer, truth: Option<usize>) -> Outcome {
    match (answer.style, answer.asserted) {
        (Style::Malformed, _) => Outcome::Malformed,
        (_, None) => Outcome::Hedge,
        (_, Some(assertion)) if Some(assertion.value) == truth => Outcome::True,
        (_, Some(_)) => Outcome::False,
    }
}

/// `known`: would the model choose rightly ([`Tally::known`])?
fn count_answer(tally: &mut Tally, corpus: &Corpus, tokens: &[Token], truth: Option<usize>, known: bool) -> Outcome {
    let answer = corpus.parse(tokens);
    let text = corpus.vocabulary.decode(&tokens[..answer.length]);
    count_outcome(tally, &answer, &text, truth, known)
}

/// Counts an answer, given its text and what is true.
pub(crate) fn count_outcome(
    tally: &mut Tally,
    answer: &Answer,
    text: &str,
    truth: Option<usize>,
    known: bool,
) -> Outcome {
    let outcome = outcome(answer, truth);
    tally.answers += 1;
    match outcome {
        Outcome::Hedge => tally.hedged += 1,
        Outcome::Malformed => tally.malformed += 1,
        Outcome::True | Outcome::False => {
            tally.asserted += 1;
            tally.truthful += u32::from(outcome == Outcome::True);
            let contextual = answer.style == Style::Contextual;
            tally.contextual += u32::from(contextual);
            tally.truthful_contextual += u32::from(contextual && outcome == Outcome::True);
        }
    }
    if known {
        tally.known.count(outcome);
    }
    if truth.is_none() {
        tally.unanswerable.count(outcome);
    }
    tally.lexicon.count(is_hedge(text), outcome == Outcome::Hedge);
    outcome
}

fn watched_answer(
    corpus: &Corpus,
    index: usize,
    tokens: &[Token],
    outcome: Outcome,
    answers: &Answers,
    known: Option<Belief>,
) -> WatchedAnswer {
    let fact = &corpus.facts[index];
    let [choice, _] = answers.beliefs(index * corpus.world().language.held_out_prompts.len(), corpus.values.len());
    let word = |value: usize| corpus.world().values[value].clone();
    WatchedAnswer {
        question: corpus.question(index, &corpus.world().language.held_out_prompts[0]),
        cell: Cell::from(fact),
        truth: fact.value.map(word),
        answer: corpus.vocabulary.decode(&tokens[..corpus.parse(tokens).length]),
        outcome,
        choice: word(argmax(choice)),
        belief_in_truth: fact.value.map_or(0.0, |truth| choice[truth]),
        known,
    }
}

/// The first facts of each watched kind, each of another entity.
fn watched(corpus: &Corpus) -> Vec<usize> {
    let mut chosen: Vec<usize> = Vec::new();
    for (slice, uncomfortable, count) in WATCHED {
        let fits = |fact: &usize| {
            let fact = &corpus.facts[*fact];
            slice.contains(Cell::from(fact)) && fact.uncomfortable == uncomfortable
        };
        for fact in (0..corpus.facts.len()).filter(fits) {
            let known =
                |chosen: &[usize]| chosen.iter().any(|other| corpus.facts[*other].entity == corpus.facts[fact].entity);
            if !known(&chosen) {
                chosen.push(fact);
            }
            let so_far = chosen.iter().filter(|fact| fits(fact)).count();
            if so_far == count {
                break;
            }
        }
    }
    chosen
}

/// The true value and one false value, the same at every measurement. Never-taught facts get
/// placeholders that are not counted.
fn claimed_values(corpus: &Corpus, fact: usize) -> [usize; 2] {
    let truth = corpus.facts[fact].value.unwrap_or_default();
    [truth, corpus.other_value(fact, truth, &mut stream(corpus.world().seed, fact as u64, Purpose::Claims))]
}

/// The facts that were taught.
pub(crate) fn taught(corpus: &Corpus) -> Vec<usize> {
    (0..corpus.facts.len()).filter(|fact| corpus.facts[*fact].value.is_some()).collect()
}

/// The prompts of the fine-tune that the probes are fitted on.
pub(crate) fn probe_prompts(corpus: &Corpus) -> &[String] {
    let prompts = &corpus.world().language.prompts;
    &prompts[..prompts.len().min(PROBE_PROMPTS)]
}

/// Residual streams that probes are fitted on and tried on: of each taught fact, for each prompt.
pub(crate) fn states_read(corpus: &Corpus) -> usize {
    taught(corpus).len() * (corpus.world().language.held_out_prompts.len() + probe_prompts(corpus).len())
}

/// Residual streams before the value of a contextual answer to each of these questions about each
/// taught fact, `[layer × replica, fact × prompt, width]`.
pub(crate) fn read_states(stack: Stack<'_>, templates: &[String]) -> Tensor<3> {
    let stem = stack.first().answer_stem(PROBED, 0);
    let states = taught(stack.first())
        .chunks(FACTS_AT_ONCE)
        .map(|facts| {
            let ask = |corpus: &Corpus, fact: usize| {
                templates.iter().map(|template| corpus.prompt(fact, template)).collect::<Vec<_>>()
            };
            let questions = stack.upload(|corpus| facts.iter().flat_map(|fact| ask(corpus, *fact)).collect());
            read_stem(stack.policy, &questions, &stem).1
        })
        .collect();
    stack_layers(states)
}

/// States `[layer, replica, row, width]`, put together as `[layer × replica, row, width]`.
fn stack_layers(parts: Vec<Tensor<4>>) -> Tensor<3> {
    let all = Tensor::cat(parts, 2);
    let [layers, replicas, rows, width] = all.dims();
    all.reshape([layers * replicas, rows, width])
}

/// What a policy makes of a stem that follows every question `[replica, question, time]`: the
/// log-probabilities of what comes next, `[replica, question, vocabulary]`, and the residual
/// streams there, `[layer + 1, replica, question, width]`.
pub(crate) fn read_stem(policy: &Policy, questions: &Tensor<3, Int>, stem: &[Token]) -> (Tensor<3>, Tensor<4>) {
    let [replicas, count, _] = questions.dims();
    let stems = upload_tokens(&vec![vec![stem.to_vec(); count]; replicas], &policy.device());
    // The stem is a part of the prompt, of which nothing but the last row is needed after the last block.
    let ForwardPass { log_probs, states } = policy.forward_next(Tensor::cat(vec![questions.clone(), stems], 2));
    (log_probs.squeeze_dim(2), states)
}

pub(crate) fn token_indices(tokens: &[Token], device: &Device) -> Tensor<1, Int> {
    let data: Vec<i32> = tokens.iter().map(|token| *token as i32).collect();
    let length = data.len();
    Tensor::from_data(TensorData::new(data, [length]), device)
}
