//! Links of today: `name=value` pairs that say what differs from a preset.
//!
//! `s` is the version, `rater` the preset, `arms` and `seeds` are lists, `reward_model` says whether there is
//! one and what it predicts, `person` is the weights of somebody who rates in the rater's place, `world` names a world of
//! somebody's own, `view`, `engine` and `at` belong to the page. Every other name is the path of one of the core's
//! settings, so that a new setting needs no new version.

use hedgerow::documents::protocol::EnginePreference;
use hedgerow::judgement::experiment::{Arm, Experiment, RewardHeads, RewardModelConfig, WorldId};
use hedgerow::judgement::person::Person;
use hedgerow::judgement::rater::RaterPreset;
use hedgerow::judgement::settings::{CHOICES, Choice, SETTINGS, Setting, choice, setting};

use super::{Allowed, LinkState, Opened, Problem, ViewMode, shortened};

const VERSION: u32 = 4;
/// The parameter that holds the place on the page.
pub(super) const PLACE: &str = "at";
/// More seeds than this are no comparison that a page can show, and minutes of base models.
const MOST_SEEDS: usize = 64;

const RATERS: [(&str, RaterPreset); 2] = {
    let [a, b] = RaterPreset::ALL;
    [(a.id(), a), (b.id(), b)]
};
const HEADS: [(&str, Option<RewardHeads>); 3] =
    [("none", None), ("scalar", Some(RewardHeads::Scalar)), ("reasons", Some(RewardHeads::Reasons))];
const VIEWS: [(&str, ViewMode); 2] = [("side-by-side", ViewMode::SideBySide), ("single", ViewMode::Single)];
const ENGINES: [(&str, EnginePreference); 3] =
    [("auto", EnginePreference::Auto), ("cpu", EnginePreference::Cpu), ("gpu", EnginePreference::Gpu)];

/// Parameters that say nothing of settings: a result (`model::sent`), and what other programs append, to find out where a
/// visitor comes from.
const FOREIGN: [&str; 19] = [
    "_ga",
    "_gl",
    "dclid",
    "fbclid",
    "gbraid",
    "gclid",
    "igsh",
    "igshid",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "msclkid",
    super::RESULT,
    "si",
    "ttclid",
    "twclid",
    "wbraid",
    "yclid",
];
const FOREIGN_FAMILY: &str = "utm_";

/// Characters that a parameter has at most when it is shown.
const SHOWN: usize = 40;

