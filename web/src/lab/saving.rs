//! What leaves the page as a file, and files that are handed over.

use hedgerow::documents::protocol::EnginePreference;
use hedgerow::documents::report::RunReport;
use hedgerow::judgement::experiment::WorldId;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::Lab;
use crate::js::{describe, spawn};
use crate::link::LinkState;
use crate::model::draft::mode_of;
use crate::model::embed::whole_page;
use crate::model::files::Dropped;
use crate::model::notice::NoticeCode;
use crate::model::picture::{Picture, PictureKind};
use crate::storage::files::{FileKind, Writer};
use crate::storage::{address, files, pictures};
use crate::text::later;
use crate::text::pictures::Shown;

impl Lab {
    /// Saves the run that is drawn.
    pub fn save(self, kind: FileKind) {
        spawn(async move {
            let view = self.stores.view;
            let saved = writer().await.and_then(|writer| {
                untrack(|| {
                    let is_recorded = view.is_recorded();
                    let named = |report: &RunReport| {
                        let name = if is_recorded { "hedgerow-recorded-run".to_owned() } else { (writer.name)(report) };
                        (name, (writer.file)(report, kind))
                    };
                    let file = view.with(&[], |report| report.map(named));
                    file.map_or(Ok(()), |(name, text)| files::save(&name, kind, &text))
                })
            });
            self.tell_if_not_saved(saved);
        });
    }

    /// Saves a chart of the run that is drawn as a picture.
    pub fn save_picture(self, picture: Picture, kind: PictureKind) {
        spawn(async move {
            let saved = async {
                let (view, studio) = (self.stores.view, studio().await?);
                let world = untrack(|| view.with(&[], |report| report.and_then(|report| report.experiment.own_world)));
                let has_names = picture == Picture::Facts || WorldId::theme(world).is_err();
                let facts = if has_names { self.names(world).await } else { Vec::new() };
                let drawn = untrack(|| {
                    let (seed, at) = (view.seed.get(), view.at.get());
                    let of = |report: &RunReport| {
                        let link = link_of(report);
                        (studio.draw)(picture, &Shown { report, seed, at, facts: &facts, link })
                    };
                    view.with(&[], |report| report.and_then(of))
                });
                let Some((svg, height)) = drawn else { return Ok(()) };
                pictures::save(&format!("hedgerow-{}", picture.name()), kind, &svg, height).await
            };
            self.tell_if_not_saved(saved.await);
        });
    }

    /// Saves a drawing of this height as a picture.
    pub fn save_drawing(self, name: &str, kind: PictureKind, svg: String, height: f64) {
        let name = format!("hedgerow-{name}");
        spawn(async move {
            let saved = pictures::save(&name, kind, &svg, height).await;
            self.tell_if_not_saved(saved);
        });
    }

    /// Where the settings of a run open.
    pub fn link_of_run(self, report: &RunReport) -> String {
        link_of(report)
    }

    /// Saves a text of the page's.
    pub fn save_text(self, name: &str, kind: FileKind, text: &str) {
        self.tell_if_not_saved(files::save(name, kind, text));
    }

    /// Reads the files that an event brings, and then does something with them. Returns whether it brings any.
    pub fn read_files(self, event: &JsValue, then: impl FnOnce(Vec<Dropped>) + 'static) -> bool {
        let reading = files::of_event(event);
        let some = reading.is_some();
        if let Some(reading) = reading {
            spawn(async move { then(reading.await) });
        }
        some
    }

    pub(super) fn tell_if_not_saved(self, saved: Result<(), JsValue>) {
        if let Err(error) = saved {
            self.stores.notices.tell(NoticeCode::NotSaved(describe(&error)));
        }
    }
}

/// Where the settings of a run open, and nothing else of this page.
pub(super) fn link_of(report: &RunReport) -> String {
    let (experiment, mode) = (report.experiment.clone(), mode_of(&report.experiment.arms));
    whole_page(&address::link_to(&LinkState { experiment, mode, engine: EnginePreference::Auto }))
}

/// What draws pictures, with its words, or the browser's reason.
pub(super) async fn studio() -> Result<pictures::Studio, JsValue> {
    let studio = pictures::studio().await.map_err(|error| JsValue::from_str(&error.to_string()))?;
    if later::fetch().await { Ok(studio) } else { Err(JsValue::from_str("the words did not come")) }
}

/// What writes runs as text, or the browser's reason.
pub(super) async fn writer() -> Result<Writer, JsValue> {
    files::writer().await.map_err(|error| JsValue::from_str(&error.to_string()))
}
