//! What the page says of the worlds that come with the site, so that it need not fetch and read them: for each of them a
//! question and three answers to it, and what its facts are called. The story opens with such a question to a real language
//! model, if there are recorded runs of one.

use std::fs;

use anyhow::{Context, Result, ensure};
use hedgerow::documents::{
    example::{Example, RealExample},
    named_facts::NamedFacts,
    protocol,
};
use hedgerow::facts::{
    corpus::Corpus,
    world::{Theme, World},
};

use crate::{listing::OPENING, process};

/// Writes `examples.postcard`, `real.postcard` and what the facts of each theme are called into `web/generated/story/`, from
/// the worlds of `public/base/`.
pub(crate) fn pack() -> Result<()> {
    let folder = process::root().join("web/generated/story");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let write = |name: &str, bytes: Vec<u8>| {
        let file = folder.join(name);
        fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))
    };
    for theme in Theme::ALL {
        let facts: Vec<NamedFacts> = corpora(theme)?.iter().map(NamedFacts::of).collect();
        write(&format!("{}.postcard", theme.id()), protocol::encode(&facts))?;
    }
    let corpora = corpora(OPENING)?;
    let (examples, real) = (examples(&corpora), real_example()?);
    let opening = real.as_ref().map(|real| &real.opening);
    write("examples.postcard", protocol::encode(&(examples, opening)))?;
    write("real.postcard", protocol::encode(&real))
}

/// The question of a real language model, if its runs were recorded.
pub(crate) fn real_example() -> Result<Option<RealExample>> {
    let file = process::root().join("public/recorded/language-model-example.json");
    if !file.is_file() {
        return Ok(None);
    }
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).map(Some).with_context(|| format!("{} is no example", file.display()))
}

fn corpora(theme: Theme) -> Result<Vec<Corpus>> {
    let mut base = process::root().join("public/base");
    if theme == Theme::Everyday {
        base.push(theme.id());
    }
    let mut corpora = Vec::new();
    for seed in 0.. {
        let file = base.join(format!("world-{seed}.json"));
        if !file.is_file() {
            break;
        }
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let world = World::from_json(&text).map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
        corpora.push(Corpus::new(world));
    }
    ensure!(!corpora.is_empty(), "{} holds no world", base.display());
    Ok(corpora)
}

fn examples(corpora: &[Corpus]) -> Vec<Example> {
    corpora.iter().filter_map(Example::of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_world_of_the_site_has_an_example() {
        let seeds: Vec<u64> = examples(&corpora(OPENING).unwrap()).iter().map(|example| example.seed).collect();
        assert_eq!(seeds, (0..seeds.len() as u64).collect::<Vec<u64>>());
        assert!(seeds.len() > 1);
    }
}
