//! The facts of a world as a spreadsheet has them: topics in the first row, names in the first column.
//!
//! Written with tabs, as spreadsheets copy and paste; read with semicolons or commas as well. Which words a world has is
//! not changed here.

use hedgerow::facts::world::World;

/// What a sheet says that the world does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// Not a topic of any name.
    Topic(String),
    /// In this line, not a name that has facts about the sheet's topics.
    Name(usize, String),
    /// In this line, not a value that the topic can have.
    Value(usize, String, String),
}

/// The facts of a kind of names.
pub fn written(world: &World, kind: &str) -> String {
    let topics: Vec<&str> = world.attributes.iter().filter(|own| own.of == kind).map(|own| own.word.as_str()).collect();
    let row = |first: &str, cells: &[&str]| [&[first][..], cells].concat().join("\t");
    let names = world.entities.iter().filter(|entity| entity.kind == kind && !entity.facts.is_empty());
    let rows = names.map(|entity| {
        let cells = topics.iter().map(|topic| entity.facts.get(*topic).map_or("", String::as_str));
        row(&entity.word, &cells.collect::<Vec<_>>())
    });
    [row("", &topics)].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

/// The world with the facts that a sheet has; an empty cell, and what the sheet leaves out, stays as it is.
///
/// # Errors
/// The first word that the world does not know.
pub fn read(world: &World, sheet: &str) -> Result<World, Unknown> {
    let mut world = world.clone();
    let mut rows = sheet.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let Some((_, head)) = rows.next() else { return Ok(world) };
    let separator = ['\t', ';', ','].into_iter().find(|sign| head.contains(*sign)).unwrap_or('\t');
    let cells = |line: &str| line.split(separator).map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let is = |cell: &str, word: &str| cell.to_lowercase() == word.to_lowercase();
    let mut topics: Vec<Option<String>> = Vec::new();
    for cell in cells(head).into_iter().skip(1) {
        let topic = world.attributes.iter().find(|own| is(&cell, &own.word)).map(|own| own.word.clone());
        if topic.is_none() && !cell.is_empty() {
            return Err(Unknown::Topic(cell));
        }
        topics.push(topic);
    }
    for (line, row) in rows {
        let mut cells = cells(row).into_iter();
        let name = cells.next().unwrap_or_default();
        let unknown = || Unknown::Name(line + 1, name.clone());
        let place = world.entities.iter().position(|own| is(&name, &own.word) && !own.facts.is_empty());
        let place = place.ok_or_else(unknown)?;
        for (topic, cell) in topics.iter().zip(cells) {
            let Some(topic) = topic.as_ref().filter(|_| !cell.is_empty()) else { continue };
            let kind = &world.entities[place].kind;
            let attribute = world.attributes.iter().position(|own| own.word == *topic && own.of == *kind);
            let values = world.values_of(attribute.ok_or_else(unknown)?);
            let value = values.into_iter().map(|own| world.values[own].clone()).find(|own| is(&cell, own));
            let value = value.ok_or_else(|| Unknown::Value(line + 1, cell.clone(), topic.clone()))?;
            world.entities[place].facts.insert(topic.clone(), value);
        }
    }
    Ok(world)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::facts::world::Theme;
    use proptest::prelude::*;

    fn kinds(world: &World) -> Vec<String> {
        world.attributes.iter().map(|own| own.of.clone()).collect()
    }

    #[test]
    fn what_is_copied_out_and_pasted_back_changes_nothing() {
        for theme in Theme::ALL {
            let world = World::of(theme, 3);
            for kind in kinds(&world) {
                let sheet = written(&world, &kind);
                assert!(sheet.lines().count() > 4, "{sheet}");
                for sheet in
                    [sheet.clone(), sheet.replace('\t', ";"), sheet.replace('\t', ","), sheet.replace('\n', "\r\n")]
                {
                    assert_eq!(read(&world, &sheet), Ok(world.clone()), "{sheet}");
                }
            }
        }
    }

    #[test]
    fn a_changed_cell_is_a_changed_fact_and_a_word_that_is_not_known_is_named_with_its_line() {
        let world = World::of(Theme::Everyday, 0);
        let sheet = written(&world, &world.attributes[0].of);
        let topic = world.attributes[0].word.clone();
        let (name, old) =
            sheet.lines().nth(1).and_then(|row| Some((row.split('\t').next()?, row.split('\t').nth(1)?))).unwrap();
        let other = world.values_of(0).into_iter().map(|own| world.values[own].clone()).find(|own| own != old).unwrap();
        let one = format!("\t{topic}\n{}\t {} \n", name.to_uppercase(), other);
        let changed = read(&world, &one).unwrap();
        let differing = world.entities.iter().zip(&changed.entities).filter(|(one, other)| one != other).count();
        assert_eq!(differing, 1);
        assert_eq!(changed.entities.iter().find(|own| own.word == name).unwrap().facts[&topic], other);
        assert_eq!(read(&world, "\tweight\n"), Err(Unknown::Topic("weight".into())));
        assert_eq!(read(&world, &format!("\t{topic}\n\nemu\tx")), Err(Unknown::Name(3, "emu".into())));
        let wrong = Unknown::Value(2, "heavy".into(), topic.clone());
        assert_eq!(read(&world, &format!("\t{topic}\n{name}\theavy")), Err(wrong));
        assert_eq!(read(&world, " \n"), Ok(world.clone()), "nothing says nothing");
    }

    proptest! {
        #[test]
        fn no_sheet_makes_it_panic(sheet in "[\\t;,\\n a-z]{0,80}") {
            let _ = read(&World::of(Theme::Everyday, 0), &sheet);
        }
    }
}