/// One change to the preset's experiment.
enum Change {
    Arms(Vec<Arm>),
    Seeds(Vec<u64>),
    RewardModel(Option<RewardHeads>),
    Person(Person),
    World(WorldId),
    Choice(&'static Choice, usize),
    Number(&'static Setting, f64),
}

/// The settings as a fragment, by the preset that needs fewer words.
pub(super) fn encode(state: &LinkState) -> String {
    let [first, second] = RATERS.map(|(_, preset)| difference(state, preset));
    let shorter = if second.len() < first.len() { second } else { first };
    shorter.join("&")
}

fn difference(state: &LinkState, preset: RaterPreset) -> Vec<String> {
    let mut parts = vec![format!("s={VERSION}")];
    parts.extend(named("rater", &RATERS, preset));
    let experiment = &state.experiment;
    let mut known = start(preset, state.mode);
    if known.arms != experiment.arms {
        parts.push(format!("arms={}", list(experiment.arms.iter().map(|arm| arm.id()))));
    }
    if known.seeds != experiment.seeds {
        parts.push(format!("seeds={}", list(&experiment.seeds)));
    }
    if let Some(model) = experiment.reward_model {
        // The ratings that the core would offer need not be said.
        known.reward_model = Some(reward_model(&known, model.heads));
    }
    parts.extend(named("reward_model", &HEADS, experiment.reward_model.map(|model| model.heads)));
    if let Some(person) = &experiment.person {
        parts.push(format!("person={}", list(person.weights().map(shortest))));
    }
    parts.extend(experiment.own_world.map(|world| format!("world={world}")));
    for choice in CHOICES {
        let option = (choice.get)(experiment);
        if (choice.get)(&known) != option {
            parts.push(format!("{}={}", choice.path, choice.options[option]));
        }
    }
    for setting in SETTINGS {
        let value = (setting.get)(experiment);
        if (setting.get)(&known).to_bits() != value.to_bits() {
            let text = if setting.integer { value.to_string() } else { shortest(value as f32) };
            parts.push(format!("{}={text}", setting.path));
        }
    }
    parts.extend(named("view", &VIEWS, state.mode));
    parts.extend(named("engine", &ENGINES, state.engine));
    parts
}

/// A parameter with one of its names. The first of them is the default and is not said.
fn named<T: PartialEq>(name: &str, options: &[(&str, T)], value: T) -> Option<String> {
    options[1..].iter().find(|(_, option)| *option == value).map(|(option, _)| format!("{name}={option}"))
}

fn list<T: ToString>(members: impl IntoIterator<Item = T>) -> String {
    members.into_iter().map(|member| member.to_string()).collect::<Vec<_>>().join(",")
}

/// A reward model with these heads, and with as many ratings as the core proposes where there is none.
fn reward_model(experiment: &Experiment, heads: RewardHeads) -> RewardModelConfig {
    let ratings = setting("reward_model.ratings").map_or(0.0, |setting| (setting.get)(experiment));
    RewardModelConfig { ratings: ratings as u32, heads }
}

/// The fewest digits that are read back as the same number; with an exponent where zeros would be many.
fn shortest(value: f32) -> String {
    let (plain, scientific) = (value.to_string(), format!("{value:e}"));
    if plain.len() > scientific.len() + 3 { scientific } else { plain }
}

/// What a link changes: the preset, with one arm if one model is looked at.
fn start(preset: RaterPreset, mode: ViewMode) -> Experiment {
    let mut experiment = Experiment::preset(preset);
    if mode == ViewMode::Single {
        experiment.arms.truncate(1);
    }
    experiment
}

/// The fragment as it was before mail and chat programs got hold of it: percent-encoding undone, more
/// than once where it was done more than once, characters that cannot be seen taken out.
pub(super) fn plain(fragment: &str) -> String {
    let mut text = fragment.to_owned();
    for _ in 0..3 {
        let decoded = percent_decoded(&text);
        if decoded == text {
            break;
        }
        text = decoded;
    }
    text.retain(|char| !char.is_whitespace() && !char.is_control() && !is_invisible(char));
    text.replace("&amp;", "&")
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let hex = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (byte, hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 3;
            }
            _ => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Zero-width characters, direction marks, the soft hyphen, the byte-order mark.
fn is_invisible(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Without the quotes and brackets around a link and the punctuation after it.
fn trimmed(text: &str) -> &str {
    let around = |char: char| "\"'`<>()[]{}«»‹›„“”‚‘’*+".contains(char);
    text.trim_start_matches(around).trim_end_matches(|char| around(char) || ".,:!…".contains(char))
}

/// Reads a fragment that was made plain.
pub(super) fn decode(fragment: &str) -> Opened {
    if !fragment.contains('=') {
        return place_alone(trimmed(fragment));
    }
    let mut reader = Reader::default();
    for part in fragment.split(['&', '?', ';', '#']) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let (name, value) = (trimmed(name), trimmed(value));
        if name.is_empty() || FOREIGN.contains(&name) || name.starts_with(FOREIGN_FAMILY) {
            continue;
        }
        if let Err(problem) = reader.read(name, value) {
            reader.problems.push(problem);
        }
    }
    reader.finish()
}

/// What a plain fragment says under a name.
pub(super) fn value<'a>(fragment: &'a str, name: &str) -> Option<&'a str> {
    let mut parts = fragment.split(['&', '?', ';', '#']).filter_map(|part| part.split_once('='));
    parts.find(|(own, _)| trimmed(own) == name).map(|(_, value)| trimmed(value))
}

/// An anchor, which says nothing about settings.
fn place_alone(text: &str) -> Opened {
    match place(text) {
        Some(place) => Opened { place: Some(place), ..Opened::default() },
        None if text.is_empty() => Opened::default(),
        None => Opened::with(Problem::Unreadable),
    }
}

/// The `id` of an element of the page, as they are written there.
fn place(text: &str) -> Option<String> {
    let plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
    (text.starts_with(|char: char| char.is_ascii_lowercase()) && text.len() <= 64 && text.chars().all(plain))
        .then(|| text.to_owned())
}

/// What has been read of a link.
#[derive(Default)]
struct Reader {
    seen: Vec<&'static str>,
    preset: Option<RaterPreset>,
    changes: Vec<Named>,
    mode: Option<ViewMode>,
    engine: Option<EnginePreference>,
    place: Option<String>,
    problems: Vec<Problem>,
}

/// A change as the link has it.
struct Named {
    name: &'static str,
    value: String,
    change: Change,
}

impl Reader {
    fn read(&mut self, name: &str, value: &str) -> Result<(), Problem> {
        let name = known(name).ok_or_else(|| Problem::UnknownParameter { name: shown(name) })?;
        if self.seen.contains(&name) {
            return Err(Problem::Repeated { name: name.to_owned(), value: shown(value) });
        }
        self.seen.push(name);
        let change = match name {
            "s" => return version(value),
            "rater" => return one_of(name, value, &RATERS).map(|preset| self.preset = Some(preset)),
            "view" => return one_of(name, value, &VIEWS).map(|mode| self.mode = Some(mode)),
            "engine" => return one_of(name, value, &ENGINES).map(|engine| self.engine = Some(engine)),
            PLACE => {
                self.place = place(value);
                return Ok(());
            }
            "arms" => Change::Arms(self.members(name, value, &ARMS)?),
            "reward_model" => Change::RewardModel(one_of(name, value, &HEADS)?),
            "person" => Change::Person(person(name, value)?),
            "world" => Change::World(value.parse().map_err(|_| Problem::NoSuchWorld)?),
            "seeds" => Change::Seeds(self.members(name, value, &SEEDS)?),
            path => match (setting(path), choice(path)) {
                (Some(setting), _) => Change::Number(setting, number(setting, value)?),
                (None, Some(choice)) => Change::Choice(choice, option(choice, value)?),
                (None, None) => return Err(Problem::UnknownParameter { name: shown(path) }),
            },
        };
        self.changes.push(Named { name, value: shown(value), change });
        Ok(())
    }

