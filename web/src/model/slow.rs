//! One update in slow motion: the completions of one prompt, and for each of them what leads from its rating to its words'
//! credit, and what the update made of it.

use hedgerow::documents::metrics::CreditedAnswer;
use hedgerow::documents::protocol::{CreditedGroup, UnfoldedAnswer};
use hedgerow::judgement::rater::Rating;
use hedgerow::judgement::spans::Pool;

/// A picture of the update; each follows from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// The prompt and its completions.
    Sample,
    /// What the rater thinks of them.
    Rate,
    /// What the arm makes of that.
    Reward,
    /// How much better that is than the mean of the group.
    Compare,
    /// What became of the words' probabilities.
    Learn,
}

impl Frame {
    /// In their order.
    pub const ALL: [Frame; 5] = [Frame::Sample, Frame::Rate, Frame::Reward, Frame::Compare, Frame::Learn];

    /// Its name among the texts.
    pub fn id(self) -> &'static str {
        match self {
            Frame::Sample => "sample",
            Frame::Rate => "rate",
            Frame::Reward => "reward",
            Frame::Compare => "compare",
            Frame::Learn => "learn",
        }
    }
}

/// A completion, and all that the frames show of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The completion with its rating.
    pub answer: CreditedAnswer,
    /// The rating that the reward model predicts, if it is rewarded in the rater's place.
    pub predicted: Option<Rating>,
    /// Its words.
    pub words: Vec<Word>,
    /// Its rewards against their group.
    pub spans: Vec<Compared>,
    /// How probable the whole answer was, and is: the product of its words, each in 0 … 1.
    pub probability: [f64; 2],
}

/// A word of a completion.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// As it is written.
    pub word: String,
    /// `None` if no reward is about it.
    pub reward: Option<f32>,
    /// What it is credited with.
    pub credit: f32,
    /// Its probability after the words before it, before the update and after it, each in 0 … 1.
    pub probability: [f64; 2],
}

/// A reward, the mean of its group, and what the words were credited with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Compared {
    /// Which words it is about.
    pub about: About,
    /// The reward.
    pub reward: f32,
    /// The mean of the group's rewards of the same pool.
    pub mean: f32,
    /// What the words were credited with.
    pub credit: f32,
}

/// The words that a reward is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// All of the answer.
    Whole,
    /// Those before the value.
    Opening,
    /// The value.
    Content,
}

impl Compared {
    /// Is the credit the reward less the mean, and nothing else?
    pub fn is_plain(self) -> bool {
        (self.reward - self.mean - self.credit).abs() < 1e-4
    }
}

/// The completions of a prompt, in the order in which they were sampled.
pub fn rows(group: &CreditedGroup) -> Vec<Row> {
    group.answers.iter().zip(&group.unfolded).map(|(answer, unfolded)| row(answer, unfolded)).collect()
}

fn row(answer: &CreditedAnswer, unfolded: &UnfoldedAnswer) -> Row {
    let UnfoldedAnswer { predicted, spans, before, now } = unfolded;
    let probability = |logs: &[f32]| logs.iter().map(|log| f64::from(*log)).sum::<f64>().exp();
    let word = |(place, (word, credit)): (usize, &(String, f32))| Word {
        word: word.clone(),
        reward: spans.iter().find(|(span, _)| span.tokens.contains(&place)).map(|(span, _)| span.reward),
        credit: *credit,
        probability: [before, now].map(|logs| logs.get(place).map_or(0.0, |log| f64::from(*log).exp())),
    };
    let compared = |(span, mean): &(hedgerow::judgement::spans::SpanReward, f32)| {
        let about = match span.pool {
            Pool::Opening if span.tokens.len() >= answer.words.len() => About::Whole,
            Pool::Opening => About::Opening,
            Pool::Content => About::Content,
        };
        let credit = answer.words.get(span.tokens.start).map(|(_, credit)| *credit)?;
        (!span.tokens.is_empty()).then_some(Compared { about, reward: span.reward, mean: *mean, credit })
    };
    Row {
        answer: answer.clone(),
        predicted: *predicted,
        words: answer.words.iter().enumerate().map(word).collect(),
        spans: spans.iter().filter_map(compared).collect(),
        probability: [before, now].map(|logs| probability(logs)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::documents::metrics::Outcome;
    use hedgerow::judgement::experiment::{Arm, Replica};
    use hedgerow::judgement::spans::SpanReward;

    #[test]
    fn the_frames_of_a_row_follow_from_one_another() {
        let words = [("it", 0.5), ("is", 0.5), ("low", -0.25), (".", 0.0), ("∎", 0.0)];
        let answer = CreditedAnswer {
            question: String::new(),
            truth: String::new(),
            outcome: Outcome::True,
            strategy: None,
            rating: Rating::default(),
            words: words.map(|(word, credit)| (word.to_owned(), credit)).to_vec(),
        };
        let span = |tokens, reward, pool| SpanReward { tokens, reward, pool };
        let spans = vec![(span(0..2, 1.0, Pool::Opening), 0.5), (span(2..3, 0.5, Pool::Content), 0.75)];
        let (before, now) = (vec![0.5_f32.ln(); 5], vec![1.0_f32.ln(); 5]);
        let unfolded = UnfoldedAnswer { predicted: None, spans, before, now };
        let replica = Replica { arm: Arm::Structured, seed: 0 };
        let group = CreditedGroup { replica, update: 1, prompts: 1, answers: vec![answer], unfolded: vec![unfolded] };
        let row = rows(&group).remove(0);
        assert_eq!(
            row.words.iter().map(|word| word.reward).collect::<Vec<_>>(),
            [Some(1.0), Some(1.0), Some(0.5), None, None]
        );
        let about: Vec<_> = row.spans.iter().map(|own| (own.about, own.credit, own.is_plain())).collect();
        assert_eq!(about, [(About::Opening, 0.5, true), (About::Content, -0.25, true)]);
        assert!((row.probability[0] - 1.0 / 32.0).abs() < 1e-6 && row.probability[1] == 1.0, "{:?}", row.probability);
        assert!((row.words[0].probability[0] - 0.5).abs() < 1e-6);
    }
}
