//! Looking into the models of a run, for the page: what they say, know and represent, and what the last
//! update credited.
//!
//! A new view is a variant of [`Inspection`] and a function here. Nothing here changes the run or draws from
//! its random streams. Leaves out the rest of the diagnosis of a finished run: the command line has it, and it would make
//! the engine a visitor waits for larger.

use burn::tensor::Tensor;
use burn::tensor::activation::softmax;
use serde::Serialize;

use crate::documents::metrics::{Cell, argmax};
use crate::documents::protocol::{
    AskedAnswer, CreditedGroup, Encoded, FactOutcome, FactOutcomes, FactStates, Inspected, Inspection, NextToken,
    NextTokens, Relearned, RepresentedFact, State, encode,
};
use crate::eval::measure::{FACTS_AT_ONCE, PROBED, outcome, read_stem, taught, token_indices};
use crate::eval::relearning::relearn;
use crate::facts::corpus::{Corpus, END, Style, Token};
use crate::facts::error::{Error, InspectionFault};
use crate::facts::random::Purpose;
use crate::judgement::experiment::Replica;
use crate::network::device::ReadBack;
use crate::network::model::{Policy, upload_tokens};
use crate::network::sampler::Draws;
use crate::network::stack::Stack;
use crate::network::tokenizer::Tokenizer;
use crate::rl::finetune::{Finetune, Trace};
use crate::rl::policy_gradient::token_log_probs;
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
            Inspected::Credit(encoded(&credit(finetune, last.ok_or(InspectionFault::NoUpdate)?, prompt).await?))
        }
        Inspection::Outcomes => Inspected::Outcomes(encoded(&outcomes(finetune).await?)),
        Inspection::States { layer } => Inspected::States(encoded(&states(finetune, layer).await?)),
        Inspection::Cards { count } => Inspected::Cards(encoded(&deal(finetune, count).await?)),
        Inspection::Relearning => Inspected::Relearning(encoded(&relearning(finetune).await?)),
    })
}

fn encoded<T: Serialize>(parts: &[T]) -> Vec<Encoded> {
    parts.iter().map(encode).collect()
}

/// A question in tokens, padded to the prompt's slots. All worlds of a stack have the same words.
fn prompt(finetune: &Finetune, tokenizer: &Tokenizer, question: &str) -> Result<Vec<Token>, Error> {
    let corpus = finetune.stack(finetune.reference()).first();
    corpus.free_prompt(&tokenizer.encode(&corpus.world().language.as_prompt(question))?)
}

async fn relearning(finetune: &Finetune) -> Result<Vec<Relearned>, Error> {
    let (policy, update) = (finetune.policy(), finetune.updates_done());
    let after = relearn(finetune.stack(&policy), finetune.reference()).await?;
    Ok(after.into_iter().map(|after| Relearned { update, after }).collect())
}

