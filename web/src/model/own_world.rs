//! A world of the visitor's own: what is kept of it, the file that it is saved as, and how large it may be.
//!
//! The small case, a world from lists of words, is in [`simple`], and its facts as a spreadsheet has them in [`sheet`]. Leaves out what is true in a world and how a model is
//! trained on it, which are the core's, and where it is kept (`storage::worlds`).

pub mod sheet;
pub mod simple;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hedgerow::documents::named_facts::NamedFacts;
use hedgerow::documents::own_world::{Exam, Recipe, SCHEMA, TrainedModel, WorldFile};
use hedgerow::facts::corpus::Corpus;
use hedgerow::facts::world::{Misplaced, World};
use hedgerow::judgement::experiment::WorldId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The most questions that a world has: three times those of the site's worlds. A model of the site's size learned so
/// many in 4,250 of 5,000 steps (LOG.md, 2026-11-27), and nobody has tried more.
pub const MOST_FACTS: usize = 732;
/// The most words of a world: about three times those of the site's worlds.
pub const MOST_WORDS: usize = 384;
/// The most tokens of a question with its answer.
pub const MOST_TOKENS: usize = 48;
/// Widths that a model can have, and numbers of blocks.
pub const WIDTHS: [usize; 4] = [32, 48, 64, 96];
/// See [`WIDTHS`].
pub const LAYERS: [usize; 3] = [2, 3, 4];
/// The most steps that a model is trained for.
pub const MOST_STEPS: u32 = 20_000;
/// Characters of a world's name: a line on a phone, twice.
pub const LONGEST_NAME: usize = 80;

/// A world, and what came of training models on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OwnWorld {
    /// The world file.
    pub world: String,
    /// How its models are trained.
    pub recipe: Recipe,
    /// The tokenizer file; empty before a model is trained.
    pub tokenizer: String,
    /// Models that are trained, by their seeds.
    pub models: Vec<Model>,
    /// Trainings that have begun.
    pub begun: Vec<Begun>,
}

/// A trained model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Its seed.
    pub seed: u64,
    /// Steps that it took.
    pub steps: u32,
    /// What it knows.
    pub exam: Exam,
    /// The safetensors file.
    pub checkpoint: Vec<u8>,
}

/// A training that goes on, or that was left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Begun {
    /// The model's seed.
    pub seed: u64,
    /// Steps done when the state was taken.
    pub step: u32,
    /// Where it goes on; empty at its beginning.
    pub state: Vec<u8>,
    /// Steps and loss.
    pub losses: Vec<(u32, f32)>,
    /// Steps and what the model knew.
    pub exams: Vec<(u32, Exam)>,
}

/// A world that another build of the page has kept: the parts that every build reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignWorld {
    /// Its name in the storage.
    pub id: String,
    /// The world file.
    pub world: String,
    /// The tokenizer file; empty before a model is trained.
    pub tokenizer: String,
    /// Seeds and safetensors files of its models.
    pub models: Vec<(u64, Vec<u8>)>,
    /// What only its own build can read.
    pub whole: Vec<u8>,
}

/// A world by what a link calls it, and what people call it.
pub type WorldName = (WorldId, String);

/// What people call the world of a world file, if the file says so.
pub fn name_of(world: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        name: String,
    }
    serde_json::from_str(world).ok().map(|Named { name }| name)
}

impl ForeignWorld {
    /// What people call it; its name in the storage if the file does not say.
    pub fn name(&self) -> String {
        name_of(&self.world).unwrap_or_else(|| self.id.clone())
    }

    /// All of it as files, laid out as the command line reads base models (`--bases`).
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let seeds: Vec<u64> = self.models.iter().map(|(seed, _)| *seed).collect();
        let own = |(seed, checkpoint): &(u64, Vec<u8>)| {
            let world = (format!("world-{seed}.json"), self.world.clone().into_bytes());
            [world, (format!("base-{seed}.safetensors"), checkpoint.clone())]
        };
        let index = serde_json::json!({ "seeds": seeds }).to_string();
        let texts = [("world.json", &self.world), ("tokenizer.json", &self.tokenizer), ("index.json", &index)];
        let texts = texts.into_iter().map(|(name, text)| (name.to_owned(), text.clone().into_bytes()));
        texts.chain(self.models.iter().flat_map(own)).collect()
    }
}

