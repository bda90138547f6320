//! Runs that were made before.

use std::pin::Pin;
use std::sync::Arc;

use hedgerow::documents::protocol::{decode, encode};
use hedgerow::documents::report::RunReport;
use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use wasm_bindgen::JsValue;

use super::Lab;
use super::saving::{link_of, studio, writer};
use crate::engine::bases::{self, NoModels};
use crate::js::{Latest, describe, spawn};
use crate::model::files::read::labelled;
use crate::model::files::{Dropped, Fault, Label, file_name, packed};
use crate::model::saved::SavedRun;
use crate::model::shelf::{Refused, Said, Shelf, id as shelf_id, run_of_file};
use crate::model::tuned::ModelFiles;
use crate::storage::files::{FileKind, Writer};
use crate::storage::shelf::Taken;
use crate::storage::{files, pictures, shelf};
use crate::stores::view::OffShelf;
use crate::text::pictures::Shown;
use crate::text::terms;

impl Lab {
    /// Puts a run's file on the shelf.
    pub(super) async fn put_on_shelf(self, writer: Writer, report: &RunReport, file: &str) -> Result<(), JsValue> {
        let (id, line) = (writer.line)(report);
        shelf::shelve(&id, report.updates_done(), &line, file).await?;
        self.stores.view.shelved.update(|shelved| *shelved += 1);
        Ok(())
    }

    /// What the shelf holds.
    pub fn look_at_shelf(self, looks: Latest, found: RwSignal<Shelf>) {
        let is_latest = looks.ask();
        spawn(async move {
            let shelf = match files::writer().await {
                Ok(writer) => match shelf::shelf(writer.read_line).await {
                    Ok(entries) => Shelf::Here(entries),
                    Err(error) => Shelf::NoStorage(describe(&error)),
                },
                Err(_) => Shelf::NotFetched,
            };
            if is_latest() {
                found.set(shelf);
            }
        });
    }

    /// Keeps what the visitor says of a run on the shelf.
    pub fn label(self, id: String, said: Said) {
        spawn(async move {
            let labelled = shelf::label(&id, said).await;
            self.tell_if_not_saved(labelled);
            self.stores.view.shelved.update(|shelved| *shelved += 1);
        });
    }

    /// Shows a run of the shelf in place of what is drawn, and then does something with it; `failed` hears why it cannot.
    pub fn show_shelved(self, id: String, then: impl FnOnce() + 'static, failed: impl FnOnce(Refused) + 'static) {
        let (view, is_latest) = (self.stores.view, self.showing.ask());
        spawn(async move {
            let shown = async {
                let file = shelf::file(&id).await.map_err(of_browser)?.unwrap_or_default();
                let (report, _) = run_of_file(file.as_bytes())?;
                if !is_latest() {
                    return Ok(());
                }
                view.at.set(None);
                view.seed.set(None);
                view.opened.set(Some(OffShelf { id, report: report.into() }));
                then();
                Ok(())
            };
            shown.await.unwrap_or_else(failed);
        });
    }

    /// Reads runs of the shelf, and hands them over in the order of their names, or why one of them cannot be read.
    pub fn read_shelved(self, ids: Vec<String>, then: impl FnOnce(Result<Vec<Arc<RunReport>>, Refused>) + 'static) {
        spawn(async move {
            let read = async {
                let mut runs = Vec::new();
                for id in ids {
                    let file = shelf::file(&id).await.map_err(of_browser)?.unwrap_or_default();
                    let (report, _) = run_of_file(file.as_bytes())?;
                    runs.push(Arc::from(report));
                }
                Ok(runs)
            };
            then(read.await);
        });
    }

    /// Shows again what there was before.
    pub fn close_shelved(self) {
        self.stores.view.at.set(None);
        self.stop_showing();
    }

    pub(super) fn stop_showing(self) {
        // A file that is still read comes too late.
        self.showing.pass_over();
        self.stores.view.opened.set(None);
    }

    /// Saves a run of the shelf as a file of this name, or of one of its own; `failed` hears why it cannot.
    pub fn save_shelved(self, id: String, name: String, kind: FileKind, failed: impl FnOnce(Refused) + 'static) {
        spawn(async move {
            let saved = async {
                let mut file = shelf::file(&id).await.map_err(of_browser)?.unwrap_or_default();
                // Read only for what is not known yet: rows, or a name.
                let wanted = matches!(kind, FileKind::Csv(_)) || name.is_empty();
                let name = match (wanted.then(|| run_of_file(file.as_bytes()).map(|(report, _)| report)), kind) {
                    (None, _) => name,
                    (Some(Ok(report)), kind) => {
                        let writer = writer().await.map_err(of_browser)?;
                        if matches!(kind, FileKind::Csv(_)) {
                            file = (writer.file)(&report, kind);
                        }
                        if name.is_empty() { (writer.name)(&report) } else { name }
                    }
                    // What cannot be read here is handed out as it is.
                    (Some(Err(_)), FileKind::Json) => file_name("run", "", "", &[]),
                    (Some(Err(refused)), FileKind::Csv(_)) => return Err(refused),
                };
                files::save(&name, kind, &file).map_err(of_browser)
            };
            saved.await.unwrap_or_else(failed);
        });
    }

