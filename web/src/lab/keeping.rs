//! The run that the browser keeps: across reloads, and when another takes its place.

use hedgerow::judgement::experiment::Experiment;
use leptos::prelude::*;

use super::Lab;
use super::shelving::shelve_models;
use crate::engine::bases;
use crate::engine::pool::Input;
use crate::js::{describe, spawn};
use crate::model::notice::NoticeCode;
use crate::model::run::RunState;
use crate::model::saved::SavedRun;
use crate::storage::files::FileKind;
use crate::storage::runs::Kept;
use crate::storage::{address, files, runs};

/// What there is to do for the browser's storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeping {
    /// Nothing.
    Idle,
    /// A run is on its way.
    Busy,
    /// A run is on its way, and a later state of it is to follow.
    Behind,
}

impl Lab {
    /// Brings back the run that gave way to this one.
    pub fn bring_back(self) {
        if let Some(run) = self.aside.try_update_value(Option::take).flatten() {
            self.resume_instead(run);
        }
    }

    /// Goes on with the run that was left.
    pub fn go_on(self) {
        if let Some(Kept { id, run: Some(run), .. }) = self.kept.try_update_value(Option::take).flatten() {
            self.resume_instead(run);
            // It is this tab's from now on, which has it before it is gone there.
            spawn(async move {
                self.keep_run_once().await;
                self.forget(Some(id));
            });
        }
    }

    /// Lets go of the run that was left; this page has it until it is closed.
    pub fn delete_kept(self) {
        if let Some((id, opens)) =
            self.kept.with_value(|kept| Some((kept.as_ref()?.id.clone(), kept.as_ref()?.run.is_some())))
        {
            self.forget(Some(id));
            self.stores.notices.tell(NoticeCode::RunDeleted { opens });
        }
    }

    /// Loads the page again.
    pub fn reload(self) {
        address::reload();
    }

    /// Saves the run that was kept and cannot be gone on with.
    pub fn save_kept(self) {
        if let Some(text) = self.kept.with_value(|kept| kept.as_ref().and_then(|kept| kept.file.clone())) {
            self.tell_if_not_saved(files::save("hedgerow-run", FileKind::Json, &text));
        }
    }

    /// Is this a tab that had a run when it was left? Then it is there again. A run of another tab is offered.
    pub(super) async fn is_back(self) -> bool {
        // Without storage there is nothing to come back to.
        let Ok(Some(kept)) = runs::find().await else { return false };
        let run = match &kept.run {
            Some(run) => {
                let bases = self.bases(&run.report.experiment).await;
                kept.run.clone().filter(|run| bases.is_some_and(|bases| bases == run.bases))
            }
            None => None,
        };
        let is_back = kept.again && run.is_some();
        let notice = match &run {
            Some(_) if kept.again => NoticeCode::RunBack,
            Some(run) => {
                let (done, updates) = run.progress();
                NoticeCode::RunLeft { done, updates }
            }
            None => NoticeCode::RunOfOtherSite,
        };
        match run {
            Some(run) if is_back => self.resume(run),
            Some(_) | None => self.kept.set_value(Some(kept)),
        }
        self.stores.notices.tell(notice);
        is_back
    }

    /// Names the base models of a run as they are now, if they are here.
    async fn bases(self, experiment: &Experiment) -> Option<String> {
        bases::name(&self.files.get_value(), experiment).await
    }

    fn resume(self, run: SavedRun) {
        self.stores.prefs.engine.set(run.preference);
        self.take(Input::Resume(Box::new(run)));
    }

    /// Goes on with a run and its settings in place of this one.
    fn resume_instead(self, run: SavedRun) {
        let gives_way = self.put_aside();
        self.resume(run);
        self.undo();
        self.tell_of(gives_way);
        self.keep_run();
    }

    /// Keeps the run that is about to give way, if it has made an update. Returns the updates that it has made.
    pub(super) fn put_aside(self) -> Option<u32> {
        let run = self.client.with_value(|client| client.saved(""))?;
        let (done, _) = run.progress();
        spawn(self.shelve_own());
        self.aside.set_value(Some(SavedRun { shelved: Some(done), ..run }));
        self.forget(None);
        Some(done)
    }

    pub(super) fn tell_of(self, gives_way: Option<u32>) {
        if let Some(done) = gives_way {
            self.stores.notices.tell(NoticeCode::RunPutAside { done });
        }
    }

    fn forget(self, id: Option<String>) {
        spawn(async move {
            // What could not be kept need not be forgotten.
            let _ = runs::forget(id.as_deref()).await;
        });
    }

    /// Keeps the run in the browser's storage. While one is on its way, the next waits.
    pub(super) fn keep_run(self) {
        if self.keeping.get_value() != Keeping::Idle {
            self.keeping.set_value(Keeping::Behind);
            return;
        }
        self.keeping.set_value(Keeping::Busy);
        spawn(async move {
            loop {
                self.keep_run_once().await;
                if self.keeping.get_value() == Keeping::Busy {
                    break;
                }
                self.keeping.set_value(Keeping::Busy);
            }
            self.keeping.set_value(Keeping::Idle);
        });
    }

    pub(super) async fn keep_run_once(self) {
        let run = self.stores.run;
        let experiment = untrack(|| run.with(&[], |run| run.has_progress().then(|| run.report.experiment.clone())));
        let Some(experiment) = experiment else { return };
        let bases = self.bases(&experiment).await.unwrap_or_default();
        let waits = self.stores.engine.phase.with_untracked(|phase| phase.waits());
        // What writes it is not fetched while the run goes on.
        let writer = if waits { files::writer().await.ok() } else { None };
        if waits {
            // First, so that what is kept says whether it is there.
            self.shelve_own().await;
        }
        // From here to the storage nothing is waited for: the run may have given way meanwhile.
        let Some(run) = self.client.with_value(|client| client.saved(&bases)) else { return };
        let file = writer.map(|writer| (writer.file)(&run.report, FileKind::Json));
        if let Err(error) = runs::keep(&run, file.as_deref()).await
            && !self.told_not_kept.get_value()
        {
            self.told_not_kept.set_value(true);
            self.stores.notices.tell(NoticeCode::NotKept(describe(&error)));
        }
        if waits
            && run.has_every_state()
            && let Ok(shelve_models) = shelve_models().await
        {
            spawn(shelve_models(self, run));
        }
    }

    /// Puts this tab's run, as it is now, on the shelf if it has new updates: what was deleted there does not come back
    /// without them. What cannot be kept there is told of with the run itself.
    fn shelve_own(self) -> impl Future<Output = ()> {
        let run = self.stores.run;
        let is_new = |own: &RunState| own.has_progress() && !own.is_shelved();
        let new = untrack(|| run.with(&[], |own| is_new(own).then(|| (own.run, own.report.clone()))));
        async move {
            if let (Some((id, report)), Ok(writer)) = (new, files::writer().await)
                && self.put_on_shelf(writer, &report, &(writer.file)(&report, FileKind::Json)).await.is_ok()
            {
                run.change(|own| own.shelved(id, report.updates_done()));
            }
        }
    }
}
