//! Looking into the models of a run, for the page: what they say, know and represent, and what the last
//! update credited.
//!
//! A new view is a variant of [`Inspection`] and a function here. Nothing here changes the run or draws from
//! its random streams. Leaves out the diagnosis of a finished run: the command line has it, and it would make
//! the engine a visitor waits for larger.

use burn::tensor::Tensor;
use burn::tensor::activation::softmax;
use serde::Serialize;

use crate::documents::metrics::{Cell, argmax};
use crate::documents::protocol::{
    AskedAnswer, CreditedGroup, Encoded, FactOutcome, FactOutcomes, FactState, FactStates, Inspected, Inspection,
    NextToken, NextTokens, encode,
};
use crate::eval::measure::{FACTS_AT_ONCE, outcome, read_states, read_stem, taught, token_indices};
use crate::facts::corpus::{Corpus, END, Style, Token, as_prompt};
use crate::facts::error::{Error, InspectionFault};
use crate::facts::random::Purpose;
use crate::network::device::{ReadBack, to_host};
use crate::network::stack::Stack;
use crate::network::tokenizer::Tokenizer;
use crate::rl::finetune::{Finetune, Trace};
use crate::worker::cards::deal;

/// Answers sampled to a question of the user.
const ANSWERS: usize = 4;
/// Tokens that are shown of a distribution.
const TOKENS: usize = 10;

/// Looks into the models of a fine-tune as they are. `last` is the trace of its last update; `number` is what
/// sampling depends on beside the seeds.
///
/// # Errors
/// [`Error::UnknownWords`] and [`Error::TooLong`] for a text that the models cannot read,
/// [`Error::Inspection`] for something that is not there, [`Error::Device`] if a read fails.
pub(super) async fn inspect(
    finetune: &Finetune,
    tokenizer: &Tokenizer,
    last: Option<&Trace>,
    number: u32,
    inspection: Inspection,
) -> Result<Inspected, Error> {
    Ok(match inspection {
        Inspection::Ask { question } => {
            let prompt = prompt(finetune, tokenizer, &question)?;
            Inspected::Asked(ask(finetune, &prompt, number).await?)
        }
        Inspection::NextTokens { question, begun } => {
            let prompt = prompt(finetune, tokenizer, &question)?;
            Inspected::NextTokens(next_tokens(finetune, &prompt, &tokenizer.encode(&begun)?).await?)
        }
        Inspection::Credit { prompt } => {
            Inspected::Credit(credit(finetune, last.ok_or(InspectionFault::NoUpdate)?, prompt)?)
        }
        Inspection::Outcomes => Inspected::Outcomes(encoded(&outcomes(finetune).await?)),
        Inspection::States { layer } => Inspected::States(encoded(&states(finetune, layer).await?)),
        Inspection::Cards { count } => Inspected::Cards(encoded(&deal(finetune, count, number).await?)),
    })
}

fn encoded<T: Serialize>(parts: &[T]) -> Vec<Encoded> {
    parts.iter().map(encode).collect()
}

/// A question in tokens, padded to the prompt's slots. All worlds of a stack have the same words.
fn prompt(finetune: &Finetune, tokenizer: &Tokenizer, question: &str) -> Result<Vec<Token>, Error> {
    finetune.stack(finetune.reference()).first().free_prompt(&tokenizer.encode(&as_prompt(question))?)
}

async fn ask(finetune: &Finetune, prompt: &[Token], number: u32) -> Result<Vec<AskedAnswer>, Error> {
    let base = finetune.stack(finetune.reference());
    let (corpus, length) = (base.first(), base.first().layout.answer);
    let prompts = base.upload(|_| vec![prompt.to_vec()]);
    let noise = base.noise(ANSWERS, u64::from(number), Purpose::Question);
    let mut read_back = ReadBack::default();
    let [before, now] = [base.policy, &finetune.policy()]
        .map(|policy| read_back.ints(policy.sample(prompts.clone(), noise.clone(), 1.0).0));
    let host = read_back.read().await?;
    let texts = |tokens: &[Token]| {
        let answers = tokens.chunks(length);
        answers.map(|answer| corpus.vocabulary.decode(&answer[..corpus.parse(answer).length])).collect()
    };
    let [before, now]: [Vec<Token>; 2] = [host.get(before), host.get(now)];
    let of_replica = before.chunks(ANSWERS * length).zip(now.chunks(ANSWERS * length));
    let answers = finetune.replicas().iter().zip(of_replica);
    let answers = answers.map(|(replica, (before, now))| AskedAnswer {
        replica: *replica,
        before: texts(before),
        now: texts(now),
    });
    Ok(answers.collect())
}

async fn next_tokens(finetune: &Finetune, prompt: &[Token], begun: &[Token]) -> Result<Vec<NextTokens>, Error> {
    let base = finetune.stack(finetune.reference());
    let corpus = base.first();
    // One slot is left for what comes next.
    let limit = corpus.layout.answer - 1;
    if begun.len() > limit {
        return Err(Error::TooLong { tokens: begun.len(), limit });
    }
    let prompts = base.upload(|_| vec![prompt.to_vec()]);
    let mut read_back = ReadBack::default();
    let [before, now] =
        [base.policy, &finetune.policy()].map(|policy| read_back.floats(read_stem(policy, &prompts, begun).0.exp()));
    let host = read_back.read().await?;
    let word = |token: usize| match token as Token {
        END => "∎".to_owned(),
        _ => corpus.vocabulary.words()[token].clone(),
    };
    let most_probable = |(before, now): (&[f32], &[f32])| -> Vec<NextToken> {
        let mut tokens: Vec<usize> = (0..before.len()).collect();
        let larger = |token: &usize| before[*token].max(now[*token]);
        tokens.sort_by(|one, other| larger(other).total_cmp(&larger(one)));
        let token = |token: &usize| NextToken { word: word(*token), before: before[*token], now: now[*token] };
        tokens[..TOKENS.min(tokens.len())].iter().map(token).collect()
    };
    let (before, now, vocabulary) = (host.get(before), host.get(now), corpus.vocabulary.len());
    let tokens = before.chunks(vocabulary).zip(now.chunks(vocabulary)).map(most_probable);
    let replicas = finetune.replicas().iter().zip(tokens);
    Ok(replicas.map(|(replica, tokens)| NextTokens { replica: *replica, tokens }).collect())
}