/// A world that the page knows of, and what is read from it once.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// What is kept of it.
    pub own: OwnWorld,
    /// Names it.
    pub id: WorldId,
    /// What people call it.
    pub name: String,
    /// How large it is.
    pub extent: Extent,
}

/// How large a world is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Who or what can be asked about.
    pub entities: usize,
    /// Questions.
    pub facts: usize,
    /// Different words.
    pub words: usize,
}

impl Known {
    /// Reads it.
    pub fn of(own: OwnWorld) -> Self {
        let corpus = own.corpus();
        let (entities, facts) = (corpus.world().entities.len(), corpus.facts.len());
        let extent = Extent { entities, facts, words: corpus.vocabulary.len() };
        Known { id: own.id(), name: corpus.world().name.clone(), extent, own }
    }
}

/// Why a text is no world to train on.
#[derive(Debug, Clone, PartialEq)]
pub enum Flaw {
    /// The core says why, and where.
    World(Misplaced),
    /// What stands beside the world in a file with models cannot be read, from this line on.
    Beside(usize),
    /// It has more of something than was found to work.
    TooLarge {
        /// What there is too much of.
        what: Size,
        /// How much the world has.
        has: usize,
        /// How much it may have.
        most: usize,
    },
    /// It has no name, or one that fits nowhere.
    Name,
    /// It asks for a model that the page does not train.
    Recipe,
    /// A newer page wrote the file.
    Newer,
    /// A model in the file cannot be read.
    Checkpoint(u64),
}

/// What a world may have too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Questions.
    Facts,
    /// Different words.
    Words,
    /// Tokens of a question with its answer.
    Tokens,
}

/// What tells a file with models from a world file.
#[derive(Deserialize)]
struct Head {
    hedgerow_world: u32,
}

impl OwnWorld {
    /// A world with its models from a file that has them, or without models, and with this recipe, from a world file.
    ///
    /// # Errors
    /// Why it can be neither.
    pub fn of_text(text: &str, recipe: Recipe) -> Result<Self, Flaw> {
        // One pass over a file with models, which is long, and another only to say what is wrong.
        let file = serde_json::from_str::<WorldFile>(text).map_err(|error| (error, serde_json::from_str::<Head>(text)));
        match file {
            Ok(WorldFile { hedgerow_world, .. }) | Err((_, Ok(Head { hedgerow_world }))) if hedgerow_world > SCHEMA => {
                Err(Flaw::Newer)
            }
            Err((_, Err(_))) => OwnWorld::new(text, recipe),
            Err((error, Ok(_))) => {
                World::read(text, &["world"]).map_err(Flaw::World)?;
                Err(Flaw::Beside(error.line()))
            }
            Ok(file) => {
                let world = World::read(text, &["world"]).map_err(Flaw::World)?;
                let own = OwnWorld::of(world, file.recipe)?;
                let model = |TrainedModel { seed, steps, exam, checkpoint }| match BASE64_STANDARD.decode(checkpoint) {
                    Ok(checkpoint) => Ok(Model { seed, steps, exam, checkpoint }),
                    Err(_) => Err(Flaw::Checkpoint(seed)),
                };
                let models = file.models.into_iter().map(model).collect::<Result<_, _>>()?;
                Ok(OwnWorld { tokenizer: file.tokenizer, models, ..own })
            }
        }
    }

    /// A world without models.
    ///
    /// # Errors
    /// Why the text is no world that can be trained on.
    pub fn new(text: &str, recipe: Recipe) -> Result<Self, Flaw> {
        OwnWorld::of(World::read(text, &[]).map_err(Flaw::World)?, recipe)
    }

    /// A world that was read, without models.
    fn of(world: World, recipe: Recipe) -> Result<Self, Flaw> {
        let Recipe { steps, width, layers } = recipe;
        if !(1..=MOST_STEPS).contains(&steps) || !WIDTHS.contains(&width) || !LAYERS.contains(&layers) {
            return Err(Flaw::Recipe);
        }
        if world.name.trim().is_empty() || world.name.chars().count() > LONGEST_NAME {
            return Err(Flaw::Name);
        }
        let text = world.to_json();
        let corpus = Corpus::new(world);
        for (what, has, most) in [
            (Size::Facts, corpus.facts.len(), MOST_FACTS),
            (Size::Words, corpus.vocabulary.len(), MOST_WORDS),
            (Size::Tokens, corpus.layout.context(), MOST_TOKENS),
        ] {
            if has > most {
                return Err(Flaw::TooLarge { what, has, most });
            }
        }
        Ok(OwnWorld { world: text, recipe, tokenizer: String::new(), models: Vec::new(), begun: Vec::new() })
    }

