//! Base models of whatever world, the site's and what `worlds.js` keeps of the visitor's own, and what a run made of them.

use std::pin::Pin;

use hedgerow::documents::protocol::{Base, decode};
use hedgerow::judgement::experiment::{Experiment, WorldId};
use js_sys::{Array, Uint8Array};
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use wasm_bindgen::prelude::*;

use super::fetch::{Files, Progress, unheard};
use crate::js::{call, describe};
use crate::model::saved::SavedRun;
use crate::model::site_files::{FileFault, WhyNot};
use crate::model::tuned::{self, ModelFiles};

/// What reads the models of the visitor's own worlds. It is fetched when there is such a world.
#[derive(Clone, Copy)]
struct Reader {
    seeds: fn(WorldId) -> Reading<Vec<u64>>,
    base: fn(WorldId, u64) -> Reading<Base>,
}

/// What is read, or the browser's reason.
type Reading<T> = Pin<Box<dyn Future<Output = Result<T, JsValue>>>>;

#[wasm_split(files, wasm_split_path = ::leptos::wasm_split, fallible)]
fn reader() -> Result<Reader, SplitLoaderError> {
    Ok(Reader { seeds: |world| Box::pin(read_seeds(world)), base: |world, seed| Box::pin(read_base(world, seed)) })
}

/// The seeds that have a model of this world.
///
/// # Errors
/// Which file could not be had, or the browser's reason.
pub async fn seeds(files: &Files, world: Option<WorldId>) -> Result<Vec<u64>, FileFault> {
    match WorldId::theme(world) {
        Ok(theme) => files.seeds(theme).await,
        Err(own) => read(own, |reader| (reader.seeds)(own)).await,
    }
}

/// Names the models that an experiment begins with, so that others are noticed; `None` if they are not all here.
pub async fn name(files: &Files, experiment: &Experiment) -> Option<String> {
    match WorldId::theme(experiment.own_world) {
        Ok(theme) => files.bases(theme, &experiment.seeds).await.ok(),
        // The world's name says what they were trained on and how.
        Err(own) => {
            let here = seeds(files, Some(own)).await.ok()?;
            experiment.seeds.iter().all(|seed| here.contains(seed)).then(|| own.to_string())
        }
    }
}

/// A seed's world and weights. `progress` hears the bytes loaded and expected so far.
///
/// # Errors
/// Which file could not be had, or the browser's reason.
pub async fn base(files: &Files, world: Option<WorldId>, seed: u64, progress: Progress<'_>) -> Result<Base, FileFault> {
    match WorldId::theme(world) {
        Ok(theme) => files.base(theme, seed, progress).await,
        Err(own) => read(own, |reader| (reader.base)(own, seed)).await,
    }
}

async fn read<T>(world: WorldId, what: impl FnOnce(Reader) -> Reading<T>) -> Result<T, FileFault> {
    let no_answer = |reason| FileFault { file: world.to_string(), why: WhyNot::NoAnswer(reason) };
    let reader = reader().await.map_err(|error| no_answer(error.to_string()))?;
    what(reader).await.map_err(|error| no_answer(describe(&error)))
}

/// Why there are no files of a run's models.
pub enum NoModels {
    /// No state of them was taken yet, or it is not of these base models.
    Unfit,
    /// A base model could not be had.
    Missing(FileFault),
}

/// A file for each model of a run, as it was when its state was last taken.
///
/// # Errors
/// Why there is none.
pub async fn tuned_files(files: &Files, run: &SavedRun) -> Result<ModelFiles, NoModels> {
    let experiment = &run.report.experiment;
    let mut untrained = Vec::new();
    for seed in &experiment.seeds {
        untrained.push(base(files, experiment.own_world, *seed, &unheard).await.map_err(NoModels::Missing)?);
    }
    let base = |seed| untrained.iter().find(|base| base.seed == seed).map(|base| base.checkpoint.as_slice());
    let mut models = Vec::new();
    for state in run.states.iter().flatten() {
        let snapshot = decode(&state.bytes).map_err(|_| NoModels::Unfit)?;
        models.extend(tuned::files(&snapshot, base).map_err(|tuned::Unfit| NoModels::Unfit)?);
    }
    if models.is_empty() { Err(NoModels::Unfit) } else { Ok(models) }
}

async fn read_seeds(world: WorldId) -> Result<Vec<u64>, JsValue> {
    let seeds = call("worlds", "seeds", &[world.to_string().into()]).await?;
    Ok(seeds.dyn_into::<Array>()?.iter().filter_map(|seed| Some(seed.as_f64()? as u64)).collect())
}

async fn read_base(world: WorldId, seed: u64) -> Result<Base, JsValue> {
    let parts: Array = call("worlds", "base", &[world.to_string().into(), (seed as f64).into()]).await?.dyn_into()?;
    let text = |place| parts.get(place).as_string().unwrap_or_default();
    let checkpoint = parts.get(2).dyn_into::<Uint8Array>()?.to_vec();
    Ok(Base { seed, world: text(0), tokenizer: text(1), checkpoint })
}