fn credit(finetune: &Finetune, last: &Trace, prompt: usize) -> Result<Vec<CreditedGroup>, Error> {
    let (prompts, group) = (last.questions[0].len(), finetune.experiment().finetune.completions);
    if prompt >= prompts {
        return Err(InspectionFault::NoPrompt { prompt, prompts }.into());
    }
    let of_replica = |(index, replica)| {
        let answers = (prompt * group..(prompt + 1) * group).map(|answer| finetune.credited(last, index, answer));
        CreditedGroup { replica, update: last.update, prompts, answers: answers.collect() }
    };
    Ok(finetune.replicas().iter().copied().enumerate().map(of_replica).collect())
}

async fn outcomes(finetune: &Finetune) -> Result<Vec<FactOutcomes>, Error> {
    let policy = finetune.policy();
    let stack = finetune.stack(&policy);
    let (corpus, device) = (stack.first(), policy.device());
    let (length, values, count) = (corpus.layout.answer, corpus.values.len(), corpus.facts.len());
    let all: Vec<usize> = (0..count).collect();
    let stem = corpus.answer_stem(Style::Blunt, 0);
    let (said, beliefs): (Vec<_>, Vec<_>) = all
        .chunks(FACTS_AT_ONCE)
        .map(|facts| {
            let question = |corpus: &Corpus, fact: usize| corpus.prompt(fact, held_out_prompt(corpus));
            let questions = stack.upload(|corpus| facts.iter().map(|fact| question(corpus, *fact)).collect());
            // Without noise a sample is the mode.
            let noise = Tensor::zeros([stack.seeds.len(), facts.len(), length * corpus.vocabulary.len()], &device);
            let said = policy.sample(questions.clone(), noise, 1.0).0;
            let log_probs = read_stem(&policy, &questions, &stem).0;
            (said, softmax(log_probs.select(2, token_indices(&corpus.values, &device)), 2))
        })
        .unzip();
    let mut read_back = ReadBack::default();
    let said = read_back.ints(Tensor::cat(said, 1));
    let beliefs = read_back.floats(Tensor::cat(beliefs, 1));
    let host = read_back.read().await?;
    let (said, beliefs): (Vec<Token>, _) = (host.get(said), host.get(beliefs));

    let of_replica = |(corpus, (said, beliefs)): (&Corpus, (&[Token], &[f32]))| -> Vec<FactOutcome> {
        let word = |value: usize| corpus.world().values[value].clone();
        let answered = corpus.facts.iter().enumerate().zip(said.chunks(length)).zip(beliefs.chunks(values));
        let facts = answered.map(|(((index, fact), said), belief)| {
            let answer = corpus.parse(said);
            FactOutcome {
                question: corpus.question(index, held_out_prompt(corpus)),
                cell: Cell::from(fact),
                truth: fact.value.map(word),
                said: corpus.vocabulary.decode(&said[..answer.length]),
                outcome: outcome(&answer, fact.value),
                choice: word(argmax(belief)),
                probabilities: belief.to_vec(),
            }
        });
        facts.collect()
    };
    let answers = said.chunks(count * length).zip(beliefs.chunks(count * values));
    let facts = stack.corpora.iter().zip(answers).map(of_replica);
    let values = corpus.world().values.clone();
    let replicas = finetune.replicas().iter().zip(facts);
    Ok(replicas.map(|(replica, facts)| FactOutcomes { replica: *replica, values: values.clone(), facts }).collect())
}

async fn states(finetune: &Finetune, layer: usize) -> Result<Vec<FactStates>, Error> {
    let policy = finetune.policy();
    let stack @ Stack { corpora, .. } = finetune.stack(&policy);
    let (blocks, replicas) = (policy.config().layers, corpora.len());
    if layer > blocks {
        return Err(InspectionFault::NoLayer { layer, blocks }.into());
    }
    let templates = &stack.first().world().language.held_out_prompts[..1];
    // [layer × replica, fact, width]
    let states = read_states(stack, templates).slice_dim(0, layer * replicas..(layer + 1) * replicas);
    let [_, facts, width] = states.dims();
    let states = to_host(states).await?;
    let of_replica = |(corpus, states): (&Corpus, &[f32])| -> Vec<FactState> {
        let state = |(fact, state): (usize, &[f32])| FactState {
            cell: Cell::from(&corpus.facts[fact]),
            truth: corpus.world().values[corpus.truth(fact)].clone(),
            state: state.to_vec(),
        };
        taught(corpus).into_iter().zip(states.chunks(width)).map(state).collect()
    };
    let facts = corpora.iter().zip(states.chunks(facts * width)).map(of_replica);
    Ok(finetune.replicas().iter().zip(facts).map(|(replica, facts)| FactStates { replica: *replica, facts }).collect())
}

/// The prompt of the measurement that is watched.
fn held_out_prompt(corpus: &Corpus) -> &str {
    &corpus.world().language.held_out_prompts[0]
}
