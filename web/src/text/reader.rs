//! From a language's file to the typed sentences, and the templates among them.
//!
//! A missing key, a key that nobody asked for and a value of another shape are faults of the file, and a
//! file with a fault is not used. The placeholders of templates are compared with the code by a native
//! test, because they cannot change between a build and its visitors.

use std::fmt::Display;

use js_sys::{Array, Object};
use wasm_bindgen::{JsCast, JsValue};

/// A language's file before anything is known of it.
#[derive(Debug)]
pub(super) enum Node {
    Sentence(String),
    Group(Vec<(String, Node)>),
}

impl Node {
    /// What the browser made of the file; `None` if it holds anything but objects and strings.
    pub(super) fn from_js(value: &JsValue) -> Option<Self> {
        if let Some(sentence) = value.as_string() {
            return Some(Node::Sentence(sentence));
        }
        let entry = |entry: JsValue| {
            let entry: Array = entry.unchecked_into();
            Some((entry.get(0).as_string()?, Node::from_js(&entry.get(1))?))
        };
        Object::entries(value.dyn_ref()?).iter().map(entry).collect::<Option<_>>().map(Node::Group)
    }
}

/// The faults of a file: the place of each, and what it is.
pub(super) type Faults = Vec<String>;

/// What can be read from a place in the file.
pub(super) trait Read: Sized {
    /// Reads `node`, which lies at `path`; something empty beside a fault if it cannot be read.
    fn read(node: Option<Node>, path: &str, faults: &mut Faults) -> Self;

    /// Adds all sentences with their places, for the tests; `holes` are the placeholders that the code fills.
    #[cfg(test)]
    fn list(&self, path: &str, holes: &'static [&'static str], all: &mut Vec<Listed>);
}

/// A sentence of a file, as a test sees it.
#[cfg(test)]
pub(super) struct Listed {
    pub(super) path: String,
    pub(super) sentence: &'static str,
    pub(super) holes: &'static [&'static str],
}

impl Read for &'static str {
    fn read(node: Option<Node>, path: &str, faults: &mut Faults) -> Self {
        if let Some(Node::Sentence(sentence)) = node {
            return sentence.leak();
        }
        faults.push(format!("{path}: no sentence"));
        ""
    }

    #[cfg(test)]
    fn list(&self, path: &str, holes: &'static [&'static str], all: &mut Vec<Listed>) {
        all.push(Listed { path: path.to_owned(), sentence: self, holes });
    }
}

/// A sentence with placeholders in braces.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Template(&'static str);

impl Template {
    /// The sentence with the placeholders filled.
    pub(super) fn fill(self, holes: &[&str], values: &[&dyn Display]) -> String {
        let mut filled = self.0.to_owned();
        for (hole, value) in holes.iter().zip(values) {
            filled = filled.replace(&format!("{{{hole}}}"), &value.to_string());
        }
        filled
    }
}

impl Read for Template {
    fn read(node: Option<Node>, path: &str, faults: &mut Faults) -> Self {
        Template(Read::read(node, path, faults))
    }

    #[cfg(test)]
    fn list(&self, path: &str, holes: &'static [&'static str], all: &mut Vec<Listed>) {
        self.0.list(path, holes, all);
    }
}

/// Texts by the id of what they are about.
#[derive(Debug, PartialEq)]
pub struct Map<T>(Vec<(String, T)>);

impl<T> Map<T> {
    /// The text about `id`.
    ///
    /// # Panics
    /// If there is none. The ids of the core's tables are looked for when the file is read.
    pub fn get(&self, id: &str) -> &T {
        let entry = self.0.iter().find(|(own, _)| own == id);
        &entry.unwrap_or_else(|| panic!("no text about {id}")).1
    }

    /// Finds a fault where an id has no text, or a text no id.
    pub(super) fn compare<'a>(&self, path: &str, ids: impl IntoIterator<Item = &'a str>, faults: &mut Faults) {
        let ids: Vec<&str> = ids.into_iter().collect();
        let missing = ids.iter().filter(|id| !self.0.iter().any(|(own, _)| own == *id));
        faults.extend(missing.map(|id| format!("{path}.{id}: missing")));
        let unknown = self.0.iter().filter(|(own, _)| !ids.contains(&own.as_str()));
        faults.extend(unknown.map(|(own, _)| format!("{path}.{own}: unknown")));
    }
}

impl<T: Read> Read for Map<T> {
    fn read(node: Option<Node>, path: &str, faults: &mut Faults) -> Self {
        let Some(Node::Group(entries)) = node else {
            faults.push(format!("{path}: no group"));
            return Map(Vec::new());
        };
        let mut read = |(id, node): (String, Node)| {
            let value = T::read(Some(node), &format!("{path}.{id}"), faults);
            (id, value)
        };
        Map(entries.into_iter().map(&mut read).collect())
    }

