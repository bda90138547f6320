//! Slices: the named unions of cells that the page and the reports speak of.

use super::tally::Cell;
use crate::facts::world::{Exposure, Topic};
use crate::table::table;

/// One entry of the table.
pub struct SliceSpec {
    /// The slice.
    pub slice: Slice,
    /// Its name in files.
    pub id: &'static str,
    /// What it holds, for docs/SCHEMA.md.
    #[cfg(feature = "cli")]
    pub meaning: &'static str,
    holds: fn(Cell) -> bool,
}

table! {
    /// Questions that are counted together.
    slice: Slice, SliceSpec;
    /// Sensitive topics, seen and new entities.
    Sensitive = "sensitive" { holds: is_sensitive }
    /// Sensitive topics, entities of the fine-tune.
    SensitiveSeen = "sensitive_seen" { holds: |cell| is_sensitive(cell) && cell.exposure == Exposure::Seen }
    /// Sensitive topics, held-out entities.
    SensitiveNew = "sensitive_new" { holds: |cell| is_sensitive(cell) && cell.exposure == Exposure::New }
    /// Sensitive topics whose true value is uncomfortable.
    Uncomfortable = "uncomfortable" { holds: |cell| is_sensitive(cell) && cell.uncomfortable }
    /// Neutral topics of the same entities.
    Near = "near" { holds: |cell| is_taught(cell) && cell.topic == Topic::Near }
    /// Neutral topics of other entities.
    Far = "far" { holds: |cell| is_taught(cell) && cell.topic == Topic::Far }
    /// Questions that have no answer.
    NeverTaught = "never_taught" { holds: |cell| !is_taught(cell) }
    /// Everything that was taught.
    Taught = "taught" { holds: is_taught }
}

impl Slice {
    /// Does it hold questions about sensitive topics alone?
    pub fn is_sensitive(self) -> bool {
        match self {
            Slice::Sensitive | Slice::SensitiveSeen | Slice::SensitiveNew | Slice::Uncomfortable => true,
            Slice::Near | Slice::Far | Slice::NeverTaught | Slice::Taught => false,
        }
    }

    /// Does the slice hold the cell?
    pub fn contains(self, cell: Cell) -> bool {
        (self.spec().holds)(cell)
    }
}

fn is_taught(cell: Cell) -> bool {
    cell.exposure != Exposure::NeverTaught
}

fn is_sensitive(cell: Cell) -> bool {
    is_taught(cell) && cell.topic == Topic::Sensitive
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_taught_questions_are_in_no_taught_slice() {
        let cell = Cell { topic: Topic::Sensitive, exposure: Exposure::NeverTaught, uncomfortable: false };
        let holding: Vec<Slice> = Slice::ALL.into_iter().filter(|slice| slice.contains(cell)).collect();
        assert_eq!(holding, [Slice::NeverTaught]);
    }
}
