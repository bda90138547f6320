//! Files that are whole or not there, the places that they go to, and what is read from files.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail, ensure};
use hedgerow::documents::report::{RunReport, SCHEMA};
use hedgerow::judgement::experiment::Experiment;
use hedgerow::judgement::settings::{CHOICES, SETTINGS};
use tempfile::NamedTempFile;

/// Where the models are that come with the site.
pub(super) const BASES: &str = "public/base";
/// How alike two names have to be for one to be meant by the other: 1 is the same.
const ALIKE: f64 = 0.8;

/// Reads a text, without the byte-order mark that some editors put before it.
pub(super) fn read_text(path: &Path) -> anyhow::Result<String> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

/// Reads an experiment. A field that there is not is an error: left out, it would be another experiment.
pub(super) fn read_experiment(path: &Path) -> anyhow::Result<Experiment> {
    let text = read_text(path)?;
    let mut unknown = Vec::new();
    let mut json = serde_json::Deserializer::from_str(&text);
    let experiment = serde_ignored::deserialize(&mut json, |field| unknown.push(field.to_string()))
        .and_then(|experiment| json.end().map(|()| experiment))
        .with_context(|| format!("reading {}", path.display()))?;
    match unknown.first() {
        Some(field) => bail!("reading {}: there is no setting {field}{}", path.display(), did_you_mean(field)),
        None => Ok(experiment),
    }
}

/// The name that was probably meant, as the end of a sentence.
pub(super) fn did_you_mean(name: &str) -> String {
    let parts = ["arms", "seeds", "rater", "finetune", "measure", "reward_model", "person", "own_world"];
    let paths = SETTINGS.iter().map(|setting| setting.path).chain(CHOICES.iter().map(|choice| choice.path));
    let alike = parts.into_iter().chain(paths).map(|known| (strsim::jaro_winkler(name, known), known));
    match alike.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((likeness, known)) if likeness > ALIKE => format!("; did you mean {known}?"),
        Some(_) | None => String::new(),
    }
}

/// Reads a run, unless a later version of this program has written it.
pub(super) fn read_report(path: &Path) -> anyhow::Result<RunReport> {
    let text = read_text(path)?;
    let report: RunReport = serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
    let (schema, file) = (report.schema, path.display());
    ensure!(schema <= SCHEMA, "{file} is of schema {schema}; this program knows {SCHEMA}");
    Ok(report)
}

/// Makes the folder of a file and finds out whether it can be written there: before the work is done.
pub(super) fn prepare(path: &Path) -> anyhow::Result<()> {
    let unwritable = || format!("{} cannot be written", path.display());
    ensure!(!path.is_dir(), "{}: it is a folder", unwritable());
    let folder = folder_of(path);
    fs::create_dir_all(folder).with_context(unwritable)?;
    beside(path).map(drop).with_context(unwritable)
}

/// Writes beside the file and renames, so that a kill or a power cut leaves the old file or the new one. If that fails,
/// the bytes are kept elsewhere: what they hold may have taken hours.
pub(super) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let Err(error) = write_whole(path, bytes) else { return Ok(()) };
    let name = path.file_name().unwrap_or_default();
    let elsewhere = tempfile::Builder::new().prefix("hedgerow-").disable_cleanup(true).tempdir();
    let copy = elsewhere.map(|folder| folder.path().join(name)).map_err(anyhow::Error::from);
    let copy = copy.and_then(|copy| write_whole(&copy, bytes).map(|()| copy));
    let kept = match copy {
        Ok(copy) => format!("what it would hold is in {}", copy.display()),
        Err(second) => format!("what it would hold could not be kept elsewhere either ({second:#})"),
    };
    Err(error.context(format!("writing {}; {kept}", path.display())))
}

fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = beside(path)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    // The name is in the folder, which has a cache of its own.
    #[cfg(unix)]
    File::open(folder_of(path))?.sync_all()?;
    Ok(())
}

