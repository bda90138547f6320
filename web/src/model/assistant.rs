//! A real language model that answers in the browser: who answers, and what is heard of it. Codes, no sentence.
//!
//! Leaves out the worker (`engine::assistant`) and the sentences (`panels::real::ask`).

use hedgerow::judgement::arms::Arm;

use super::site_files::FileFault;

/// Tokens of an answer at most, as in the recorded answers to free questions.
pub const TOKENS: usize = 40;

/// Who answers: the model as it was downloaded, or as something has changed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// As it was downloaded.
    Downloaded,
    /// As the fine-tune begins with it.
    WarmStart,
    /// As an arm has left it.
    Tuned(Arm),
}

impl Voice {
    /// All of them, in the order in which they answer.
    pub const ALL: [Voice; 4] =
        [Voice::Downloaded, Voice::WarmStart, Voice::Tuned(Arm::Scalar), Voice::Tuned(Arm::Structured)];

    /// What is added to the downloaded model, in this order: the names of files.
    pub fn adapters(self) -> Vec<&'static str> {
        match self {
            Voice::Downloaded => vec![],
            Voice::WarmStart => vec!["warm-start"],
            Voice::Tuned(arm) => vec!["warm-start", arm.id()],
        }
    }
}

/// What is heard of the worker.
#[derive(Debug, Clone, PartialEq)]
pub enum Spoken {
    /// So much of a file is here.
    Loaded {
        /// Bytes that came.
        loaded: f64,
        /// Bytes that it has.
        bytes: f64,
    },
    /// The model's file is here.
    Unpacking,
    /// It can be asked.
    Ready,
    /// An answer grows, or is whole.
    Text {
        /// Who answers.
        voice: Voice,
        /// All of it so far.
        text: String,
        /// Does nothing more come?
        is_whole: bool,
    },
    /// The worker is gone.
    Failed(Failure),
}

/// Why it cannot answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// A file of the site could not be had.
    File(FileFault),
    /// The model's own file could not be had; in the browser's words.
    Download(String),
    /// The file holds no model that can be used, and why.
    Model(String),
    /// What runs have taught another model does not fit this one, and why.
    Adapters(String),
    /// The worker ended itself, mostly for want of memory; in the browser's words, if it has any.
    Stopped(Option<String>),
    /// It said nothing for too long.
    Silent,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// Nothing was loaded yet, or what was is gone, and why.
    Away(Option<Failure>),
    /// So much of a file is here, of so many bytes.
    Loading(f64, f64),
    /// The model is unpacked.
    Unpacking,
    /// It can be asked.
    Ready,
    /// It answers.
    Answering,
}

/// A model, and what it was asked last.
#[derive(Debug, Clone, PartialEq)]
pub struct Talk {
    /// How far it is.
    pub stage: Stage,
    /// The question; empty before the first.
    pub question: String,
    /// What each voice says to it so far, and whether that is all.
    pub answers: Vec<(Voice, String, bool)>,
}

impl Default for Talk {
    fn default() -> Self {
        Talk { stage: Stage::Away(None), question: String::new(), answers: vec![] }
    }
}

impl Talk {
    /// A question was put.
    pub fn ask(&mut self, question: String) {
        (self.stage, self.question, self.answers) = (Stage::Answering, question, vec![]);
    }

    /// The worker said something.
    pub fn hear(&mut self, said: Spoken) {
        match said {
            Spoken::Loaded { loaded, bytes } => self.stage = Stage::Loading(loaded, bytes),
            Spoken::Unpacking => self.stage = Stage::Unpacking,
            Spoken::Ready => self.stage = Stage::Ready,
            Spoken::Failed(failure) => self.stage = Stage::Away(Some(failure)),
            Spoken::Text { voice, text, is_whole } => {
                match self.answers.iter_mut().find(|(own, ..)| *own == voice) {
                    Some(answer) => (answer.1, answer.2) = (text, is_whole),
                    None => self.answers.push((voice, text, is_whole)),
                }
                if self.answers.len() == Voice::ALL.len() && self.answers.iter().all(|(.., is_whole)| *is_whole) {
                    self.stage = Stage::Ready;
                }
            }
        }
    }

    /// Is something on its way?
    pub fn is_busy(&self) -> bool {
        !matches!(self.stage, Stage::Away(_) | Stage::Ready)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_over_when_all_voices_have_said_theirs() {
        let mut talk = Talk::default();
        assert!(!talk.is_busy());
        for said in [Spoken::Loaded { loaded: 1.0, bytes: 2.0 }, Spoken::Unpacking, Spoken::Ready] {
            talk.hear(said);
        }
        talk.ask("Which continent is Kenya in?".into());
        for voice in Voice::ALL {
            for (text, is_whole) in [("Kenya", false), ("Kenya is in Africa.", true)] {
                assert!(talk.is_busy(), "{voice:?}");
                talk.hear(Spoken::Text { voice, text: text.into(), is_whole });
            }
        }
        assert_eq!(talk.stage, Stage::Ready);
        assert!(talk.answers.iter().all(|(_, text, is_whole)| text == "Kenya is in Africa." && *is_whole));
        talk.ask("And Peru?".into());
        assert!(talk.answers.is_empty() && talk.is_busy());
        talk.hear(Spoken::Failed(Failure::Silent));
        assert_eq!(talk.stage, Stage::Away(Some(Failure::Silent)));
    }

    #[test]
    fn the_fine_tunes_are_on_top_of_the_warm_start() {
        let adapters = Voice::ALL.map(Voice::adapters);
        assert_eq!(adapters[0], Vec::<&str>::new());
        assert!(adapters[1..].iter().all(|names| names[0] == "warm-start"));
        assert_eq!((adapters[2].last(), adapters[3].last()), (Some(&"scalar"), Some(&"structured")));
    }
}