    /// The members of a list. Those that cannot be read, and those that come a second time, are named,
    /// and the others hold.
    fn members<T: PartialEq>(&mut self, name: &str, value: &str, kind: &List<T>) -> Result<Vec<T>, Problem> {
        let count = value.split(',').count();
        if count > kind.most {
            return Err(Problem::TooMany { name: name.to_owned(), count, most: kind.most });
        }
        let bad = |text| Problem::BadValue { name: name.to_owned(), value: shown(text), allowed: (kind.allowed)() };
        let mut members = Vec::new();
        for text in value.split(',').map(trimmed) {
            match (kind.read)(text) {
                Some(member) if members.contains(&member) => {
                    self.problems.push(Problem::Repeated { name: name.to_owned(), value: shown(text) });
                }
                Some(member) => members.push(member),
                None => self.problems.push(bad(text)),
            }
        }
        // The members are named already; an empty list would be named a second time.
        match (members.is_empty(), self.problems.pop()) {
            (true, Some(last)) => Err(last),
            (_, last) => {
                self.problems.extend(last);
                Ok(members)
            }
        }
    }

    /// The settings with every change that can be made, and the names of those that cannot.
    fn finish(self) -> Opened {
        let Reader { preset, changes, mode, engine, place, mut problems, .. } = self;
        let mode = mode.unwrap_or(ViewMode::SideBySide);
        let start = start(preset.unwrap_or(RATERS[0].1), mode);
        let (experiment, refused) = together(&start, &changes);
        problems.extend(
            refused.into_iter().map(|Named { name, value, .. }| Problem::Contradicts {
                name: (*name).to_owned(),
                value: value.clone(),
            }),
        );
        let engine = engine.unwrap_or(EnginePreference::Auto);
        let mut state = LinkState { experiment, mode, engine };
        state.look_at_one();
        Opened { state: Some(state), place, problems: shortened(problems) }
    }
}

/// The experiment with as many of the changes as go together, and the changes that do not.
///
/// Single changes are fine by themselves here; what can be wrong is that one contradicts another or the
/// preset. The core knows how; this only tries. A pair can be right where each alone is wrong, as an
/// interval and its multiple are.
fn together<'a>(start: &Experiment, changes: &'a [Named]) -> (Experiment, Vec<&'a Named>) {
    let with = |kept: &[usize]| {
        let mut experiment = start.clone();
        let changes = || kept.iter().map(|index| &changes[*index].change);
        // A choice may bring a setting into being, so it comes first.
        for change in changes().filter(|change| !matches!(change, Change::Number(..))).chain(changes()) {
            change.apply(&mut experiment);
        }
        let holds = experiment.validate().is_ok() && changes().all(|change| change.holds(&experiment));
        holds.then_some(experiment)
    };
    let mut kept: Vec<usize> = Vec::new();
    let mut waiting: Vec<usize> = (0..changes.len()).collect();
    if let Some(experiment) = with(&waiting) {
        return (experiment, Vec::new());
    }
    let mut experiment = start.clone();
    loop {
        let pairs = waiting.iter().flat_map(|first| waiting.iter().map(move |second| [*first, *second]));
        let singles = waiting.iter().map(|index| [*index; 2]);
        let next = singles.chain(pairs).find_map(|more| Some((with(&[&kept[..], &more].concat())?, more)));
        let Some((larger, more)) = next else { break };
        experiment = larger;
        kept.extend(more);
        waiting.retain(|index| !more.contains(index));
    }
    (experiment, waiting.into_iter().map(|index| &changes[index]).collect())
}

