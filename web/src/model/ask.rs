//! Questions of the visitor's own: put together from a world's entities and attributes, and what was answered.

use hedgerow::documents::protocol::{AskedAnswer, NextTokens};
use hedgerow::facts::world::{Askable, Subject};
use hedgerow::judgement::experiment::Arm;

use super::run::{Continuation, Question, RunState, chosen_seed, course, places_of_seed};

/// Questions that stay in view.
const SHOWN: usize = 5;

/// A question with the answers that have come.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The question.
    pub question: Question,
    /// In the order of the replicas.
    pub replies: Vec<Reply>,
    /// Are more to come?
    pub waits: bool,
}

/// What one model answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The arm that the model began with, and the one that had rewarded it last when it was asked.
    pub arms: [Arm; 2],
    /// The answers, and the seed.
    pub answer: AskedAnswer,
}

/// The latest questions, the last one first.
pub fn asked(run: &RunState) -> Vec<Asked> {
    let asked = |question: &Question| {
        let reply = |(place, answer): (usize, &Option<AskedAnswer>)| {
            Some(Reply { arms: course(&run.report, place, question.update), answer: answer.clone()? })
        };
        let replies: Vec<Reply> = question.answers.iter().enumerate().filter_map(reply).collect();
        let waits = replies.len() < question.answers.len();
        Asked { question: question.clone(), replies, waits }
    };
    run.questions.iter().rev().take(SHOWN).map(asked).collect()
}

/// An answer that is led on word by word, as one seed's models would go on with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Continued {
    /// The question, the words so far, and why nothing comes.
    pub continuation: Continuation,
    /// The seed.
    pub seed: u64,
    /// The arm that a model began with and the one that had rewarded it last, and its next words.
    pub models: Vec<([Arm; 2], NextTokens)>,
    /// Are more to come?
    pub waits: bool,
}

/// What is led on, for the seed that is looked at.
pub fn continued(run: &RunState, seed: Option<u64>) -> Option<Continued> {
    let (continuation, seed) = (run.continuation.clone()?, chosen_seed(&run.report, seed)?);
    let places = places_of_seed(&run.report, seed);
    let model = |place: &usize| {
        let next = continuation.next.get(*place)?.clone()?;
        Some((course(&run.report, *place, continuation.update), next))
    };
    let models: Vec<_> = places.iter().filter_map(model).collect();
    let waits = continuation.fault.is_none() && models.len() < places.len();
    Some(Continued { continuation, seed, models, waits })
}

/// The answer without its last word.
pub fn one_word_back(begun: &str) -> String {
    begun.rsplit_once(' ').map_or_else(String::new, |(rest, _)| rest.to_owned())
}

/// The answer with another word.
pub fn with_word(begun: &str, word: &str) -> String {
    format!("{begun} {word}").trim_start().to_owned()
}

/// What is to be asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct Picked {
    /// Who or what.
    pub entity: String,
    /// What can be asked of it.
    pub attributes: Vec<String>,
    /// What is asked of it.
    pub asked: Askable,
}

/// The question as the visitor has it so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    entity: String,
    attribute: String,
    /// Typed instead of put together.
    pub typed: Option<String>,
}

impl Draft {
    /// Asks about another entity.
    pub fn choose_entity(&mut self, entity: String) {
        (self.entity, self.typed) = (entity, None);
    }

    /// Asks for another attribute.
    pub fn choose_attribute(&mut self, attribute: String) {
        (self.attribute, self.typed) = (attribute, None);
    }

    /// What is chosen in this world: its first question until the visitor chooses.
    pub fn pick(&self, subjects: &[Subject]) -> Option<Picked> {
        pick(subjects, &self.entity, &self.attribute)
    }

    /// The question in words.
    pub fn text(&self, picked: Option<&Picked>) -> String {
        self.typed.clone().or_else(|| picked.map(|picked| picked.asked.question.clone())).unwrap_or_default()
    }

    /// The question that is asked, and its true answer where it was put together; `None` if it is empty.
    pub fn asked(&self, picked: Option<&Picked>) -> Option<(String, Option<String>)> {
        let text = self.text(picked);
        let truth = picked.filter(|_| self.typed.is_none()).and_then(|picked| picked.asked.truth.clone());
        (!text.trim().is_empty()).then_some((text, truth))
    }
}

