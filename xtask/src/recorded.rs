//! The recorded runs as the page reads them: `public/recorded/` is JSON (gzipped) for people and programs; the
//! page has the postcard decoder of its messages already, and would need JSON's for these alone.

use std::{fs, io::BufReader, path::Path};

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use hedgerow::documents::{protocol, questions::Question, report::RunReport};

use crate::process;

/// Packs the runs of `public/recorded/` into `web/generated/recorded/`, one file for each question. The file of a
/// question without a run is empty, so that the page can ask for it.
pub(crate) fn pack() -> Result<()> {
    pack_into(&process::root().join("public/recorded"), &process::root().join("web/generated/recorded"))
}

/// The same from and into other folders.
pub(crate) fn pack_into(from: &Path, into: &Path) -> Result<()> {
    if into.exists() {
        fs::remove_dir_all(into).with_context(|| format!("cannot clear {}", into.display()))?;
    }
    fs::create_dir_all(into).with_context(|| format!("cannot create {}", into.display()))?;
    for question in Question::ALL {
        let json = from.join(question.id()).with_extension("json.gz");
        let packed = into.join(question.id()).with_extension("postcard");
        if json.exists() {
            write(&json, &packed)?;
        } else {
            fs::write(&packed, []).with_context(|| format!("cannot write {}", packed.display()))?;
        }
    }
    Ok(())
}

fn write(json: &Path, packed: &Path) -> Result<()> {
    let report = read(json)?;
    fs::write(packed, protocol::encode(&report)).with_context(|| format!("cannot write {}", packed.display()))
}

fn read(json: &Path) -> Result<RunReport> {
    let file = fs::File::open(json).with_context(|| format!("cannot read {}", json.display()))?;
    let text = BufReader::new(GzDecoder::new(file));
    serde_json::from_reader(text).with_context(|| format!("{} is no run", json.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_has_a_file_and_one_without_a_run_is_empty() {
        let from = process::root().join("public/recorded");
        let (some, into) =
            (std::env::temp_dir().join("hedgerow-some-runs"), std::env::temp_dir().join("hedgerow-packed"));
        fs::create_dir_all(&some).unwrap();
        fs::copy(from.join("hedging.json.gz"), some.join("hedging.json.gz")).unwrap();
        pack_into(&some, &into).unwrap();
        for question in Question::ALL {
            let bytes = fs::read(into.join(question.id()).with_extension("postcard")).unwrap();
            assert_eq!(bytes.is_empty(), question != Question::Hedging, "{question:?}");
        }
    }

    #[test]
    fn a_packed_run_is_the_run() {
        let folder = process::root().join("public/recorded");
        let packed = std::env::temp_dir().join("hedgerow-packed-run.postcard");
        for entry in fs::read_dir(folder).unwrap() {
            let json = entry.unwrap().path();
            write(&json, &packed).unwrap();
            let unpacked: RunReport = protocol::decode(&fs::read(&packed).unwrap()).unwrap();
            assert!(unpacked == read(&json).unwrap(), "{}", json.display());
        }
    }
}
