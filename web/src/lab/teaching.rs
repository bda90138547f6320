//! What a class works with: exercises, predictions, ratings, and the pages around this one.

use hedgerow::documents::ratings::Ratings;
use hedgerow::judgement::experiment::Experiment;
use leptos::prelude::*;

use super::Lab;
use crate::js::{spawn, wake};
use crate::model::codap::Failure as Refusal;
use crate::model::embed::Embed;
use crate::model::exercise::{Asked, Exercise, Lesson, Progress, Standing};
use crate::model::files::packed;
use crate::model::prediction::Prediction;
use crate::model::ratings::Waits;
use crate::model::recorded::Recording;
use crate::model::scorm::Version;
use crate::storage::{address, codap, embed, exercises, pictures, predictions, ratings};
use crate::text;

impl Lab {
    /// What the page that this one is in asks for, if it is in one. From here on that page is told how high this one
    /// is, and may choose the colours; the visitor's own choice on other visits stays.
    pub fn join_host(self) -> Option<Embed> {
        let embed = embed::asked()?;
        // The panels were asked for.
        wake();
        let theme = self.stores.prefs.theme;
        spawn(async move {
            // A host that hears nothing shows the page at the height that it chose itself.
            if let Ok(join) = embed::join().await {
                join(theme);
            }
        });
        Some(embed)
    }

    /// Tells the page around this one, if there is one, that an exercise can be worked on, and from then on its height.
    pub fn begin_exercise_in_host(self, exercise: &str) {
        // Where the host chose the panels, it is told already.
        if embed::asked().is_none() {
            embed::tell_height();
        }
        embed::tell_ready(Some(exercise));
    }

    /// Tells the page around this one how far an exercise has come.
    pub fn tell_standing(self, exercise: &str, standing: Standing) {
        embed::tell_standing(exercise, standing);
    }

    /// Is this part of a panel to be drawn? In another page it is if the address names it.
    pub fn draws(self, part: &str) -> bool {
        embed::asked().is_none_or(|embed| embed.names(part))
    }

    /// Is CODAP around the page?
    pub fn is_in_codap(self) -> bool {
        codap::is_around()
    }

    /// Sends CODAP a message (`text::codap`), and then says whether it has taken it.
    pub fn send_to_codap(self, message: String, then: impl FnOnce(Result<(), Refusal>) + 'static) {
        spawn(async move { then(codap::send(&message).await) });
    }

    /// Does the address ask for an exercise?
    pub fn has_exercise(self) -> bool {
        embed::has_exercise()
    }

    /// The exercise that it asks for.
    pub fn asked_exercise(self) -> Option<Asked> {
        exercises::asked()
    }

    /// Fetches the exercises of the page's language.
    pub fn fetch_lesson(self, found: RwSignal<Recording<Lesson>>) {
        found.set(Recording::Loading);
        spawn(async move { found.set(self.files.get_value().lesson(text::language()).await.into()) });
    }

    /// Saves a package for a learning management system that opens a link; `then` hears whether it could.
    pub fn save_scorm(self, version: Version, exercise: Exercise, link: String, then: impl FnOnce(bool) + 'static) {
        spawn(async move {
            let saved = async {
                let template = self.files.get_value().scorm().await.ok()?;
                let Exercise { name, title, .. } = exercise;
                let language = text::language();
                let package = packed(&template.package(version, language, &name, &title, &link)?).ok()?;
                let file = format!("hedgerow-{name}-{language}-scorm-{}", version.name());
                pictures::save_archive(&file, &package).ok()
            };
            then(saved.await.is_some());
        });
    }

    /// What was done of an exercise on this device.
    pub fn exercise_progress(self, key: &str) -> Option<Progress> {
        exercises::progress(key)
    }

    /// Keeps what was done of an exercise on this device, or forgets it.
    pub fn keep_exercise(self, key: &str, progress: Option<&Progress>) {
        exercises::keep(key, progress);
    }

    /// The settings that the address says, if it says any.
    pub fn linked_experiment(self) -> Option<Experiment> {
        address::settings().map(|state| state.experiment)
    }

    /// One of the site's seeds, drawn by lot.
    pub fn drawn_seed(self) -> Option<u64> {
        self.stores.catalogue.seeds.with_untracked(|seeds| exercises::drawn(seeds))
    }

    /// What the visitor has predicted of these settings.
    pub fn predicted(self, settings: &str) -> Option<Prediction> {
        predictions::of(settings)
    }

    /// Keeps a prediction on this device, under a name that no other has.
    pub fn keep_prediction(self, prediction: Prediction) {
        predictions::keep(Prediction { id: predictions::new_id(), ..prediction });
    }

    /// A name that nothing else has.
    pub fn new_id(self) -> String {
        predictions::new_id()
    }

    /// The ratings that the visitor has given on this device.
    pub fn ratings(self) -> Option<Ratings> {
        ratings::kept()
    }

    /// Does this tab's training wait for its rater?
    pub fn waits(self) -> Option<Waits> {
        ratings::kept_waits()
    }

    /// Keeps whether it does.
    pub fn keep_waits(self, waits: Option<Waits>) {
        ratings::keep_waits(waits);
    }

    /// Keeps them, or forgets those that there were. Returns whether the browser did.
    pub fn keep_ratings(self, given: Option<&Ratings>) -> bool {
        ratings::keep(given)
    }
}