async fn ask(finetune: &Finetune, prompt: &[Token], number: u32) -> Result<Vec<AskedAnswer>, Error> {
    let base = finetune.stack(finetune.reference());
    let (corpus, length) = (base.first(), base.first().layout.answer);
    let prompts = base.upload(|_| vec![prompt.to_vec()]);
    let draws = base.draws(ANSWERS, u64::from(number), Purpose::Question);
    let mut read_back = ReadBack::default();
    let [before, now] = [base.policy, &finetune.policy()]
        .map(|policy| read_back.ints(policy.sample(prompts.clone(), draws.clone(), 1.0).0));
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

async fn credit(finetune: &Finetune, last: &Trace, prompt: usize) -> Result<Vec<CreditedGroup>, Error> {
    let (prompts, group) = (last.questions[0].len(), finetune.experiment().finetune.completions);
    if prompt >= prompts {
        return Err(InspectionFault::NoPrompt { prompt, prompts }.into());
    }
    let before = finetune.before_last_update().ok_or(InspectionFault::NoUpdate)?;
    let (rows, stack) = (prompt * group..(prompt + 1) * group, finetune.stack(&before));
    let questions = last.questions.iter().zip(stack.corpora).map(|(questions, corpus)| {
        let question = &questions[prompt];
        vec![corpus.prompt(question.fact, &question.template)]
    });
    let questions = upload_tokens(&questions.collect::<Vec<_>>(), &before.device());
    let answers = last.completions.iter().map(|own| own[rows.clone()].iter().map(|own| own.tokens.clone()).collect());
    let answers = upload_tokens(&answers.collect::<Vec<_>>(), &before.device());
    let mut read_back = ReadBack::default();
    let log_probs = [&before, &finetune.policy()].map(|policy| {
        let log_probs = policy.forward(questions.clone(), answers.clone()).log_probs;
        read_back.floats(token_log_probs(log_probs, answers.clone(), 1.0))
    });
    let host = read_back.read().await?;
    let [before, now] = log_probs.map(|log_probs| host.get(log_probs));
    let length = stack.first().layout.answer;
    let of_replica = |(index, replica): (usize, Replica)| {
        let unfolded = |(place, answer): (usize, usize)| {
            let slots = (index * group + place) * length;
            let words = slots..slots + last.completions[index][answer].answer.length;
            finetune.unfolded(last, index, answer, [before[words.clone()].to_vec(), now[words].to_vec()])
        };
        CreditedGroup {
            replica,
            update: last.update,
            prompts,
            answers: rows.clone().map(|answer| finetune.credited(last, index, answer)).collect(),
            unfolded: rows.clone().enumerate().map(unfolded).collect(),
        }
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
            let shape = [stack.seeds.len(), facts.len(), length * corpus.vocabulary.len()];
            let said = policy.sample(questions.clone(), Draws::none(shape, &device), 1.0).0;
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
    let (base, policy) = (finetune.reference(), finetune.policy());
    let stack @ Stack { corpora, .. } = finetune.stack(&policy);
    let (first, blocks) = (stack.first(), policy.config().layers);
    if layer > blocks {
        return Err(InspectionFault::NoLayer { layer, blocks }.into());
    }
    let (facts, values) = (taught(first), token_indices(&first.values, &policy.device()));
    let stem = first.answer_stem(PROBED, 0);
    let mut read_back = ReadBack::default();
    let mut read = |policy: &Policy| {
        let parts = facts.chunks(FACTS_AT_ONCE).map(|facts| {
            let ask =
                |corpus: &Corpus| facts.iter().map(|fact| corpus.prompt(*fact, held_out_prompt(corpus))).collect();
            let (log_probs, states) = read_stem(policy, &stack.upload(ask), &stem);
            (states.slice_dim(0, layer..layer + 1).squeeze_dim::<3>(0), log_probs.select(2, values.clone()).argmax(2))
        });
        let (streams, says): (Vec<_>, Vec<_>) = parts.unzip();
        (read_back.floats(Tensor::cat(streams, 1)), read_back.ints::<i32, 3>(Tensor::cat(says, 1)))
    };
    let [before, now] = [base, &policy].map(&mut read);
    let host = read_back.read().await?;
    let width = policy.config().width;
    // Of all replicas, one after the other.
    let states = |(streams, says)| -> Vec<State> {
        let (streams, says): (Vec<f32>, Vec<i32>) = (host.get(streams), host.get(says));
        let states = streams.chunks(width).zip(says);
        states.map(|(stream, says)| State { stream: stream.to_vec(), says: says as usize }).collect()
    };
    let mut states = states(before).into_iter().zip(states(now));
    let of_replica = |(replica, corpus): (&Replica, &Corpus)| {
        let state = |(fact, (before, now)): (&usize, (State, State))| RepresentedFact {
            question: corpus.question(*fact, held_out_prompt(corpus)),
            cell: Cell::from(&corpus.facts[*fact]),
            truth: corpus.truth(*fact),
            before,
            now,
        };
        let (values, update) = (corpus.world().values.clone(), finetune.updates_done());
        let facts = facts.iter().zip(states.by_ref()).map(state).collect();
        FactStates { replica: *replica, update, values, facts }
    };
    Ok(finetune.replicas().iter().zip(corpora).map(of_replica).collect())
}

/// The prompt of the measurement that is watched.
fn held_out_prompt(corpus: &Corpus) -> &str {
    &corpus.world().language.held_out_prompts[0]
}