    /// Names it: the beginning of a digest of the world and the recipe.
    pub fn id(&self) -> WorldId {
        let recipe = serde_json::to_string(&self.recipe).unwrap_or_default();
        let digest = Sha256::digest(format!("{}\n{recipe}", self.world));
        WorldId::Own(digest.iter().take(8).fold(0, |id, byte| id << 8 | u64::from(*byte)))
    }

    /// The world's sentences and facts.
    ///
    /// # Panics
    /// If the world is none, which [`OwnWorld::new`] has seen to.
    pub fn corpus(&self) -> Corpus {
        Corpus::new(World::from_json(&self.world).expect("a world that was read before"))
    }

    /// What its facts are called, for each of its models: they all know the same.
    pub fn named_facts(&self) -> Vec<NamedFacts> {
        let corpus = self.corpus();
        let named = NamedFacts { world: corpus.world().name.clone(), ..NamedFacts::of(&corpus) };
        self.models.iter().map(|model| NamedFacts { seed: model.seed, ..named.clone() }).collect()
    }

    /// As a file of JSON.
    pub fn to_file(&self) -> String {
        let model = |Model { seed, steps, exam, checkpoint }: &Model| TrainedModel {
            seed: *seed,
            steps: *steps,
            exam: *exam,
            checkpoint: BASE64_STANDARD.encode(checkpoint),
        };
        let world = self.corpus().world().clone();
        let (recipe, tokenizer) = (self.recipe, self.tokenizer.clone());
        let models = self.models.iter().map(model).collect();
        let file = WorldFile { hedgerow_world: SCHEMA, world, recipe, tokenizer, models };
        serde_json::to_string_pretty(&file).unwrap_or_default()
    }

    /// Takes a trained model in, in place of one of its seed and of its training.
    pub fn add(&mut self, tokenizer: String, model: Model) {
        self.tokenizer = tokenizer;
        self.begun.retain(|begun| begun.seed != model.seed);
        self.models.retain(|other| other.seed != model.seed);
        self.models.push(model);
        self.models.sort_by_key(|model| model.seed);
    }

    /// Takes over what another has of the same world.
    pub fn merge(&mut self, other: OwnWorld) {
        for model in other.models {
            self.add(other.tokenizer.clone(), model);
        }
    }

    /// The next seed that no model and no training has.
    pub fn next_seed(&self) -> u64 {
        let taken = |seed: &u64| {
            self.models.iter().any(|model| model.seed == *seed) || self.begun.iter().any(|begun| begun.seed == *seed)
        };
        (0..).find(|seed| !taken(seed)).unwrap_or_default()
    }
}