    /// Saves all of a run of the shelf, and what is said of it, as one archive of this name, or of one of its own; `failed` hears why it cannot.
    pub fn save_all(self, id: String, name: String, label: Label, failed: impl FnOnce(Refused) + 'static) {
        spawn(async move {
            let saved = async {
                let file = shelf::file(&id).await.map_err(of_browser)?.unwrap_or_default();
                let (report, json) = run_of_file(file.as_bytes())?;
                let studio = studio().await.map_err(of_browser)?;
                let facts = self.names(report.experiment.own_world).await;
                let link = link_of(&report);
                let shown = Shown { report: &report, seed: None, at: None, facts: &facts, link };
                let models = shelved_models(&id).await.unwrap_or_default();
                let archive = (studio.pack)(&shown, json.to_owned(), models, &label).map_err(Refused::Browser)?;
                let name = if name.is_empty() { (writer().await.map_err(of_browser)?.name)(&report) } else { name };
                pictures::save_archive(&name, &archive).map_err(of_browser)
            };
            saved.await.unwrap_or_else(failed);
        });
    }

    /// Saves the models of this tab's run, as they were when it last waited, as one archive; `failed` hears why it cannot.
    pub fn save_models(self, failed: impl FnOnce(Refused) + 'static) {
        spawn(async move {
            let saved = async {
                let run = self.client.with_value(|client| client.saved("")).ok_or(Refused::NoModels)?;
                save_archive_of(&bases::tuned_files(&self.files.get_value(), &run).await.map_err(no_models)?)
            };
            saved.await.unwrap_or_else(failed);
        });
    }

    /// Saves the models of a run of the shelf as one archive; `failed` hears why it cannot.
    pub fn save_shelved_models(self, id: String, failed: impl FnOnce(Refused) + 'static) {
        spawn(async move {
            let saved = async { save_archive_of(&shelved_models(&id).await?) };
            saved.await.unwrap_or_else(failed);
        });
    }

    /// Takes a run from the shelf, and hands over what puts it back, or why it is still there.
    pub fn take_from_shelf(self, id: String, then: impl FnOnce(Result<Taken, Refused>) + 'static) {
        spawn(async move {
            then(shelf::take(&id).await.map_err(of_browser));
            self.stores.view.shelved.update(|shelved| *shelved += 1);
        });
    }

    /// Puts it back.
    pub fn put_back(self, taken: Taken) {
        spawn(async move {
            let put_back = shelf::put_back(&taken).await;
            self.tell_if_not_saved(put_back);
            self.stores.view.shelved.update(|shelved| *shelved += 1);
        });
    }

    /// Puts the runs of files on the shelf, and hands over the names of what stays off it, each with the reason.
    pub fn shelve_files(self, files: Vec<Dropped>, then: impl FnOnce(Vec<(String, Refused)>, Vec<String>) + 'static) {
        spawn(async move {
            let (mut refused, mut were_there) = (Vec::new(), Vec::new());
            for dropped in files {
                let (entries, label) = labelled(dropped);
                for (name, bytes) in entries {
                    match self.shelve_file(bytes, label.as_ref()).await {
                        Ok(false) => {}
                        Ok(true) => were_there.push(name),
                        Err(reason) => refused.push((name, reason)),
                    }
                }
            }
            then(refused, were_there);
        });
    }

    /// Puts the run of a file on the shelf, and what is said of it. Was it there, as far as this one? Then what is said of it
    /// there stays.
    async fn shelve_file(self, bytes: Result<Vec<u8>, Fault>, label: Option<&Label>) -> Result<bool, Refused> {
        let bytes = bytes?;
        let (report, file) = run_of_file(&bytes)?;
        let writer = writer().await.map_err(of_browser)?;
        let (id, done) = ((writer.line)(&report).0, report.updates_done());
        let known = shelf::shelf(writer.read_line).await.map_err(of_browser)?.into_iter().find(|own| own.id == id);
        let was_there = known.as_ref().and_then(|own| own.line.as_ref()).is_some_and(|line| line.done >= done);
        self.put_on_shelf(writer, &report, file).await.map_err(of_browser)?;
        if let (None, Some(Label { name, note })) = (known, label.cloned()) {
            for said in [Said::Name(name), Said::Note(note)] {
                shelf::label(&id, said).await.map_err(of_browser)?;
            }
            self.stores.view.shelved.update(|shelved| *shelved += 1);
        }
        Ok(was_there)
    }
}

/// Puts the models of a run beside it on the shelf.
type ShelveModels = fn(Lab, SavedRun) -> Pin<Box<dyn Future<Output = ()>>>;

/// What does that; it is fetched when a run waits.
#[wasm_split(files, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(super) fn shelve_models() -> Result<ShelveModels, SplitLoaderError> {
    Ok(|lab, run| {
        Box::pin(async move {
            let (id, done) = (shelf_id(&run.report), run.report.updates_done());
            if let Ok(models) = bases::tuned_files(&lab.files.get_value(), &run).await
                && shelf::add_models(&id, done, &encode(&models)).await.is_ok()
            {
                lab.stores.view.shelved.update(|shelved| *shelved += 1);
            }
        })
    })
}

/// The models of a run of the shelf, as they were put there.
async fn shelved_models(id: &str) -> Result<ModelFiles, Refused> {
    let packed = shelf::models(id).await.map_err(of_browser)?.ok_or(Refused::NoModels)?;
    decode(&packed).map_err(|_| Refused::NoModels)
}

fn save_archive_of(models: &[(String, Vec<u8>)]) -> Result<(), Refused> {
    let archive = packed(models).map_err(|error| Refused::Browser(error.to_string()))?;
    pictures::save_archive("hedgerow-models", &archive).map_err(of_browser)
}

fn no_models(why: NoModels) -> Refused {
    match why {
        NoModels::Unfit => Refused::NoModels,
        NoModels::Missing(fault) => Refused::Browser(terms::file_fault(&fault)),
    }
}

fn of_browser(error: JsValue) -> Refused {
    Refused::Browser(describe(&error))
}
