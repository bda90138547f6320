//! A sitting with the cards: which of them comes next, which come twice, and what several people's ratings are together.

use hedgerow::documents::ratings::{Card, RATINGS_SCHEMA, Rated, Ratings, Verdict, Words};
use hedgerow::judgement::experiment::WorldId;
use serde::{Deserialize, Serialize};

use super::sentence::{capitalised, is_mark};

/// How many cards there are to choose from.
pub const COUNTS: [usize; 3] = [20, 36, 60];
/// Of the second half of the cards, before every third an early one comes again.
const AGAIN: usize = 3;

/// Training can wait for its rater after so many updates.
pub const EVERY: [u32; 3] = [25, 50, 100];
/// How many cards of the models in training there are each time.
pub const ROUND: usize = 6;

/// How often a training of so many updates waits. After the last one there is nothing left to be taught.
pub fn rounds(updates: u32, every: u32) -> u32 {
    updates.saturating_sub(1) / every
}

/// A training that waits for its rater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waits {
    /// After so many updates each time.
    pub every: u32,
    /// How many cards there were when it began.
    pub from: usize,
}

/// Where such a training is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Live {
    /// On its way to the update at which it waits, or to its end.
    Trains(u32),
    /// It stands still before that update, because somebody paused it or the page was loaded again.
    Stands(u32),
    /// Cards of the models are to be dealt.
    Deals,
    /// There are cards to be rated.
    Waits,
    /// All cards of this wait are rated.
    Rated,
    /// All updates are made.
    Over,
}

impl Live {
    /// From the updates done and of the whole run, whether the models stand still, and the ratings so far.
    pub fn of((done, updates): (u32, u32), Waits { every, from }: Waits, stands: bool, ratings: &Ratings) -> Live {
        let dealt = |card: &Card| card.trained.is_some_and(|trained| trained.updates == done);
        let next = (done / every + 1) * every;
        match (done >= updates, stands) {
            (true, true) => Live::Over,
            (_, false) => Live::Trains(next.min(updates)),
            (false, true) if done == 0 || done % every != 0 => Live::Stands(next.min(updates)),
            (false, true) if !ratings.cards.iter().skip(from).any(dealt) => Live::Deals,
            (false, true) if self::next(ratings).is_some_and(|(_, card)| dealt(card)) => Live::Waits,
            (false, true) => Live::Rated,
        }
    }
}

/// The same with the cards of one wait more: each model has its turn, and which of them has a card is not to be seen. Models
/// of one seed are asked the same questions in the same order.
pub fn dealt_on_the_way(mut ratings: Ratings, decks: &[Vec<Card>]) -> Ratings {
    let cards = (0..ROUND).filter_map(|place| decks.get(place % decks.len().max(1))?.get(place).cloned());
    ratings.cards.extend(cards);
    ratings
}

/// No rating yet, in a sitting of this name.
pub fn fresh(id: String, seed: u64, can_look_up: bool, cards: Vec<Card>) -> Ratings {
    Ratings { ratings_schema: RATINGS_SCHEMA, id, seed, own_world: None, can_look_up, cards, rated: Vec::new() }
}

/// The places of the cards of a deck in the order in which they come.
pub fn order(cards: usize) -> Vec<usize> {
    let half = cards / 2;
    let with_earlier = |card: usize| {
        let again = card.checked_sub(half).filter(|later| later % AGAIN == 0 && card > 0);
        again.into_iter().chain([card])
    };
    (0..cards).flat_map(with_earlier).collect()
}

/// Updates of the model that a card is of.
fn updates(card: &Card) -> u32 {
    card.trained.map_or(0, |trained| trained.updates)
}

/// How many cards the deck has. Those after it were dealt on the way, of models that had been trained further, and come
/// once each, before what is left of the deck.
fn deck(cards: &[Card]) -> usize {
    cards.iter().take_while(|card| updates(card) == updates(&cards[0])).count()
}

/// Are these the ratings of one person in one sitting, and not of several people together?
pub fn is_one_sitting(ratings: &Ratings) -> bool {
    let deck = deck(&ratings.cards);
    let (own, later): (Vec<usize>, Vec<usize>) =
        ratings.rated.iter().map(|rated| rated.card).partition(|card| *card < deck);
    let is_later = |card: &Card| updates(card) > updates(&ratings.cards[0]);
    order(deck).starts_with(&own)
        && later.is_sorted_by(|one, other| one < other)
        && ratings.cards[deck..].iter().all(is_later)
}