/// The time of a step of training, and of an update, relative to those of the site's models: what is multiplied in the
/// blocks and at the head.
pub fn cost(recipe: Recipe, words: usize) -> f64 {
    let multiplied = |width: usize, layers: usize, words: usize| (12 * width * width * layers + width * words) as f64;
    let site = Recipe::default();
    multiplied(recipe.width, recipe.layers, words) / multiplied(site.width, site.layers, 122)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<OwnWorld, Flaw> {
        OwnWorld::of_text(text, Recipe::default())
    }

    fn own() -> OwnWorld {
        let mut own = OwnWorld::new(&World::generate(4).to_json(), Recipe::default()).unwrap();
        let exam = Exam { forced_choice: 1.0, verification: 0.995 };
        own.add("words".into(), Model { seed: 2, steps: 750, exam, checkpoint: vec![0, 255, 7] });
        own
    }

    #[test]
    fn a_world_with_its_models_comes_back_from_its_file() {
        let own = own();
        assert_eq!(read(&own.to_file()), Ok(own.clone()));
        // A world file is a world without models, and of the same name if the recipe is.
        let world = read(&own.world).unwrap();
        assert!(world.models.is_empty() && world.id() == own.id());
        let larger = OwnWorld { recipe: Recipe { width: 96, ..own.recipe }, ..own.clone() };
        assert_ne!(larger.id(), own.id());
        // However it is laid out.
        let squeezed: String = own.world.lines().map(str::trim).collect();
        assert_eq!(read(&squeezed).unwrap().id(), own.id());
    }

    #[test]
    fn a_broken_file_is_refused_with_its_line() {
        let own = own();
        let newer = own.to_file().replace("\"hedgerow_world\": 1", "\"hedgerow_world\": 2");
        assert_eq!(read(&newer), Err(Flaw::Newer));
        let damaged = own.to_file().replace("\"AP8H\"", "\"A*8H\"");
        assert_eq!(read(&damaged), Err(Flaw::Checkpoint(2)));
        let huge = own.to_file().replace("\"width\": 64", "\"width\": 6400000");
        assert_eq!(read(&huge), Err(Flaw::Recipe));
        for name in [String::new(), " ".into(), "a".repeat(LONGEST_NAME + 1)] {
            let world = World { name, ..World::generate(0) };
            assert_eq!(read(&world.to_json()), Err(Flaw::Name), "{}", world.name);
        }
        // A fault of the world in a file with models has its line in the file.
        let entity = World::generate(4).entities[3].word.clone();
        let (word, spaced) = (format!("\"word\": \"{entity}\""), format!("\"word\": \"{entity} two\""));
        for text in [own.to_file(), own.world.clone()] {
            let line = text.lines().position(|line| line.contains(&word)).unwrap() + 1;
            match read(&text.replace(&word, &spaced)) {
                Err(Flaw::World(misplaced)) => assert_eq!(misplaced.line, line, "{misplaced}"),
                other => panic!("{other:?}"),
            }
        }
        // What stands beside the world is no fault of the world.
        let odd = own.to_file().replace("\"recipe\"", "\"receipt\"");
        assert!(matches!(read(&odd), Err(Flaw::Beside(line)) if line > own.world.lines().count()), "{:?}", read(&odd));
    }

    #[test]
    fn a_world_that_is_too_large_says_of_what_it_has_too_much() {
        let mut world = World::generate(4);
        let few = world.entities.clone();
        for round in 0..9 {
            world.entities.extend(few.iter().cloned().map(|mut entity| {
                entity.word = format!("{}{round}", entity.word);
                entity
            }));
        }
        let flaw = OwnWorld::new(&world.to_json(), Recipe::default()).unwrap_err();
        assert!(matches!(flaw, Flaw::TooLarge { what: Size::Facts, has, most: MOST_FACTS } if has > MOST_FACTS));
    }

    #[test]
    fn a_world_of_another_build_can_be_handed_on() {
        let foreign = ForeignWorld {
            id: "00ff".into(),
            world: own().world,
            tokenizer: "words".into(),
            models: vec![(2, vec![0, 255, 7])],
            whole: vec![],
        };
        assert_eq!(foreign.name(), World::generate(4).name);
        let files = foreign.files();
        let of = |name: &str| files.iter().find(|(own, _)| own == name).map(|(_, bytes)| bytes.as_slice());
        assert_eq!(of("base-2.safetensors"), Some(&[0, 255, 7][..]));
        assert_eq!(of("world-2.json"), of("world.json"));
        assert_eq!(of("index.json"), Some(&br#"{"seeds":[2]}"#[..]));
        // The page takes the world back, whatever else the archive holds.
        assert_eq!(read(std::str::from_utf8(of("world.json").unwrap()).unwrap()).unwrap().id(), own().id());
        assert_eq!(ForeignWorld { world: "{".into(), ..foreign }.name(), "00ff");
    }

    #[test]
    fn trainings_and_models_have_seeds_of_their_own() {
        let mut own = own();
        assert_eq!(own.next_seed(), 0);
        own.begun.push(Begun { seed: 0, step: 0, state: vec![], losses: vec![], exams: vec![] });
        assert_eq!(own.next_seed(), 1);
        let mut other = self::own();
        other.models[0].seed = 0;
        own.merge(other);
        assert_eq!(own.models.iter().map(|model| model.seed).collect::<Vec<_>>(), [0, 2]);
        assert!(own.begun.is_empty(), "the model of this seed is there");
        assert_eq!(own.named_facts().len(), 2);
    }

    #[test]
    fn what_a_model_costs_is_told_in_those_of_the_site() {
        assert_eq!(cost(Recipe::default(), 122), 1.0);
        let double = cost(Recipe { width: 96, ..Recipe::default() }, 122);
        assert!(2.0 < double && double < 2.3, "{double}");
    }
}