impl Change {
    fn apply(&self, experiment: &mut Experiment) {
        match self {
            Change::Arms(arms) => experiment.arms.clone_from(arms),
            Change::Seeds(seeds) => experiment.seeds.clone_from(seeds),
            Change::RewardModel(heads) => experiment.reward_model = heads.map(|heads| reward_model(experiment, heads)),
            Change::Person(person) => experiment.person = Some(Box::new(*person)),
            Change::World(world) => experiment.own_world = Some(*world),
            Change::Choice(choice, option) => (choice.set)(experiment, *option),
            Change::Number(setting, value) => (setting.set)(experiment, *value),
        }
    }

    /// A number of something that the experiment lacks cannot be set.
    fn holds(&self, experiment: &Experiment) -> bool {
        match self {
            Change::Arms(_) | Change::Seeds(_) | Change::RewardModel(_) | Change::Person(_) | Change::World(_) => true,
            Change::Choice(choice, option) => (choice.get)(experiment) == *option,
            Change::Number(setting, value) => (setting.get)(experiment).to_bits() == value.to_bits(),
        }
    }
}

/// How the members of a list are read.
struct List<T> {
    most: usize,
    read: fn(&str) -> Option<T>,
    allowed: fn() -> Allowed,
}

const ARMS: List<Arm> = List {
    most: Arm::ALL.len(),
    read: Arm::from_id,
    allowed: || Allowed::OneOf(Arm::ALL.iter().map(|arm| arm.id()).collect()),
};
const SEEDS: List<u64> = List {
    most: MOST_SEEDS,
    read: |text| text.parse().ok(),
    allowed: || Allowed::Number { low: 0.0, high: u64::MAX as f64, whole: true },
};

/// The name of a parameter as the program has it.
fn known(name: &str) -> Option<&'static str> {
    let own = ["s", "rater", "arms", "seeds", "reward_model", "person", "world", "view", "engine", PLACE];
    let settings = SETTINGS.iter().map(|setting| setting.path);
    own.into_iter().chain(settings).chain(CHOICES.iter().map(|choice| choice.path)).find(|known| *known == name)
}

fn version(value: &str) -> Result<(), Problem> {
    let version = VERSION.into();
    match value.parse() {
        Ok(VERSION) => Ok(()),
        Ok(newer) if newer > VERSION => Err(Problem::Newer { version: newer }),
        Ok(_) | Err(_) => Err(Problem::BadValue {
            name: "s".into(),
            value: shown(value),
            allowed: Allowed::Number { low: version, high: version, whole: true },
        }),
    }
}