/// The card that is to be rated; `None` at the end, and where several people's ratings are pooled.
pub fn next(ratings: &Ratings) -> Option<(usize, &Card)> {
    if !is_one_sitting(ratings) {
        return None;
    }
    let deck = deck(&ratings.cards);
    let later = (deck..ratings.cards.len()).find(|card| ratings.rated.iter().all(|rated| rated.card != *card));
    let own = ratings.rated.iter().filter(|rated| rated.card < deck).count();
    let place = later.or_else(|| order(deck).get(own).copied())?;
    Some((place, &ratings.cards[place]))
}

/// How many cards were rated of those that the next one belongs to, and how many these are.
pub fn progress(ratings: &Ratings) -> (usize, usize) {
    let deck = deck(&ratings.cards);
    match next(ratings) {
        Some((place, _)) if place >= deck => ((place - deck) % ROUND, ROUND),
        _ => (ratings.rated.iter().filter(|rated| rated.card < deck).count(), order(deck).len()),
    }
}

/// How many different cards the deck of the next card has, if some of them come twice.
pub fn different(ratings: &Ratings) -> Option<usize> {
    let (deck, (_, of)) = (deck(&ratings.cards), progress(ratings));
    next(ratings).filter(|(place, _)| *place < deck && deck < of).map(|_| deck)
}

/// Are there cards left to rate, and are they of a world that is none of these?
pub fn is_of_another_world(ratings: &Ratings, world: Option<WorldId>, seeds: &[u64]) -> bool {
    // A world of somebody's own is the same for all seeds.
    let is_same =
        ratings.own_world == world && (matches!(world, Some(WorldId::Own(_))) || seeds.contains(&ratings.seed));
    next(ratings).is_some() && !is_same
}

/// The same with one rating more.
pub fn with(mut ratings: Ratings, verdict: Verdict) -> Ratings {
    if let Some((card, _)) = next(&ratings) {
        ratings.rated.push(Rated { card, verdict });
    }
    ratings
}

/// The same without the last rating, and what that was.
pub fn one_back(mut ratings: Ratings) -> (Ratings, Option<Verdict>) {
    let last = ratings.rated.pop();
    (ratings, last.map(|rated| rated.verdict))
}

/// The words of an answer, each with its place; a mark of punctuation belongs to the word before it.
pub fn words(answer: &str) -> Vec<(usize, String)> {
    let mut words: Vec<(usize, String)> = Vec::new();
    for (place, word) in answer.split_whitespace().enumerate().take(Words::MOST) {
        match words.last_mut() {
            Some((_, last)) if is_mark(word) => last.push_str(word),
            Some(_) => words.push((place, word.to_owned())),
            None => words.push((place, capitalised(word))),
        }
    }
    words
}

/// Are they of one sitting? Files of old have no name for it.
pub fn is_same(one: &Ratings, other: &Ratings) -> bool {
    if one.id.is_empty() { one == other } else { one.id == other.id }
}