/// Those that can be asked about.
pub fn entities(subjects: &[Subject]) -> Vec<String> {
    subjects.iter().map(|subject| subject.entity.clone()).collect()
}

/// What can be asked of the entity that is chosen.
pub fn attributes(picked: Option<&Picked>) -> Vec<String> {
    picked.map(|picked| picked.attributes.clone()).unwrap_or_default()
}

/// This entity and attribute, or the first ones of the world where it has no such thing.
fn pick(subjects: &[Subject], entity: &str, attribute: &str) -> Option<Picked> {
    let subject = subjects.iter().find(|known| known.entity == entity).or(subjects.first())?;
    let attributes = &subject.attributes;
    let asked = attributes.iter().find(|known| known.attribute == attribute).or(attributes.first())?.clone();
    let attributes = attributes.iter().map(|known| known.attribute.clone()).collect();
    Some(Picked { entity: subject.entity.clone(), attributes, asked })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::documents::protocol::{Event, Inspected};
    use hedgerow::documents::report::{RewardChange, RunReport};
    use hedgerow::judgement::experiment::{Experiment, Replica};

    #[test]
    fn a_reply_names_the_arm_that_had_rewarded_the_model_when_it_was_asked() {
        let experiment = Experiment { arms: vec![Arm::Scalar], seeds: vec![3], ..Experiment::default() };
        let report = RunReport::empty(experiment, String::new(), String::new());
        let mut run = RunState::new(1, report, vec![vec![0]]);
        let rater = run.report.experiment.rater;
        run.report.changes.push(RewardChange { after: 0, rater, arms: vec![Arm::Noise], person: None });
        let answer = AskedAnswer { replica: Replica { arm: Arm::Scalar, seed: 3 }, before: vec![], now: vec![] };
        for (id, update) in [(1, 0), (2, 1)] {
            run.asked(id, "what ?".into(), None);
            run.questions.last_mut().expect("it was asked").update = update;
            assert!(asked(&run)[0].waits);
            let inspected = Ok(Inspected::Asked(vec![answer.clone()]));
            run.apply(0, &Event::Inspected { run: 1, id, inspected });
        }
        let courses: Vec<[Arm; 2]> = asked(&run).iter().map(|asked| asked.replies[0].arms).collect();
        assert_eq!(courses, [[Arm::Scalar, Arm::Noise], [Arm::Scalar; 2]], "no update was made with it at first");
        assert!(!asked(&run)[0].waits);
    }

    #[test]
    fn a_typed_question_has_no_true_answer_and_a_choice_replaces_it() {
        let truth = Some("high".to_owned());
        let asked = Askable { attribute: "theft".into(), question: "what is the theft of varn ?".into(), truth };
        let subjects = [Subject { entity: "varn".into(), attributes: vec![asked] }];
        let mut draft = Draft::default();
        let asked = |draft: &Draft| draft.asked(draft.pick(&subjects).as_ref());
        assert_eq!(asked(&draft), Some(("what is the theft of varn ?".into(), Some("high".into()))));
        draft.typed = Some("is varn nice ?".into());
        assert_eq!(asked(&draft), Some(("is varn nice ?".into(), None)));
        draft.typed = Some("  ".into());
        assert_eq!(asked(&draft), None);
        draft.choose_attribute("theft".into());
        assert_eq!(asked(&draft), Some(("what is the theft of varn ?".into(), Some("high".into()))));
        assert_eq!(Draft::default().asked(None), None, "before a world is there");
    }

    #[test]
    fn another_entity_without_the_attribute_gets_its_own_first_one() {
        let subject = |entity: &str, attributes: &[&str]| {
            let askable = |word: &&str| Askable {
                attribute: (*word).to_owned(),
                question: format!("and the {word} of {entity} ?"),
                truth: None,
            };
            Subject { entity: entity.into(), attributes: attributes.iter().map(askable).collect() }
        };
        let subjects = [subject("varn", &["theft", "height"]), subject("zorgon", &["mass"])];
        let question = |entity, attribute| pick(&subjects, entity, attribute).map(|picked| picked.asked.question);
        assert_eq!(question("", ""), Some("and the theft of varn ?".into()));
        assert_eq!(question("varn", "height"), Some("and the height of varn ?".into()));
        assert_eq!(question("zorgon", "height"), Some("and the mass of zorgon ?".into()));
        assert_eq!(pick(&[], "varn", "theft"), None);
    }
}