fn one_of<T: Copy>(name: &str, value: &str, options: &[(&'static str, T)]) -> Result<T, Problem> {
    let found = options.iter().find(|(option, _)| *option == value).map(|(_, option)| *option);
    found.ok_or_else(|| Problem::BadValue {
        name: name.to_owned(),
        value: shown(value),
        allowed: Allowed::OneOf(options.iter().map(|(option, _)| *option).collect()),
    })
}

/// Every weight of a person, none of them too large.
fn person(name: &str, value: &str) -> Result<Person, Problem> {
    let weights: Vec<f32> = value.split(',').filter_map(|weight| trimmed(weight).parse().ok()).collect();
    let person = weights.try_into().ok().map(Person::of_weights).filter(|person| person.validate().is_ok());
    person.ok_or_else(|| Problem::BadValue {
        name: name.to_owned(),
        value: shown(value),
        allowed: Allowed::Number { low: -100.0, high: 100.0, whole: false },
    })
}

fn option(choice: &Choice, value: &str) -> Result<usize, Problem> {
    choice.options.iter().position(|option| *option == value).ok_or_else(|| Problem::BadValue {
        name: choice.path.to_owned(),
        value: shown(value),
        allowed: Allowed::OneOf(choice.options.to_vec()),
    })
}

fn number(setting: &Setting, value: &str) -> Result<f64, Problem> {
    // A number of an experiment has 32 bits: to round it only once, it is read as such.
    let number = match setting.integer {
        true => value.parse::<u32>().ok().map(f64::from),
        false => value.parse::<f32>().ok().map(f64::from),
    };
    number.filter(|number| setting.check(*number).is_ok()).ok_or_else(|| Problem::BadValue {
        name: setting.path.to_owned(),
        value: shown(value),
        allowed: Allowed::Number { low: *setting.range.start(), high: *setting.range.end(), whole: setting.integer },
    })
}

/// As much of a text as a message has room for.
fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{MOST_PROBLEMS, fragment, open};
    use super::*;
    use hedgerow::judgement::experiment::{Algorithm, Baseline, FinetuneConfig, MeasureConfig};
    use hedgerow::judgement::rater::RaterConfig;
    use proptest::prelude::*;

    fn any_rater() -> impl Strategy<Value = RaterConfig> {
        (
            prop::array::uniform2(0.0f32..=1.0),
            prop::array::uniform4(0.0f32..50.0),
            prop::array::uniform6(-50.0f32..50.0),
        )
            .prop_map(
                |(
                    [check_probability, misattribution],
                    [discomfort_value, discomfort_any, context_relief, noise],
                    signed,
                )| {
                    let [correctness, usefulness, blunt, contextual, hedge, malformed] = signed;
                    RaterConfig {
                        check_probability,
                        discomfort_value,
                        discomfort_any,
                        context_relief,
                        correctness,
                        usefulness,
                        blunt,
                        contextual,
                        hedge,
                        malformed,
                        noise,
                        misattribution,
                    }
                },
            )
    }

    fn any_finetune() -> impl Strategy<Value = FinetuneConfig> {
        let counts = (1u32..=5000, 1usize..=256, 2usize..=64);
        let numbers =
            (0.0f32..=1.0, 0.05f32..=10.0, 0.0f32..=1.0, 0.0f32..0.999, 0.0f32..0.999, 0.01f32..100.0, 0.0f32..9.0);
        let baseline = prop::sample::select(vec![Baseline::GroupMean, Baseline::LeaveOneOut, Baseline::ZScored]);
        let algorithm = prop_oneof![
            Just((Algorithm::PolicyGradient, 1)),
            (1u32..=64).prop_map(|epochs| (Algorithm::Ppo, epochs)),
            (1u32..=64).prop_map(|epochs| (Algorithm::Dpo, epochs)),
        ];
        let how = (baseline, algorithm, 0.001f32..=1.0, 0.001f32..=100.0);
        (counts, numbers, how).prop_map(|((updates, prompts, completions), numbers, how)| {
            let (baseline, (algorithm, epochs), ratio_clip, dpo_beta) = how;
            let (sensitive_share, temperature, learning_rate, beta_1, beta_2, clip, kl) = numbers;
            FinetuneConfig {
                updates,
                prompts,
                completions,
                sensitive_share,
                temperature,
                learning_rate,
                beta_1,
                beta_2,
                clip,
                kl,
                baseline,
                algorithm,
                epochs,
                ratio_clip,
                dpo_beta,
            }
        })
    }

    fn any_state() -> impl Strategy<Value = LinkState> {
        let arms = prop::sample::subsequence(Arm::ALL.to_vec(), 1..=Arm::ALL.len()).prop_shuffle();
        let seeds = prop::collection::btree_set(any::<u64>(), 1..5);
        let measure = (1u32..50, 1u32..6, 1usize..=16);
        let heads = prop::sample::select(vec![RewardHeads::Scalar, RewardHeads::Reasons]);
        let reward_model = prop::option::of(
            (10u32..=100_000, heads).prop_map(|(ratings, heads)| RewardModelConfig { ratings, heads }),
        );
        let weights = prop::array::uniform16(-100.0f32..=100.0);
        let stand_in = prop_oneof![
            reward_model.prop_map(|model| (model, None)),
            weights.prop_map(|weights| (None, Some(Box::new(Person::of_weights(weights))))),
        ];
        let own = any::<u64>().prop_map(WorldId::Own);
        let world = prop::option::of(prop_oneof![Just(WorldId::Everyday), own]);
        let engine = prop::sample::select(vec![EnginePreference::Auto, EnginePreference::Cpu, EnginePreference::Gpu]);
        let others = (measure, stand_in, world);
        (arms, seeds, any_rater(), any_finetune(), others, engine, any::<bool>()).prop_map(
            |(mut arms, seeds, rater, finetune, others, engine, single)| {
                let ((every, multiple, samples), (reward_model, person), own_world) = others;
                if single {
                    arms.truncate(1);
                }
                let measure = MeasureConfig { every, probe_every: every * multiple, samples };
                let seeds = seeds.into_iter().collect();

                let mut experiment =
                    Experiment { arms: vec![], seeds, rater, finetune, measure, reward_model, person, own_world };
                experiment.set_arms(arms);
                LinkState { experiment, mode: if single { ViewMode::Single } else { ViewMode::SideBySide }, engine }
            },
        )
    }

    /// Every bit of what can be set.
    fn bits(experiment: &Experiment) -> Vec<u64> {
        SETTINGS.iter().map(|setting| (setting.get)(experiment).to_bits()).collect()
    }

    fn opened(link: &str) -> (LinkState, Vec<Problem>) {
        let Opened { state, problems, .. } = open(link);
        (state.expect("the link holds settings"), problems)
    }

    proptest! {
        #[test]
        fn every_field_survives_the_round_trip(state in any_state()) {
            let link = fragment(&state, None);
            prop_assert!(link.len() < 2000, "{} characters", link.len());
            prop_assert!(link.chars().all(|c| c.is_ascii_alphanumeric() || "-_.,=&".contains(c)), "{link}");
            let read = open(&link);
            prop_assert_eq!(&read.problems, &[]);
            let read = read.state.unwrap();
            prop_assert_eq!(bits(&read.experiment), bits(&state.experiment));
            prop_assert_eq!(fragment(&read, None), link);
            prop_assert_eq!(read, state);
        }

        #[test]
        fn any_text_is_read_without_a_panic_and_gives_a_valid_experiment(
            text in prop_oneof![
                any::<String>(),
                "#?(s=[0-9]{1,3})?(&[a-z_.]{0,12}=[^ ]{0,12}){0,8}",
                prop::collection::vec((0..SETTINGS.len(), "[-+.,0-9e]{0,6}|nan|inf|1e39|99999999999"), 0..12).prop_map(
                    |parts| list(parts.iter().map(|(index, value)| format!("&{}={value}", SETTINGS[*index].path))),
                ),
            ],
        ) {
            let read = open(&text);
            if let Some(state) = &read.state {
                prop_assert_eq!(state.experiment.validate(), Ok(()));
                prop_assert_eq!(open(&fragment(state, None)).state.unwrap_or_default(), state.clone());
            }
            prop_assert!(read.problems.len() <= MOST_PROBLEMS + 1);
        }

        #[test]
        fn what_programs_append_changes_nothing(state in any_state(), tail in prop::sample::select(TAILS.to_vec())) {
            let link = fragment(&state, None);
            let read = open(&format!("{link}{tail}"));
            prop_assert_eq!(read, Opened { state: Some(state), ..Opened::default() });
        }
    }

    /// What chat programs, mail and trackers put behind a link.
    const TAILS: [&str; 22] = [
        ".",
        ")",
        ",",
        ">",
        ";",
        "\"",
        "'",
        "”",
        "**",
        "!",
        "?",
        ").",
        "\u{200b}",
        "\u{feff}",
        "%E2%80%8B",
        "%29",
        "&amp;utm_source=x",
        "&utm_source=x&utm_medium=y",
        "&fbclid=IwAR0x-_",
        "?utm_source=x",
        "%26gclid%3D1",
        "+",
    ];

    #[test]
    fn the_example_of_the_documents_is_what_is_written() {
        let mut experiment = Experiment::preset(RaterPreset::TouchyTopic);
        experiment.arms = vec![Arm::Structured];
        experiment.seeds = vec![0, 3];
        experiment.finetune.kl = 0.1;
        experiment.reward_model = Some(RewardModelConfig { ratings: 700, heads: RewardHeads::Reasons });
        let state = LinkState { experiment, mode: ViewMode::Single, engine: EnginePreference::Cpu };
        let link = "s=4&rater=touchy-topic&arms=structured&seeds=0,3&reward_model=reasons&finetune.kl=0.1\
                    &reward_model.ratings=700&view=single&engine=cpu";
        assert_eq!(fragment(&state, None), link);
        assert_eq!(opened(link), (state, vec![]));
    }

    fn without_seeds() -> LinkState {
        LinkState { experiment: Experiment::default(), ..LinkState::default() }
    }

    #[test]
    fn the_settings_of_a_fresh_page_need_no_link() {
        assert_eq!(fragment(&LinkState::default(), None), "");
        assert_eq!(fragment(&LinkState::default(), Some("limits")), "limits");
        assert_eq!(open(""), Opened::default());
        assert_eq!(
            open("s=4").state,
            Some(without_seeds()),
            "a link that names no seed is of seed 0, as it always was"
        );
    }

    #[test]
    fn a_place_goes_with_the_settings() {
        let (state, _) = opened("finetune.updates=37");
        let link = fragment(&state, Some("limits"));
        assert_eq!(link, "s=4&finetune.updates=37&at=limits");
        assert_eq!(open(&link), Opened { state: Some(state.clone()), place: Some("limits".into()), problems: vec![] });
        for (anchor, place) in
            [("#limits", "limits"), ("credit-title.", "credit-title"), ("what-to-look-for", "what-to-look-for")]
        {
            assert_eq!(open(anchor), Opened { place: Some(place.into()), ..Opened::default() });
        }
        assert_eq!(open("s=4&view=single&at=a<b").place, None);
    }

    #[test]
    fn a_link_that_a_program_encoded_is_the_same_link() {
        let plain = opened("s=4&arms=scalar,noise&seeds=0,3&finetune.kl=0.1");
        for link in [
            "s%3D4%26arms%3Dscalar%2Cnoise%26seeds%3D0%2C3%26finetune.kl%3D0.1",
            "s=4&arms=scalar%252Cnoise&seeds=0%252C3&finetune.kl=0.1",
            "s=4&amp;arms=scalar,noise&amp;seeds=0,3&amp;finetune.kl=0.1",
            "#s=4&arms=scalar,+noise&seeds=0, 3&finetune.kl=\u{200b}0.1",
            "seeds=0,3&finetune.kl=1e-1&arms=scalar,noise",
            "s=4&arms=scalar,noise&seeds=0,3&finet\nune.kl=0.1",
        ] {
            assert_eq!(opened(link), plain, "{link}");
        }
        assert_eq!(plain.1, vec![]);
    }

    #[test]
    fn what_cannot_be_used_is_named_and_the_rest_opens() {
        let bad = |name: &str, value: &str, low, high, whole| Problem::BadValue {
            name: name.into(),
            value: value.into(),
            allowed: Allowed::Number { low, high, whole },
        };
        let kl = |value| bad("finetune.kl", value, 0.0, 100.0, false);
        let cases = [
            ("finetune.learning_rat=1", Problem::UnknownParameter { name: "finetune.learning_rat".into() }),
            ("finetune.kl=0,1", kl("0,1")),
            ("finetune.kl=101", kl("101")),
            ("finetune.kl=nan", kl("nan")),
            ("finetune.kl=", kl("")),
            ("finetune.prompts=1.5", bad("finetune.prompts", "1.5", 1.0, 256.0, true)),
            ("seeds=-1", bad("seeds", "-1", 0.0, u64::MAX as f64, true)),
            ("seeds=2,2", Problem::Repeated { name: "seeds".into(), value: "2".into() }),
            ("engine=cpu&engine=gpu", Problem::Repeated { name: "engine".into(), value: "gpu".into() }),
            ("s=5", Problem::Newer { version: 5 }),
            (
                "engine=tpu",
                Problem::BadValue {
                    name: "engine".into(),
                    value: "tpu".into(),
                    allowed: Allowed::OneOf(vec!["auto", "cpu", "gpu"]),
                },
            ),
        ];
        for (link, problem) in cases {
            let (state, problems) = opened(&format!("finetune.updates=37&{link}"));
            assert_eq!(problems, vec![problem], "{link}");
            assert_eq!(state.experiment.finetune.updates, 37, "{link}");
        }
    }

    #[test]
    fn an_unknown_arm_leaves_the_others() {
        let (state, problems) = opened("arms=noise,humour,scalar");
        assert_eq!(state.experiment.arms, [Arm::Noise, Arm::Scalar]);
        let [Problem::BadValue { name, value, allowed: Allowed::OneOf(options) }] = &problems[..] else {
            panic!("{problems:?}")
        };
        assert_eq!((name.as_str(), value.as_str(), options.len()), ("arms", "humour", Arm::ALL.len()));
        // Without a single one that is known, the preset's arms hold.
        let (state, problems) = opened("arms=humour");
        assert_eq!((state, problems.len()), (without_seeds(), 1));
    }

    #[test]
    fn what_contradicts_the_rest_is_named_and_the_rest_opens() {
        for (link, names) in [
            ("finetune.epochs=3", &["finetune.epochs"][..]),
            ("finetune.epochs=3&finetune.algorithm=ppo", &[]),
            ("reward_model=scalar", &["reward_model"]),
            ("reward_model=scalar&arms=scalar", &[]),
            ("reward_model=scalar&view=single", &[]),
            ("reward_model.ratings=400", &["reward_model.ratings"]),
            ("measure.every=7", &["measure.every"]),
            ("measure.every=7&measure.probe_every=21", &[]),
            ("measure.every=7&measure.probe_every=15", &["measure.every", "measure.probe_every"]),
            (
                "reward_model=scalar&finetune.epochs=3&measure.every=7&measure.probe_every=21",
                &["reward_model", "finetune.epochs"],
            ),
        ] {
            let (state, problems) = opened(&format!("finetune.kl=0.1&{link}"));
            let contradicting = problems.iter().map(|problem| {
                let Problem::Contradicts { name, .. } = problem else { panic!("{link}: {problem:?}") };
                name.as_str()
            });
            assert_eq!(contradicting.collect::<Vec<_>>(), names, "{link}");
            assert_eq!(state.experiment.finetune.kl, 0.1, "{link}");
        }
    }

    #[test]
    fn a_link_that_asks_for_thousands_of_models_is_refused_at_once() {
        let seeds = list(0..3000);
        let began = std::time::Instant::now();
        let (state, problems) = opened(&format!("finetune.kl=0.1&seeds={seeds}"));
        assert_eq!(problems, vec![Problem::TooMany { name: "seeds".into(), count: 3000, most: MOST_SEEDS }]);
        assert_eq!((state.experiment.seeds, state.experiment.finetune.kl), (vec![0], 0.1));
        let more = open(&format!("seeds={}", list(0..6000)));
        assert!(matches!(more.problems[..], [Problem::TooLong { .. }]), "{more:?}");
        let unknown = open(&"a=1&".repeat(4000));
        assert_eq!(unknown.problems.last(), Some(&Problem::More { count: 4000 - MOST_PROBLEMS }));
        assert!(began.elapsed().as_secs_f64() < 1.0, "{:?}", began.elapsed());
    }

    #[test]
    fn numbers_are_short_and_exact() {
        for (number, text) in
            [(0.1, "0.1"), (1e-3, "0.001"), (5e-4, "0.0005"), (1e-7, "1e-7"), (-0.0, "-0"), (1e6, "1e6")]
        {
            assert_eq!(shortest(number), text);
        }
    }
}