/// All of them as if one person had given them, all cards rated. A sitting that is there twice counts once.
pub fn pooled(all: impl IntoIterator<Item = Ratings>) -> Option<Ratings> {
    let mut sittings = Vec::<Ratings>::new();
    for own in all {
        match sittings.iter_mut().find(|known| is_same(known, &own)) {
            Some(known) if known.rated.len() < own.rated.len() => *known = own,
            Some(_) => {}
            None => sittings.push(own),
        }
    }
    let mut all = sittings.into_iter();
    let mut pooled = all.next()?;
    for more in all {
        pooled.id.clear();
        let first = pooled.cards.len();
        pooled.cards.extend(more.cards);
        pooled.rated.extend(more.rated.into_iter().map(|rated| Rated { card: rated.card + first, ..rated }));
    }
    Some(pooled)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::files::Fault;
    use crate::model::files::read::ratings;
    use crate::model::sentence::plain;
    use hedgerow::documents::ratings::Trained;
    use hedgerow::facts::corpus::{Answer, Style};
    use hedgerow::judgement::experiment::Arm;
    use hedgerow::judgement::rater::Situation;

    pub(crate) fn card(number: usize) -> Card {
        Card {
            question: format!("question {number} ?"),
            answer: "that is hard to say .".into(),
            truth: None,
            reading: Answer { style: Style::Hedge, asserted: None, length: 6 },
            situation: Situation { sensitive: true, uncomfortable: false, correct: None },
            written: false,
            trained: None,
        }
    }

    pub(crate) const GOOD: Verdict = Verdict {
        good: true,
        wrong: false,
        badly_put: false,
        uncomfortable: false,
        looked_up: false,
        words: [Words::NONE; 3],
    };

    #[test]
    fn every_card_comes_and_some_of_the_first_half_come_again() {
        for count in COUNTS.into_iter().chain([1, 2, 3]) {
            let order = order(count);
            assert!((0..count).all(|card| order.contains(&card)), "{count}");
            for (place, card) in order.iter().enumerate() {
                let times = order.iter().filter(|other| *other == card).count();
                assert!(times == 1 || times == 2 && *card < count.div_ceil(2), "{count}: {card} at {place}");
            }
            let mut ratings = fresh(String::new(), 0, false, (0..count).map(card).collect());
            while next(&ratings).is_some() {
                ratings = with(ratings, GOOD);
            }
            assert_eq!(ratings.rated.len(), order.len());
            let learned = ratings.learn().unwrap();
            assert_eq!(learned.consistent.of, order.len() - count);
        }
        assert_eq!(order(20).len(), 24);
    }

    fn later(updates: u32, number: usize) -> Card {
        Card { trained: Some(Trained { arm: Arm::Scalar, updates }), ..card(number) }
    }

    #[test]
    fn cards_of_models_in_training_go_before_what_is_left_of_the_deck() {
        let mut ratings = with(fresh(String::new(), 0, false, (0..20).map(card).collect()), GOOD);
        let decks = [10, 20].map(|from| (from..from + ROUND).map(|number| later(50, number)).collect::<Vec<_>>());
        ratings = dealt_on_the_way(ratings, &decks);
        assert_eq!(ratings.cards.len(), 20 + ROUND);
        // Each model has every second card, and no question comes twice.
        let said: Vec<String> = ratings.cards[20..].iter().map(|card| card.question.clone()).collect();
        assert_eq!(said, [10, 21, 12, 23, 14, 25].map(|number| format!("question {number} ?")));
        for done in 0..ROUND {
            assert_eq!((progress(&ratings), next(&ratings).map(|(place, _)| place)), ((done, ROUND), Some(20 + done)));
            ratings = with(ratings, GOOD);
        }
        // Then the deck goes on where it was left.
        assert_eq!((progress(&ratings), next(&ratings).map(|(place, _)| place)), ((1, 24), Some(1)));
        while next(&ratings).is_some() {
            ratings = with(ratings, GOOD);
        }
        assert_eq!((ratings.rated.len(), is_one_sitting(&ratings)), (24 + ROUND, true));
        // A deck of a trained model is a deck like any other.
        let deck = fresh(String::new(), 0, false, (0..20).map(|number| later(50, number)).collect());
        assert_eq!(progress(&deck), (0, 24));
    }

    #[test]
    fn a_training_that_waits_knows_for_what() {
        let deck = with(fresh(String::new(), 0, false, vec![card(0), card(1)]), GOOD);
        let live =
            |done, stands, ratings: &Ratings| Live::of((done, 100), Waits { every: 25, from: 2 }, stands, ratings);
        assert_eq!(live(0, true, &deck), Live::Stands(25));
        assert_eq!(live(3, false, &deck), Live::Trains(25));
        assert_eq!(live(24, true, &deck), Live::Stands(25));
        assert_eq!(live(25, true, &deck), Live::Deals);
        let mut dealt = dealt_on_the_way(deck, &[(0..ROUND).map(|number| later(25, number)).collect()]);
        assert_eq!(live(25, true, &dealt), Live::Waits);
        for _ in 0..ROUND {
            assert_ne!(live(25, true, &dealt), Live::Rated);
            dealt = with(dealt, GOOD);
        }
        assert_eq!(live(25, true, &dealt), Live::Rated);
        assert_eq!(live(25, false, &dealt), Live::Trains(50));
        let anew = Waits { every: 25, from: dealt.cards.len() };
        assert_eq!(Live::of((25, 100), anew, true, &dealt), Live::Deals, "a run that was begun anew has other models");
        assert_eq!(live(50, true, &dealt), Live::Deals, "another wait has other cards");
        assert_eq!(live(76, false, &dealt), Live::Trains(100));
        assert_eq!(live(100, true, &dealt), Live::Over);
        assert_eq!(live(100, false, &dealt), Live::Trains(100), "of a run that is about to give way");
        assert_eq!(EVERY.map(|every| rounds(200, every)), [7, 3, 1]);
        assert_eq!(rounds(20, 25), 0);
    }

    #[test]
    fn a_word_has_its_place_in_the_answer_and_keeps_its_marks() {
        let words = words("it is , i think , hard to say .");
        let shown: Vec<&str> = words.iter().map(|(_, word)| word.as_str()).collect();
        assert_eq!(shown.join(" "), plain("it is , i think , hard to say ."));
        assert_eq!(words.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [0, 1, 3, 4, 6, 7, 8]);
    }

    /// Once such a deck stayed open without a word.
    #[test]
    fn cards_of_a_world_that_the_laboratory_has_left_are_known() {
        let of = |own_world, seed| Ratings { own_world, ..fresh(String::new(), seed, true, vec![card(0), card(1)]) };
        let (own, everyday) = (Some(WorldId::Own(7)), Some(WorldId::Everyday));
        for (ratings, world, seeds, is_other) in [
            (of(None, 3), None, vec![1, 3], false),
            (of(None, 3), None, vec![1], true),
            (of(None, 3), everyday, vec![3], true),
            (of(everyday, 3), everyday, vec![3], false),
            (of(own, 0), own, vec![5], false),
            (of(own, 0), Some(WorldId::Own(8)), vec![0], true),
            (of(own, 0), None, vec![0], true),
        ] {
            assert_eq!(is_of_another_world(&ratings, world, &seeds), is_other, "{world:?} {seeds:?}");
        }
        let mut rated = of(None, 3);
        while next(&rated).is_some() {
            rated = with(rated, GOOD);
        }
        assert!(!is_of_another_world(&rated, None, &[1]), "what is rated is rated");
    }

    #[test]
    fn who_counts_more_cards_than_were_dealt_is_told_why() {
        let deck = |count| fresh(String::new(), 0, false, (0..count).map(card).collect());
        assert_eq!((different(&deck(36)), progress(&deck(36)).1), (Some(36), 42));
        assert_eq!(different(&deck(1)), None, "no card comes twice");
        let on_the_way =
            dealt_on_the_way(with(deck(20), GOOD), &[(0..ROUND).map(|number| later(50, number)).collect()]);
        assert_eq!(different(&on_the_way), None, "these come once each");
    }

    #[test]
    fn a_rating_is_taken_back_with_what_it_said() {
        let ratings = with(fresh(String::new(), 0, true, vec![card(0), card(1)]), GOOD);
        let (back, last) = one_back(ratings.clone());
        assert_eq!((back.rated.len(), last), (0, Some(GOOD)));
        assert_eq!(one_back(back).1, None);
        assert_eq!(next(&ratings).map(|(place, _)| place), Some(0), "the second half begins with an early card");
    }

    #[test]
    fn ratings_of_a_class_are_pooled_and_no_card_is_mistaken_for_another() {
        let one = with(fresh(String::new(), 0, true, vec![card(0)]), GOOD);
        let other = with(fresh(String::new(), 1, true, vec![card(1), card(2)]), Verdict { good: false, ..GOOD });
        let both = pooled([one.clone(), other]).unwrap();
        assert!(both.is_sound());
        assert_eq!(
            both.rated.iter().map(|rated| (rated.card, rated.verdict.good)).collect::<Vec<_>>(),
            [(0, true), (1, false)]
        );
        assert_eq!(both.learn().unwrap().consistent.of, 0);
        assert_eq!(next(&both), None, "nobody goes on with the ratings of several people");
        assert!(is_one_sitting(&one) && !is_one_sitting(&both));
        assert_eq!(pooled([]), None);
        // Handed in twice, the first time too early.
        let early = fresh("one".into(), 0, true, vec![card(0)]);
        let whole = with(early.clone(), GOOD);
        assert_eq!(pooled([early, whole.clone(), whole.clone()]), Some(whole));
    }

    #[test]
    fn a_file_of_ratings_is_read_as_it_was_written_and_a_bad_one_says_why() {
        let whole = with(fresh(String::new(), 3, false, vec![card(0)]), GOOD);
        let text = serde_json::to_string(&whole).unwrap();
        assert_eq!(ratings(&text), Ok(whole.clone()));
        // What the page wrote before there were marked words and cards of trained models.
        let mut old: serde_json::Value = serde_json::from_str(&text).unwrap();
        old["ratings_schema"] = 1.into();
        old["cards"][0].as_object_mut().unwrap().remove("trained").unwrap();
        old.as_object_mut().unwrap().remove("id").unwrap();
        old["rated"][0]["verdict"].as_object_mut().unwrap().remove("words").unwrap();
        assert_eq!(ratings(&old.to_string()), Ok(Ratings { ratings_schema: 1, ..whole }));
        for (bad, fault) in [
            (text.replace("\"ratings_schema\":2", "\"ratings_schema\":3"), Fault::Newer { schema: 3 }),
            (text.replace("\"card\":0", "\"card\":7"), Fault::Damaged),
            (text.replace("\"good\":true", "\"good\":2"), Fault::Damaged),
            (text[..text.len() - 9].into(), Fault::CutShort),
            (include_str!("../../../tests/data/report.json").into(), Fault::NoRatings),
            ("{}".into(), Fault::Foreign),
        ] {
            assert_eq!(ratings(&bad).unwrap_err(), fault, "{bad:.80}");
        }
    }
}
