//! Worlds of the visitor's own, and the models that are trained on them.

use hedgerow::documents::own_world::PretrainOrder;
use hedgerow::judgement::experiment::WorldId;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::Lab;
use crate::engine::trainer::{Told, Trainer};
use crate::js::{describe, spawn};
use crate::model::files::packed;
use crate::model::own_world::{ForeignWorld, OwnWorld, WorldName};
use crate::storage::{pictures, worlds};

impl Lab {
    /// The worlds of the visitor's own that this browser keeps, and those that another build has kept.
    pub fn look_at_worlds(self, found: impl FnOnce(Result<(Vec<OwnWorld>, Vec<ForeignWorld>), String>) + 'static) {
        spawn(async move { found(worlds::all().await.map_err(|error| describe(&error))) });
    }

    /// What the visitor's own worlds are called.
    pub fn name_worlds(self, found: RwSignal<Vec<WorldName>>) {
        spawn(async move { found.set(worlds::names().await.unwrap_or_default()) });
    }

    /// Keeps a world in place of what was kept of it before; `then` hears that it is kept, or why it cannot be.
    pub fn keep_world(self, own: OwnWorld, then: impl FnOnce(Result<(), String>) + 'static) {
        spawn(async move { then(worlds::keep(&own).await.map_err(|error| describe(&error))) });
    }

    /// Lets go of a world. The page goes back to the site's, if it was in that one.
    pub fn drop_world(self, world: WorldId) {
        if self.stores.draft.experiment.with_untracked(|draft| draft.own_world == Some(world)) {
            self.enter(None);
        }
        spawn(async move {
            // What could not be kept need not be forgotten.
            let _ = worlds::drop_world(&world.to_string()).await;
        });
    }

    /// Saves all that can be read of a world that another build has kept.
    pub fn save_foreign(self, world: &ForeignWorld) {
        let packed = packed(&world.files()).map_err(|error| JsValue::from_str(&error.to_string()));
        self.tell_if_not_saved(packed.and_then(|archive| pictures::save_archive("hedgerow-world", &archive)));
    }

    /// Keeps it again as it was; `failed` hears why it cannot.
    pub fn keep_foreign(self, world: ForeignWorld, failed: impl FnOnce(String) + 'static) {
        spawn(async move {
            if let Err(error) = worlds::keep_foreign(&world).await {
                failed(describe(&error));
            }
        });
    }

    /// Lets go of it, and then does something; nothing if the browser does not.
    pub fn drop_foreign(self, id: String, then: impl FnOnce() + 'static) {
        spawn(async move {
            if worlds::drop_world(&id).await.is_ok() {
                then();
            }
        });
    }

    /// Trains a model on a world; `hear` is told how it goes.
    pub fn train_model(self, order: PretrainOrder, hear: impl Fn(Told) + Clone + 'static) -> Trainer {
        Trainer::start(self.files.get_value(), self.stores.prefs.engine.get_untracked(), order, hear)
    }

    /// From now on runs are of a world of the visitor's own, or of the site's, and so are the models that answer. A run
    /// that was made gives way.
    pub fn enter(self, world: Option<WorldId>) {
        self.stores.draft.change(|draft| draft.own_world = world);
        spawn(async move {
            self.fetch_seeds().await;
            let is_in = self.stores.draft.experiment.with_untracked(|draft| draft.own_world == world);
            if is_in {
                self.reset();
            }
        });
    }
}
