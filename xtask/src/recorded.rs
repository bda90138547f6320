//! The recorded runs as the page reads them: `public/recorded/` is JSON (gzipped) for people and programs; the
//! page has the postcard decoder of its messages already, and would need JSON's for these alone.

use std::{fs, io::BufReader, path::Path};

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use hedgerow::documents::{
    protocol,
    questions::RecordedRun,
    report::{LanguageModelReport, LanguageModelRun, RunReport},
};
use hedgerow::judgement::rater::RaterPreset;
use serde::{Deserialize, de::DeserializeOwned};

use crate::process;

/// The part of a real language model's file that [`RunReport`] has no place for here.
#[derive(Deserialize)]
struct Models {
    language_models: Vec<LanguageModelReport>,
}

/// Packs the runs of `public/recorded/` into `web/generated/recorded/`, one file for each question in each theme, and one for each rater
/// of a real language model. A file without a run is empty, so that the page can ask for it.
pub(crate) fn pack() -> Result<()> {
    pack_into(&process::root().join("public/recorded"), &process::root().join("web/generated/recorded"))
}

/// The same from and into other folders.
pub(crate) fn pack_into(from: &Path, into: &Path) -> Result<()> {
    if into.exists() {
        fs::remove_dir_all(into).with_context(|| format!("cannot clear {}", into.display()))?;
    }
    for run in RecordedRun::all() {
        pack_one(from, into, &run.name(), |json| Ok(read::<RunReport>(json)?.to_pieces()))?;
    }
    for rater in RaterPreset::ALL {
        pack_one(from, into, &LanguageModelRun::name(rater), |json| {
            let (report, Models { language_models: models }) = (read(json)?, read(json)?);
            Ok(protocol::encode(&LanguageModelRun { report, models }))
        })?;
    }
    Ok(())
}

fn pack_one(from: &Path, into: &Path, name: &str, pack: impl Fn(&Path) -> Result<Vec<u8>>) -> Result<()> {
    let json = from.join(name).with_extension("json.gz");
    let packed = into.join(name).with_extension("postcard");
    let folder = packed.parent().unwrap_or(into);
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let bytes = if json.exists() { pack(&json)? } else { Vec::new() };
    fs::write(&packed, bytes).with_context(|| format!("cannot write {}", packed.display()))
}

fn read<T: DeserializeOwned>(json: &Path) -> Result<T> {
    let file = fs::File::open(json).with_context(|| format!("cannot read {}", json.display()))?;
    let text = BufReader::new(GzDecoder::new(file));
    serde_json::from_reader(text).with_context(|| format!("{} is no run", json.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build;

    #[test]
    fn every_question_has_a_file_and_one_without_a_run_is_empty() {
        let from = process::root().join("public/recorded");
        let (some, into) =
            (std::env::temp_dir().join("hedgerow-some-runs"), std::env::temp_dir().join("hedgerow-packed"));
        fs::create_dir_all(&some).unwrap();
        fs::copy(from.join("hedging.json.gz"), some.join("hedging.json.gz")).unwrap();
        pack_into(&some, &into).unwrap();
        for run in RecordedRun::all() {
            let bytes = fs::read(into.join(run.name()).with_extension("postcard")).unwrap();
            assert_eq!(bytes.is_empty(), run.name() != "hedging", "{run:?}");
        }
    }

    #[test]
    fn a_packed_run_is_the_run() {
        let folder = process::root().join("public/recorded");
        let into = std::env::temp_dir().join("hedgerow-packed-runs");
        pack_into(&folder, &into).unwrap();
        let mut files = Vec::new();
        build::collect(&folder, &mut files).unwrap();
        for json in files {
            let Some(name) = json.strip_prefix(&folder).unwrap().to_str().unwrap().strip_suffix(".json.gz") else {
                continue;
            };
            let packed = fs::read(into.join(name).with_extension("postcard")).unwrap();
            let report: RunReport = read(&json).unwrap();
            if name.starts_with("language-model") {
                let LanguageModelRun { report: unpacked, models } = protocol::decode(&packed).unwrap();
                assert!(unpacked == report, "{}", json.display());
                assert_eq!(models.len(), report.replicas.len(), "{}", json.display());
            } else {
                assert!(RunReport::of_pieces(&packed).unwrap() == report, "{}", json.display());
            }
        }
    }
}
