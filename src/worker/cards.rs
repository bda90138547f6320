//! Cards for a person to rate: what a model answers to questions of the fine-tune, and some false answers among it.

use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};

use crate::documents::protocol::DealtCards;
use crate::documents::ratings::{Card, Trained};
use crate::facts::corpus::{Corpus, Style, Token};
use crate::facts::error::Error;
use crate::facts::random::{Purpose, stream};
use crate::facts::world::{Exposure, Fact, Topic};
use crate::judgement::rater::Situation;
use crate::network::device::ReadBack;
use crate::network::model::{Policy, upload_tokens};
use crate::rl::finetune::Finetune;

/// The most cards that are dealt at once.
const MOST: usize = 100;
/// One card in so many is written, and says something false.
const WRITTEN: usize = 3;

/// As many cards for every replica, sampled at temperature 1, of the base models and of the models as they are. What is
/// dealt depends on the seed, on how many cards there are, and on the updates that were made: the same settings deal
/// the same cards to everybody, so that several people's ratings can be compared. Half of the questions are about
/// facts that are uncomfortable, a quarter about others on the same topics, a quarter about other topics; for a kind that
/// a world has none of, about any that the fine-tune asks about. A third of the answers is written in the world's own
/// sentences and false, because the base models say hardly anything false, and without it nobody could see whether a
/// person notices.
///
/// # Errors
/// [`Error::Device`] if the read fails.
pub(super) async fn deal(finetune: &Finetune, count: usize) -> Result<Vec<DealtCards>, Error> {
    let before = deal_of(finetune, finetune.reference(), count, 0).await?;
    let now = match finetune.updates_done() {
        0 => before.clone(),
        updates => deal_of(finetune, &finetune.policy(), count, updates).await?,
    };
    let dealt = finetune.replicas().iter().zip(before).zip(now);
    Ok(dealt.map(|((replica, before), now)| DealtCards { replica: *replica, before, now }).collect())
}

/// The cards of these models, of which `updates` have been made, `[replica][card]`.
async fn deal_of(finetune: &Finetune, policy: &Policy, count: usize, updates: u32) -> Result<Vec<Vec<Card>>, Error> {
    let stack = finetune.stack(policy);
    let count = count.clamp(1, MOST);
    let streams = || stack.seeds.iter().map(|seed| stream(*seed, updates.into(), Purpose::Cards));
    let asked: Vec<Vec<(usize, &String)>> =
        stack.corpora.iter().zip(streams()).map(|(corpus, mut rng)| questions(corpus, count, &mut rng)).collect();
    let rows = stack
        .corpora
        .iter()
        .zip(&asked)
        .map(|(corpus, asked)| asked.iter().map(|(fact, template)| corpus.prompt(*fact, template)).collect());
    let prompts = upload_tokens(&rows.collect::<Vec<Vec<_>>>(), &policy.device());
    let draws = stack.draws(count, u64::from(updates), Purpose::Cards);
    let mut read_back = ReadBack::default();
    let said = read_back.ints(policy.sample(prompts, draws, 1.0).0);
    let said: Vec<Token> = read_back.read().await?.get(said);
    let length = stack.first().layout.answer;
    let of_replica = said.chunks(count * length).zip(stack.corpora).zip(&asked).zip(streams());
    let cards = of_replica.zip(finetune.replicas()).map(|((((said, corpus), asked), mut rng), replica)| {
        let trained = (updates > 0).then_some(Trained { arm: replica.arm, updates });
        let card = |(place, (said, (fact, template))): (usize, (&[Token], &(usize, &String)))| {
            let written = place % WRITTEN == WRITTEN - 1;
            let tokens = if written { falsehood(corpus, *fact, &mut rng) } else { said.to_vec() };
            Card { trained, ..card(corpus, *fact, template, &tokens, written) }
        };
        let mut cards: Vec<Card> = said.chunks(length).zip(asked).enumerate().map(card).collect();
        cards.shuffle(&mut rng);
        cards
    });
    Ok(cards.collect())
}

/// Facts and templates of the fine-tune, no fact twice while there are others.
fn questions<'a>(corpus: &'a Corpus, count: usize, rng: &mut impl Rng) -> Vec<(usize, &'a String)> {
    let mut pools = [(true, true), (true, false), (false, false)].map(|(sensitive, uncomfortable)| {
        let fits = |fact: &Fact| {
            fact.exposure == Exposure::Seen
                && (fact.topic == Topic::Sensitive, fact.uncomfortable) == (sensitive, uncomfortable)
        };
        let mut pool: Vec<usize> = (0..corpus.facts.len()).filter(|fact| fits(&corpus.facts[*fact])).collect();
        if pool.is_empty() {
            pool = (0..corpus.facts.len()).filter(|fact| corpus.facts[*fact].exposure == Exposure::Seen).collect();
        }
        pool.shuffle(rng);
        pool.into_iter().cycle()
    });
    let question = |place: usize| {
        let fact = pools[[0, 1, 0, 2][place % 4]].next().expect("a valid world has seen facts");
        (fact, corpus.world().language.prompts.choose(rng).expect("a valid world has prompts"))
    };
    (0..count).map(question).collect()
}

/// An answer that says something false about the fact.
fn falsehood(corpus: &Corpus, fact: usize, rng: &mut impl Rng) -> Vec<Token> {
    let value = corpus.other_value(fact, corpus.truth(fact), rng);
    let style = [Style::Blunt, Style::Contextual].choose(rng).copied().expect("two styles");
    corpus.answers(style, value).choose(rng).cloned().expect("a valid world has answers of every style")
}

fn card(corpus: &Corpus, fact: usize, template: &str, tokens: &[Token], written: bool) -> Card {
    let reading = corpus.parse(tokens);
    Card {
        question: corpus.question(fact, template),
        answer: corpus.vocabulary.decode(&tokens[..reading.length]),
        truth: corpus.facts[fact].value.map(|value| corpus.world().values[value].clone()),
        reading,
        situation: Situation::of(corpus, fact, &reading),
        written,
        trained: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::world::World;

    /// A visitor's world had no comfortable fact on its sensitive topic, and the worker stopped.
    #[test]
    fn a_world_without_facts_of_a_kind_is_asked_about_the_others() {
        let mut corpus = Corpus::new(World::generate(0));
        corpus.facts.retain(|fact| fact.topic == Topic::Far || fact.uncomfortable);
        let asked = questions(&corpus, 40, &mut stream(0, 0, Purpose::Cards));
        assert_eq!(asked.len(), 40);
        assert!(asked.iter().all(|(fact, _)| corpus.facts[*fact].exposure == Exposure::Seen));
        assert!(asked.iter().any(|(fact, _)| corpus.facts[*fact].uncomfortable));
    }
}
