//! A world file read with care: whatever is wrong with it is said with its line and its field.
//!
//! `World::from_json` reads a world that was read before; this is for whoever writes one. What a fault is called, and how
//! it is mended, is said in `facts::error`.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::error::Category;

use super::{Uncomfortable, World};
use crate::facts::error::{Part, TemplateKind, WordKind, WorldFault};

/// What is wrong with a world file, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Misplaced {
    /// What is wrong.
    pub fault: WorldFault,
    /// Its line, counted from 1.
    pub line: usize,
    /// Its field: names of fields, and places in lists, counted from 1. Empty where it is about the file as a whole.
    pub path: Vec<String>,
}

impl Misplaced {
    /// The field as it is shown.
    pub fn field(&self) -> String {
        self.path.join(" › ")
    }
}

impl fmt::Display for Misplaced {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}", self.line)?;
        if !self.path.is_empty() {
            write!(formatter, ", {}", self.field())?;
        }
        write!(formatter, ": {}", self.fault)
    }
}

impl std::error::Error for Misplaced {}

/// A fault and its field.
type Found = (WorldFault, Vec<String>);

/// A field: its name, whether it has to be there, and what stands in it.
type Field = (&'static str, bool, Shape);

/// What stands somewhere in a world file.
#[derive(Clone, Copy)]
enum Shape {
    /// Nothing that has fields of its own.
    One(Part),
    /// Fields in curly brackets.
    Fields(&'static [Field]),
    /// Groups of such fields.
    List(&'static [Field]),
    /// Any field, with a text.
    Facts,
}

const WORLD: &[Field] = &[
    ("name", true, Shape::One(Part::Text)),
    ("seed", true, Shape::One(Part::Whole)),
    ("values", true, Shape::One(Part::Texts)),
    ("attributes", true, Shape::List(ATTRIBUTE)),
    ("entities", true, Shape::List(ENTITY)),
    ("language", true, Shape::Fields(LANGUAGE)),
];
const ATTRIBUTE: &[Field] = &[
    ("word", true, Shape::One(Part::Text)),
    ("of", true, Shape::One(Part::Text)),
    ("values", false, Shape::One(Part::Texts)),
    ("sensitive", false, Shape::One(Part::Sensitive)),
];
const ENTITY: &[Field] = &[
    ("word", true, Shape::One(Part::Text)),
    ("kind", true, Shape::One(Part::Text)),
    ("exposure", true, Shape::One(Part::Exposure)),
    ("facts", false, Shape::Facts),
];
const LANGUAGE: &[Field] = &[
    ("prompts", true, Shape::One(Part::Texts)),
    ("held_out_prompts", true, Shape::One(Part::Texts)),
    ("blunt", true, Shape::One(Part::Texts)),
    ("contextual", true, Shape::One(Part::Texts)),
    ("hedge", true, Shape::One(Part::Texts)),
    ("declarative", true, Shape::One(Part::Text)),
    ("claim", true, Shape::One(Part::Text)),
    ("verdicts", true, Shape::One(Part::Pair)),
];

/// Characters of the file that a message repeats.
const SHOWN: usize = 24;

impl World {
    /// Reads a world file that somebody wrote, and checks it. `within` is the field of the file that holds the world, or
    /// nothing.
    ///
    /// # Errors
    /// The first thing that is wrong, and where.
    pub fn read(text: &str, within: &[&str]) -> Result<Self, Misplaced> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
            let fault = match error.classify() {
                Category::Eof => WorldFault::CutShort,
                Category::Syntax | Category::Data | Category::Io => {
                    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
                    let before = line.len().min(error.column().saturating_sub(1));
                    let found = line.get(before..).unwrap_or(line);
                    WorldFault::Syntax { found: beginning(found) }
                }
            };
            return Err(Misplaced { fault, line: error.line(), path: Vec::new() });
        }
        let within: Vec<String> = within.iter().map(|name| (*name).to_owned()).collect();
        let places = places(text);
        let misplaced = |(fault, path): Found| {
            let path = [within.clone(), path].concat();
            // What is not there is missing in what holds it.
            let line = (0..=path.len()).rev().find_map(|length| {
                let place = places.iter().find(|(own, _)| *own == path[..length]);
                place.map(|(_, line)| *line)
            });
            Misplaced { fault, line: line.unwrap_or(1), path }
        };
        let mut seen = BTreeSet::new();
        for (path, line) in &places {
            if path.starts_with(&within) && !seen.insert(path) {
                let fault = WorldFault::ToldTwice { field: path.last().cloned().unwrap_or_default() };
                return Err(Misplaced { fault, line: *line, path: path.clone() });
            }
        }
        let unreadable = |error: serde_json::Error| misplaced((WorldFault::NotAWorld(error.to_string()), Vec::new()));
        let mut value: Value = serde_json::from_str(text).map_err(unreadable)?;
        for name in &within {
            value = value.get_mut(name).map(Value::take).unwrap_or_default();
        }
        fields(WORLD, &value, &[]).map_err(misplaced)?;
        let world: World = serde_json::from_value(value).map_err(unreadable)?;
        match world.validate() {
            Ok(()) => Ok(world),
            Err(fault) => {
                let path = world.place_of(&fault);
                Err(misplaced((fault, path)))
            }
        }
    }

    /// The field that a fault of the world is about.
    fn place_of(&self, fault: &WorldFault) -> Vec<String> {
        let attribute = |word: &str| self.attributes.iter().position(|own| own.word == word).unwrap_or_default();
        let entity = |word: &str| self.entities.iter().position(|own| own.word == word).unwrap_or_default();
        let number = |place: usize| (place + 1).to_string();
        let path = |steps: &[&str]| steps.iter().map(|step| (*step).to_owned()).collect::<Vec<_>>();
        match fault {
            WorldFault::NotOneWord { kind, word }
            | WorldFault::InvisibleWord { kind, word }
            | WorldFault::WordOfSentences { kind, word } => match kind {
                WordKind::Value => {
                    let place = self.values.iter().position(|own| own == word).unwrap_or_default();
                    path(&["values", &number(place)])
                }
                WordKind::Attribute => path(&["attributes", &number(attribute(word)), "word"]),
                WordKind::Entity => path(&["entities", &number(entity(word)), "word"]),
            },
            WorldFault::UsedTwice { word } => {
                let values =
                    self.values.iter().enumerate().map(|(place, own)| (own, vec!["values".into(), number(place)]));
                let attributes =
                    self.attributes.iter().enumerate().map(|(place, own)| ("attributes", place, &own.word));
                let entities = self.entities.iter().enumerate().map(|(place, own)| ("entities", place, &own.word));
                let others = attributes.chain(entities);
                let others = others.map(|(list, place, own)| (own, path(&[list, &number(place), "word"])));
                let mut own = values.chain(others).filter(|(own, _)| *own == word);
                own.nth(1).map(|(_, path)| path).unwrap_or_default()
            }
            WorldFault::UnknownValue { attribute: of, value } => {
                let (index, values) = (attribute(of), &self.attributes[attribute(of)].values);
                let place = values.iter().position(|own| own == value).unwrap_or_default();
                path(&["attributes", &number(index), "values", &number(place)])
            }
            WorldFault::TooFewValues { attribute: of } | WorldFault::NoHalf { attribute: of, .. } => {
                let index = attribute(of);
                match self.attributes[index].values[..] {
                    [] => path(&["values"]),
                    _ => path(&["attributes", &number(index), "values"]),
                }
            }
            WorldFault::SensitiveValues { attribute: of } => path(&["attributes", &number(attribute(of)), "sensitive"]),
            WorldFault::NoAttributes { entity: of, .. } => path(&["entities", &number(entity(of)), "kind"]),
            WorldFault::UnknownAttribute { entity: of, attribute }
            | WorldFault::NotItsValue { entity: of, attribute, .. } => {
                path(&["entities", &number(entity(of)), "facts", attribute])
            }
            WorldFault::FactCount { entity: of, .. } => path(&["entities", &number(entity(of)), "facts"]),
            WorldFault::NoQuestions { sensitive, .. } => {
                let touchy: Vec<&str> =
                    self.attributes.iter().filter(|own| own.sensitive.is_some()).map(|own| own.of.as_str()).collect();
                let has_topic = match sensitive {
                    true => !touchy.is_empty(),
                    false => self.attributes.iter().any(|own| !touchy.contains(&own.of.as_str())),
                };
                path(&[if has_topic { "entities" } else { "attributes" }])
            }
            WorldFault::SameSentence { kind, template, .. } => self.template_place(*kind, template, true),
            WorldFault::InvisibleInTemplate { kind, template }
            | WorldFault::Slot { kind, template, .. }
            | WorldFault::Brackets { kind, template, .. }
            | WorldFault::NoWordOfItsOwn { kind, template } => self.template_place(*kind, template, false),
            WorldFault::NoTemplate { kind } => path(&["language", self.templates_of(*kind).0]),
            WorldFault::Verdicts => path(&["language", "verdicts"]),
            WorldFault::Declarative => path(&["language", "declarative"]),
            WorldFault::NotAWorld(_)
            | WorldFault::Syntax { .. }
            | WorldFault::CutShort
            | WorldFault::UnknownField { .. }
            | WorldFault::MissingField { .. }
            | WorldFault::WrongPart { .. }
            | WorldFault::ToldTwice { .. } => Vec::new(),
        }
    }

    /// Where a sentence stands: the first time, or the last.
    fn template_place(&self, kind: TemplateKind, template: &str, last: bool) -> Vec<String> {
        let (field, all) = self.templates_of(kind);
        let mut places = all.iter().enumerate().filter(|(_, own)| *own == template).map(|(place, _)| place);
        let place = if last { places.next_back() } else { places.next() };
        let steps = ["language".to_owned(), field.to_owned()].into_iter();
        steps.chain(place.map(|place| (place + 1).to_string())).collect()
    }

    /// The field that holds the sentences of a kind, and the sentences, if there can be several.
    fn templates_of(&self, kind: TemplateKind) -> (&'static str, &[String]) {
        let language = &self.language;
        match kind {
            TemplateKind::Prompt => ("prompts", &language.prompts),
            TemplateKind::HeldOutPrompt => ("held_out_prompts", &language.held_out_prompts),
            TemplateKind::Blunt => ("blunt", &language.blunt),
            TemplateKind::Contextual => ("contextual", &language.contextual),
            TemplateKind::Hedge => ("hedge", &language.hedge),
            TemplateKind::Declarative => ("declarative", &[]),
            TemplateKind::Claim => ("claim", &[]),
        }
    }
}

fn part(shape: Shape) -> Part {
    match shape {
        Shape::One(part) => part,
        Shape::Fields(_) | Shape::Facts => Part::Fields,
        Shape::List(_) => Part::List,
    }
}

/// Does a group have the fields that it should have, and no others?
fn fields(known: &'static [Field], value: &Value, path: &[String]) -> Result<(), Found> {
    let Some(group) = value.as_object() else { return Err(wrong(value, Part::Fields, path)) };
    let below = |name: &str| [path, &[name.to_owned()]].concat();
    if let Some(field) = group.keys().find(|name| known.iter().all(|(own, ..)| own != name)) {
        let known = known.iter().map(|(name, ..)| *name).collect();
        return Err((WorldFault::UnknownField { field: field.clone(), known }, below(field)));
    }
    for &(field, is_needed, shape) in known {
        match group.get(field) {
            Some(value) => of_shape(shape, value, &below(field))?,
            None if is_needed => {
                return Err((WorldFault::MissingField { field, expected: part(shape) }, below(field)));
            }
            None => {}
        }
    }
    Ok(())
}

fn of_shape(shape: Shape, value: &Value, path: &[String]) -> Result<(), Found> {
    let is_texts = |value: &Value| value.as_array().is_some_and(|all| all.iter().all(Value::is_string));
    let below = |name: String| [path, &[name]].concat();
    let fits = match shape {
        Shape::Fields(known) => return fields(known, value, path),
        Shape::List(known) => {
            let all = value.as_array().ok_or_else(|| wrong(value, Part::List, path))?;
            let mut all = all.iter().enumerate();
            return all.try_for_each(|(place, own)| fields(known, own, &below((place + 1).to_string())));
        }
        Shape::Facts => {
            let all = value.as_object().ok_or_else(|| wrong(value, Part::Fields, path))?;
            let odd = all.iter().find(|(_, own)| !own.is_string());
            return odd.map_or(Ok(()), |(name, own)| Err(wrong(own, Part::Text, &below(name.clone()))));
        }
        Shape::One(Part::Text) => value.is_string(),
        Shape::One(Part::Whole) => value.is_u64(),
        Shape::One(Part::Texts) => is_texts(value),
        Shape::One(Part::Pair) => is_texts(value) && value.as_array().is_some_and(|all| all.len() == 2),
        Shape::One(Part::Sensitive) => {
            value.is_null() || serde_json::from_value::<Uncomfortable>(value.clone()).is_ok()
        }
        Shape::One(Part::Exposure) => serde_json::from_value::<super::Exposure>(value.clone()).is_ok(),
        Shape::One(Part::Fields | Part::List) => false,
    };
    if fits { Ok(()) } else { Err(wrong(value, part(shape), path)) }
}

fn wrong(value: &Value, expected: Part, path: &[String]) -> Found {
    (WorldFault::WrongPart { found: beginning(&value.to_string()), expected }, path.to_vec())
}

/// As much of a text as a message can repeat.
fn beginning(text: &str) -> String {
    let mut shown: String = text.trim().chars().take(SHOWN).collect();
    if text.trim().chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// Where each field and each entry of a list stands: its path and its line, in the order of the text, which is JSON.
fn places(text: &str) -> Vec<(Vec<String>, usize)> {
    /// A bracket that is open, and the name or number of what is read in it.
    struct Open {
        is_list: bool,
        count: usize,
        name: String,
    }
    let (mut open, mut found, mut line) = (Vec::<Open>::new(), vec![(Vec::new(), 1)], 1);
    // Does an entry of the innermost bracket begin with what comes next?
    let mut begins = false;
    let mut signs = text.char_indices();
    while let Some((start, sign)) = signs.next() {
        let mut word = None;
        match sign {
            '\n' => line += 1,
            '"' => {
                while let Some((end, sign)) = signs.next() {
                    match sign {
                        '\\' => drop(signs.next()),
                        '"' => {
                            word = text.get(start..=end);
                            break;
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        let is_entry = begins && !sign.is_whitespace() && !matches!(sign, ']' | '}');
        if let Some(top) = open.last_mut().filter(|_| is_entry) {
            begins = false;
            top.count += 1;
            top.name = match word.filter(|_| !top.is_list) {
                Some(word) => serde_json::from_str(word).unwrap_or_default(),
                None => top.count.to_string(),
            };
            found.push((open.iter().map(|own| own.name.clone()).collect(), line));
        }
        match sign {
            '{' | '[' => {
                open.push(Open { is_list: sign == '[', count: 0, name: String::new() });
                begins = true;
            }
            '}' | ']' => {
                open.pop();
                begins = false;
            }
            ',' => begins = true,
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::Theme;
    use super::*;

    fn refused(text: &str) -> Misplaced {
        World::read(text, &[]).expect_err("it is broken")
    }

    /// The lines of the file in which a part stands, counted from 1.
    fn lines(text: &str, part: &str) -> Vec<usize> {
        let lines = text.lines().enumerate().filter(|(_, line)| line.contains(part));
        lines.map(|(place, _)| place + 1).collect()
    }

    #[test]
    fn a_sound_world_is_read_as_it_is_anywhere_in_a_file() {
        for theme in Theme::ALL {
            for seed in 0..4 {
                let world = World::of(theme, seed);
                assert_eq!(World::read(&world.to_json(), &[]), Ok(world.clone()));
                let within =
                    format!("\u{feff}{{\"hedgerow_world\": 1, \"hedgerow_world\": 1, \"world\": {}}}", world.to_json());
                assert_eq!(World::read(&within, &["world"]), Ok(world));
            }
        }
        assert_eq!(World::read("{\"a\": 1}", &["world"]).unwrap_err().path, ["world"]);
    }

    /// The table of fields is that of the types: what lacks one is refused by both, and what has them all by neither.
    #[test]
    fn the_fields_are_those_that_a_world_has() {
        let whole: Value = serde_json::from_str(&World::generate(0).to_json()).unwrap();
        for (pointer, known) in
            [("", WORLD), ("/attributes/0", ATTRIBUTE), ("/entities/0", ENTITY), ("/language", LANGUAGE)]
        {
            for (field, is_needed, _) in known {
                let mut world = whole.clone();
                world.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(*field);
                assert_eq!(serde_json::from_value::<World>(world.clone()).is_err(), *is_needed, "{field}");
                assert_eq!(fields(WORLD, &world, &[]).is_err(), *is_needed, "{field}");
            }
            let group = whole.pointer(pointer).unwrap().as_object().unwrap();
            assert!(group.keys().all(|name| known.iter().any(|(own, ..)| own == name)), "{pointer}");
        }
    }

    /// Once the line was the last that had the word, and what was no world was said in the words of the reader of JSON.
    #[test]
    fn every_fault_of_a_world_has_its_line_its_field_and_how_to_mend_it() {
        let whole = World::generate(0);
        let text = whole.to_json();
        let [first, second] = [0, 1].map(|place| whole.entities[place].word.clone());
        let topic = whole.attributes[0].word.clone();
        let (word, fact) = (format!("\"word\": \"{first}\""), format!("\"{topic}\": "));
        let of_first = lines(&text, &word)[0];
        let fact_line = *lines(&text, &fact).iter().find(|line| **line > of_first).unwrap();
        let in_line = |line: usize, from: &str, to: &str| -> String {
            let change = |(place, own): (usize, &str)| {
                if place + 1 == line { own.replacen(from, to, 1) } else { own.to_owned() }
            };
            text.lines().enumerate().map(change).collect::<Vec<_>>().join("\n")
        };
        let exposure = lines(&text, "\"exposure\"")[1];
        let sensitive = lines(&text, "\"sensitive\"")[0];
        let blunt = lines(&text, "\"blunt\"")[0];
        let value = fact_value(&whole, 0, &topic);
        let broken: [(String, usize, &str, &str, &str); 14] = [
            (text.replacen(':', "=", 1), 2, "", "\"= ", "colon"),
            (in_line(of_first, ",", ""), of_first + 1, "", "\"kind\\\"", "comma"),
            (
                text[..text.len() / 2].to_owned(),
                text[..text.len() / 2].lines().count(),
                "",
                "too early",
                "closing brackets",
            ),
            (
                in_line(exposure, "\"exposure\"", "\"exposed\""),
                exposure,
                "entities › 2 › exposed",
                "exposed",
                "one of word, kind",
            ),
            (
                in_line(of_first, "\"word\"", "\"kind\""),
                of_first + 1,
                "entities › 1 › kind",
                "appears twice",
                "remove one",
            ),
            (
                in_line(exposure, "\"exposure\"", "\"facts\""),
                exposure + 1,
                "entities › 2 › facts",
                "appears twice",
                "remove one",
            ),
            (
                in_line(sensitive, "\"high\"", "\"much\""),
                sensitive,
                "attributes › 1 › sensitive",
                "much",
                "\"low\", \"high\" or",
            ),
            (in_line(sensitive, "\"high\"", "7"), sensitive, "attributes › 1 › sensitive", "found 7", "list of values"),
            (in_line(exposure, ": \"", ": \"un"), exposure, "entities › 2 › exposure", "un", "never_taught"),
            (in_line(of_first, &first, "two words"), of_first, "entities › 1 › word", "two words", "one word"),
            (
                in_line(lines(&text, &format!("\"word\": \"{second}\""))[0], &second, &first),
                lines(&text, &format!("\"word\": \"{second}\""))[0],
                "entities › 2 › word",
                "twice",
                "rename",
            ),
            (
                in_line(fact_line, &value, "\"purple\""),
                fact_line,
                "entities › 1 › facts › theft",
                "purple",
                "one of its values",
            ),
            (
                in_line(fact_line, &topic, "weight"),
                fact_line,
                "entities › 1 › facts › weight",
                "weight",
                "take the fact out",
            ),
            (in_line(blunt + 1, "{value}", "it"), blunt + 1, "language › blunt › 1", "{value}", "once"),
        ];
        for (text, line, field, what, mend) in broken {
            let misplaced = refused(&text);
            let message = misplaced.to_string();
            assert_eq!((misplaced.line, misplaced.field().as_str()), (line, field), "{message}");
            assert!(message.contains(what) && message.contains(mend), "{message}");
            assert!(!message.contains("untagged") && !message.contains("expected"), "{message}");
        }
        // What is missing is missing in what should hold it.
        let mut without: Value = serde_json::from_str(&text).unwrap();
        without["entities"][1].as_object_mut().unwrap().remove("exposure");
        let text = serde_json::to_string_pretty(&without).unwrap();
        let misplaced = refused(&text);
        assert_eq!(misplaced.field(), "entities › 2 › exposure");
        let mut from = text.lines().skip(misplaced.line - 1);
        assert_eq!(from.next().map(str::trim), Some("{"));
        assert!(from.find(|line| line.contains("\"word\"")).is_some_and(|line| line.contains(&second)), "{text}");
        assert!(misplaced.to_string().contains("\"seen\", \"new\""), "{misplaced}");
        // Nothing but a number, and nothing at all.
        assert!(refused("7").to_string().starts_with("line 1: found 7"), "{}", refused("7"));
        assert_eq!(refused(" ").fault, WorldFault::CutShort);
    }

    #[test]
    fn a_split_without_a_question_is_said_of_what_would_give_it_one() {
        let place = |change: fn(&mut World)| {
            let mut world = World::generate(0);
            change(&mut world);
            refused(&world.to_json()).field()
        };
        assert_eq!(place(|world| world.attributes.iter_mut().for_each(|own| own.sensitive = None)), "attributes");
        assert_eq!(place(|world| world.entities.retain(|own| own.exposure != super::super::Exposure::New)), "entities");
        assert_eq!(place(|world| world.language.hedge.clear()), "language › hedge");
        assert_eq!(place(|world| world.language.hedge.push(world.language.hedge[0].clone())), "language › hedge › 4");
    }

    fn fact_value(world: &World, entity: usize, topic: &str) -> String {
        format!("\"{}\"", world.entities[entity].facts[topic])
    }
}
