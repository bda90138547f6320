//! A sitting with the cards: which of them comes next, which come twice, and what several people's ratings are together.

use hedgerow::documents::ratings::{Card, RATINGS_SCHEMA, Rated, Ratings, Verdict};

/// How many cards there are to choose from.
pub const COUNTS: [usize; 3] = [20, 36, 60];
/// Of the second half of the cards, before every third an early one comes again.
const AGAIN: usize = 3;

/// No rating yet.
pub fn fresh(seed: u64, can_look_up: bool, cards: Vec<Card>) -> Ratings {
    Ratings { ratings_schema: RATINGS_SCHEMA, seed, can_look_up, cards, rated: Vec::new() }
}

/// The places of cards in the order in which they come.
pub fn order(cards: usize) -> Vec<usize> {
    let half = cards / 2;
    let with_earlier = |card: usize| {
        let again = card.checked_sub(half).filter(|later| later % AGAIN == 0 && card > 0);
        again.into_iter().chain([card])
    };
    (0..cards).flat_map(with_earlier).collect()
}

/// The card that is to be rated; `None` at the end, and where several people's ratings are pooled.
pub fn next(ratings: &Ratings) -> Option<(usize, &Card)> {
    let order = order(ratings.cards.len());
    let one_sitting = ratings.rated.iter().zip(&order).all(|(rated, card)| rated.card == *card);
    let place = order.get(ratings.rated.len()).copied().filter(|_| one_sitting)?;
    Some((place, &ratings.cards[place]))
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

/// All of them as if one person had given them, all cards rated.
pub fn pooled(all: impl IntoIterator<Item = Ratings>) -> Option<Ratings> {
    let mut all = all.into_iter();
    let mut pooled = all.next()?;
    for more in all {
        let first = pooled.cards.len();
        pooled.cards.extend(more.cards);
        pooled.rated.extend(more.rated.into_iter().map(|rated| Rated { card: rated.card + first, ..rated }));
    }
    Some(pooled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::files::Fault;
    use crate::model::files::read::ratings;
    use hedgerow::facts::corpus::{Answer, Style};
    use hedgerow::judgement::rater::Situation;

    fn card(number: usize) -> Card {
        Card {
            question: format!("question {number} ?"),
            answer: "that is hard to say .".into(),
            truth: None,
            reading: Answer { style: Style::Hedge, asserted: None, length: 6 },
            situation: Situation { sensitive: true, uncomfortable: false, correct: None },
            written: false,
        }
    }

    const GOOD: Verdict =
        Verdict { good: true, wrong: false, badly_put: false, uncomfortable: false, looked_up: false };

    #[test]
    fn every_card_comes_and_some_of_the_first_half_come_again() {
        for count in COUNTS.into_iter().chain([1, 2, 3]) {
            let order = order(count);
            assert!((0..count).all(|card| order.contains(&card)), "{count}");
            for (place, card) in order.iter().enumerate() {
                let times = order.iter().filter(|other| *other == card).count();
                assert!(times == 1 || times == 2 && *card < count.div_ceil(2), "{count}: {card} at {place}");
            }
            let mut ratings = fresh(0, false, (0..count).map(card).collect());
            while next(&ratings).is_some() {
                ratings = with(ratings, GOOD);
            }
            assert_eq!(ratings.rated.len(), order.len());
            let learned = ratings.learn().unwrap();
            assert_eq!(learned.consistent.of, order.len() - count);
        }
        assert_eq!(order(20).len(), 24);
    }

    #[test]
    fn a_rating_is_taken_back_with_what_it_said() {
        let ratings = with(fresh(0, true, vec![card(0), card(1)]), GOOD);
        let (back, last) = one_back(ratings.clone());
        assert_eq!((back.rated.len(), last), (0, Some(GOOD)));
        assert_eq!(one_back(back).1, None);
        assert_eq!(next(&ratings).map(|(place, _)| place), Some(0), "the second half begins with an early card");
    }

    #[test]
    fn ratings_of_a_class_are_pooled_and_no_card_is_mistaken_for_another() {
        let one = with(fresh(0, true, vec![card(0)]), GOOD);
        let other = with(fresh(1, true, vec![card(1), card(2)]), Verdict { good: false, ..GOOD });
        let both = pooled([one.clone(), other]).unwrap();
        assert!(both.is_sound());
        assert_eq!(
            both.rated.iter().map(|rated| (rated.card, rated.verdict.good)).collect::<Vec<_>>(),
            [(0, true), (1, false)]
        );
        assert_eq!(both.learn().unwrap().consistent.of, 0);
        assert_eq!(next(&both), None, "nobody goes on with the ratings of several people");
        assert_eq!(pooled([]), None);
    }

    #[test]
    fn a_file_of_ratings_is_read_as_it_was_written_and_a_bad_one_says_why() {
        let whole = with(fresh(3, false, vec![card(0)]), GOOD);
        let text = serde_json::to_string(&whole).unwrap();
        assert_eq!(ratings(&text), Ok(whole));
        for (bad, fault) in [
            (text.replace("\"ratings_schema\":1", "\"ratings_schema\":2"), Fault::Newer { schema: 2 }),
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
