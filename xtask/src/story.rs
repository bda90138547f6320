//! What the page's story opens with: for each world that comes with the site a question and three answers to it, so
//! that the page need not fetch a world before there is something to read.

use std::fs;

use anyhow::{Context, Result, ensure};
use hedgerow::documents::{example::Example, protocol};
use hedgerow::facts::{corpus::Corpus, world::World};

use crate::process;

/// Writes `web/generated/story/examples.postcard` from the worlds of `public/base/`.
pub(crate) fn pack() -> Result<()> {
    let folder = process::root().join("web/generated/story");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let file = folder.join("examples.postcard");
    fs::write(&file, protocol::encode(&examples()?)).with_context(|| format!("cannot write {}", file.display()))
}

fn examples() -> Result<Vec<Example>> {
    let base = process::root().join("public/base");
    let mut examples = Vec::new();
    for seed in 0.. {
        let file = base.join(format!("world-{seed}.json"));
        if !file.is_file() {
            break;
        }
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let world = World::from_json(&text).map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
        examples.extend(Example::of(&Corpus::new(world)));
    }
    ensure!(!examples.is_empty(), "{} holds no world", base.display());
    Ok(examples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_world_of_the_site_has_an_example() {
        let seeds: Vec<u64> = examples().unwrap().iter().map(|example| example.seed).collect();
        assert_eq!(seeds, (0..seeds.len() as u64).collect::<Vec<u64>>());
        assert!(seeds.len() > 1);
    }
}