/// A file of a name that no other process has, in the folder of this one.
fn beside(path: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".").suffix(".unfinished");
    #[cfg(unix)]
    // As any file is made, and not for its owner's eyes alone: the umask takes from it what it takes.
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder_of(path))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The right to be the only process that works on something, as long as it is held.
pub(super) struct Sole {
    file: File,
    path: PathBuf,
}

impl Sole {
    /// # Errors
    /// Says that another process has it.
    pub(super) fn take(path: PathBuf, work: &str) -> anyhow::Result<Self> {
        let file = File::create(&path).with_context(|| format!("writing {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Sole { file, path }),
            Err(TryLockError::WouldBlock) => Err(anyhow!("another process is at work on {work}: let it end")),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("locking {}", path.display())),
        }
    }
}

impl Drop for Sole {
    fn drop(&mut self) {
        // A lock file that stays does no harm: what counts is the lock, which ends with the process.
        drop(fs::remove_file(&self.path));
        drop(self.file.unlock());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_writers_of_one_file_do_not_mix_and_leave_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        // A user's own file of the name that was once taken for the unfinished one.
        fs::write(folder.path().join("run.tmp"), "mine").unwrap();
        let contents: Vec<Vec<u8>> = (0..8u8).map(|letter| vec![b'a' + letter; 100_000]).collect();
        std::thread::scope(|scope| {
            for bytes in &contents {
                scope.spawn(|| (0..20).for_each(|_| write(&path, bytes).unwrap()));
            }
        });
        assert!(contents.contains(&fs::read(&path).unwrap()), "one of them, whole");
        let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["run.json", "run.tmp"]);
        assert_eq!(fs::read(folder.path().join("run.tmp")).unwrap(), b"mine");
    }

    #[test]
    fn a_place_that_cannot_be_written_is_found_before_the_work_and_keeps_a_copy_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "in the way").unwrap();
        for path in [file.join("run.json"), folder.path().to_path_buf()] {
            let said = format!("{:#}", prepare(&path).unwrap_err());
            assert!(said.contains("cannot be written"), "{said}");
        }
        prepare(&folder.path().join("new/deep/run.json")).unwrap();
        let said = format!("{:#}", write(&file.join("run.json"), b"hours of work").unwrap_err());
        let copy = said.split("what it would hold is in ").nth(1).and_then(|rest| rest.split(": ").next());
        let copy = PathBuf::from(copy.expect("a place"));
        assert_eq!(fs::read(&copy).unwrap(), b"hours of work");
        fs::remove_dir_all(copy.parent().unwrap()).unwrap();
    }

    #[test]
    fn work_that_another_process_has_is_not_begun() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("lock");
        let held = Sole::take(lock.clone(), "a seed").unwrap();
        let said = Sole::take(lock.clone(), "a seed").map(drop).unwrap_err().to_string();
        assert!(said.contains("another process is at work on a seed"), "{said}");
        drop(held);
        Sole::take(lock, "a seed").unwrap();
    }

    #[test]
    fn an_experiment_with_a_slip_of_the_pen_is_refused_with_what_was_meant() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("experiment.json");
        let mut json = serde_json::to_value(Experiment::default()).unwrap();
        let text = json.to_string();
        for text in [text.clone(), format!("\u{feff}{text}"), text.replace(',', ",\r\n")] {
            fs::write(&path, text).unwrap();
            assert_eq!(read_experiment(&path).unwrap(), Experiment::default());
        }
        json["finetune"]["learning_rat"] = 0.1.into();
        fs::write(&path, json.to_string()).unwrap();
        let said = format!("{:#}", read_experiment(&path).unwrap_err());
        assert!(said.contains("no setting finetune.learning_rat; did you mean finetune.learning_rate?"), "{said}");
        fs::write(&path, format!("{text} {text}")).unwrap();
        assert!(format!("{:#}", read_experiment(&path).unwrap_err()).contains("trailing"));
        assert_eq!(did_you_mean("sedes"), "; did you mean seeds?");
        assert_eq!(did_you_mean("weather"), "");
    }
}