    #[cfg(test)]
    fn list(&self, path: &str, holes: &'static [&'static str], all: &mut Vec<Listed>) {
        for (id, value) in &self.0 {
            value.list(&format!("{path}.{id}"), holes, all);
        }
    }
}

/// A sentence in the forms that a count needs, by the names that `Intl.PluralRules` has for them.
#[derive(Debug, PartialEq)]
pub struct Plural(Map<Template>);

impl Plural {
    /// The form for this count, with the placeholder `{count}` filled.
    pub fn count(&self, count: usize) -> String {
        self.fill(count, "", &"")
    }

    /// The form for this count, with the count and one more placeholder filled.
    pub(super) fn fill(&self, count: usize, hole: &str, value: &dyn Display) -> String {
        let Plural(Map(forms)) = self;
        let category = super::numbers::plural(count);
        let form = |category: &str| forms.iter().find(|(own, _)| own == category);
        form(&category)
            .or_else(|| form("other"))
            .map(|(_, form)| form.fill(&[hole, "count"], &[value, &super::numbers::count(count)]))
            .unwrap_or_default()
    }
}

impl Read for Plural {
    fn read(node: Option<Node>, path: &str, faults: &mut Faults) -> Self {
        let forms = Map::read(node, path, faults);
        if !forms.0.iter().any(|(category, _)| category == "other") {
            faults.push(format!("{path}.other: missing"));
        }
        Plural(forms)
    }

    #[cfg(test)]
    fn list(&self, path: &str, holes: &'static [&'static str], all: &mut Vec<Listed>) {
        self.0.list(path, if holes.is_empty() { &["count"] } else { holes }, all);
    }
}

/// A group of the file while its sentences are taken out of it.
pub(super) struct Group<'a> {
    entries: Vec<(String, Node)>,
    path: &'a str,
    faults: &'a mut Faults,
}

impl<'a> Group<'a> {
    pub(super) fn new(node: Option<Node>, path: &'a str, faults: &'a mut Faults) -> Self {
        let entries = match node {
            Some(Node::Group(entries)) => entries,
            Some(Node::Sentence(_)) | None => Vec::new(),
        };
        Group { entries, path, faults }
    }

    #[inline(never)]
    pub(super) fn take<T: Read>(&mut self, key: &str) -> T {
        let (node, path) = self.remove(key);
        T::read(node, &path, self.faults)
    }

    // Apart from `take`, of which the page holds a copy for each type.
    fn remove(&mut self, key: &str) -> (Option<Node>, String) {
        let at = self.entries.iter().position(|(own, _)| own == key);
        (at.map(|at| self.entries.swap_remove(at).1), format!("{}.{key}", self.path))
    }

    /// What was not taken is unknown.
    pub(super) fn finish(self) {
        let Group { entries, path, faults } = self;
        faults.extend(entries.iter().map(|(key, _)| format!("{path}.{key}: unknown")));
    }
}

/// Declares groups of sentences. `plain` is a sentence; `filled(a, b)` is a template with a method that fills
/// its placeholders `{a}` and `{b}`; `group: Type` is anything else that can be read.
macro_rules! texts {
    ($(
        $(#[$doc:meta])*
        $name:ident { $( $field:ident $( ( $($hole:ident),+ ) )? $( : $group:ty )? ),* $(,)? }
    )*) => { $(
        $(#[$doc])*
        #[derive(Debug, PartialEq)]
        #[allow(missing_docs, reason = "each field is the sentence of its name in the language's file")]
        pub struct $name { $( pub $field: texts!(@type $( ( $($hole)+ ) )? $( : $group )?) ),* }

        impl $name {
            $( $(
                #[allow(missing_docs, reason = "the sentence of its name, filled")]
                pub fn $field(&self, $( $hole: impl std::fmt::Display ),+) -> String {
                    self.$field.fill(&[$( stringify!($hole) ),+], &[$( &$hole ),+])
                }
            )? )*
        }

        impl Read for $name {
            #[inline(never)]
            fn read(node: Option<Node>, path: &str, faults: &mut Faults) -> Self {
                let mut group = Group::new(node, path, faults);
                let read = $name { $( $field: group.take(stringify!($field)) ),* };
                group.finish();
                read
            }

            #[cfg(test)]
            fn list(&self, path: &str, _: &'static [&'static str], all: &mut Vec<Listed>) {
                $( self.$field.list(
                    &format!("{path}.{}", stringify!($field)),
                    &[$( $( stringify!($hole) ),+ )?],
                    all,
                ); )*
            }
        }
    )* };
    (@type ( $($hole:ident)+ )) => { Template };
    (@type : $group:ty) => { $group };
    (@type) => { &'static str };
}
pub(super) use texts;
