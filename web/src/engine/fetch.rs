//! Fetches the site's files: the one place that does, for engines, base models and recorded runs.
//!
//! A download is given up when nothing comes for a while, however long it takes in all. What arrives is
//! compared with the site's list of its files, and what is not the file is asked for once more, past the
//! caches. Leaves out the page's own code and words, which `boot.js` and `later.js` fetch.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use hedgerow::documents::example::{Example, RealExample};
use hedgerow::documents::named_facts::NamedFacts;
use hedgerow::documents::protocol::{Base, EngineKind, decode, decode_first};
use hedgerow::documents::questions::RecordedRun;
use hedgerow::documents::report::{LanguageModelRun, RunReport};
use hedgerow::facts::world::Theme;
use hedgerow::judgement::rater::RaterPreset;
use js_sys::{Reflect, Uint8Array, WebAssembly};
use leptos::prelude::set_timeout_with_handle;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader, RequestCache, RequestInit, Response};

use crate::js::{describe, next_task};
use crate::model::exercise::Lesson;
use crate::model::scorm::Template;
use crate::model::site_files::{
    ASSISTANT_FILES, ASSISTANT_MODEL, ASSISTANT_WORKER, FileFault, LISTING, ListedFile, Listing, WORKER, WhyNot,
    adapters_file, base_files, engine_files, own_digest,
};

/// The list of what few pages ask for. It is listed itself.
const FOR_FEW: &str = "lesson/files.json";
/// How long nothing may come.
const PATIENCE: Duration = Duration::from_secs(15);

#[wasm_bindgen(raw_module = "./later.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn digest(bytes: &Uint8Array) -> Result<JsValue, JsValue>;
}

/// An engine that workers can start.
#[derive(Clone)]
pub struct Engine {
    /// Compiled.
    pub module: WebAssembly::Module,
    /// Where the script around it is.
    pub script: String,
}

/// Hears the bytes loaded and expected so far. Every kind of it more would be one more copy of what fetches.
pub type Progress<'hears> = &'hears dyn Fn(f64, f64);

/// Nobody does.
pub fn unheard(_: f64, _: f64) {}

/// The site's files. Copies share what they know of them.
#[derive(Clone, Default)]
pub struct Files {
    listing: Rc<RefCell<Option<Rc<Listing>>>>,
    for_few: Rc<RefCell<Option<Rc<Listing>>>>,
}

impl Files {
    /// The seeds of a theme whose worlds come with the site.
    ///
    /// # Errors
    /// Why the site's list could not be had.
    pub async fn seeds(&self, theme: Theme) -> Result<Vec<u64>, FileFault> {
        Ok(self.list_of(theme).await?.seeds(theme))
    }

    /// Questions of the site's worlds, and that of a real language model with which the story opens, if the site has one.
    ///
    /// # Errors
    /// Which file could not be had, and why.
    pub async fn examples(&self) -> Result<(Vec<Example>, Option<Example>), FileFault> {
        self.decoded("story/examples.postcard").await
    }

    /// What a real language model answers to questions like the story's; `None` if the site has none.
    ///
    /// # Errors
    /// Which file could not be had, and why.
    pub async fn real_example(&self) -> Result<Option<RealExample>, FileFault> {
        self.decoded("story/real.postcard").await
    }

    /// What the facts of the worlds that come with the site are called.
    ///
    /// # Errors
    /// Which file could not be had, and why.
    pub async fn named_facts(&self, theme: Theme) -> Result<Vec<NamedFacts>, FileFault> {
        self.decoded(&format!("story/{}.postcard", theme.id())).await
    }

    /// The exercises of a language.
    ///
    /// # Errors
    /// Which file could not be had, and why.
    pub async fn lesson(&self, language: &str) -> Result<Option<Lesson>, FileFault> {
        self.json(&format!("lesson/{language}.json")).await.map(Some)
    }

    /// What packages for learning management systems have in common.
    ///
    /// # Errors
    /// Which file could not be had, and why.
    pub async fn scorm(&self) -> Result<Template, FileFault> {
        self.json("lesson/scorm.json").await
    }

    async fn json<T: DeserializeOwned>(&self, file: &str) -> Result<T, FileFault> {
        let bytes = self.checked(file, &unheard).await?;
        serde_json::from_slice(&bytes).map_err(|error| fault(file, WhyNot::Unusable(error.to_string())))
    }

    async fn decoded<T: DeserializeOwned>(&self, file: &str) -> Result<T, FileFault> {
        let bytes = self.checked(file, &unheard).await?;
        decode(&bytes).map_err(|error| fault(file, WhyNot::Unusable(error.to_string())))
    }

    /// A recorded run; `None` if the site has none, for which an empty file stands. It is read piece by piece, as all of it
    /// takes a tenth of a second.
    ///
    /// # Errors
    /// Which file could not be had, and why.
    pub async fn recorded(&self, run: RecordedRun) -> Result<Option<RunReport>, FileFault> {
        let file = recording(&run.name());
        let bytes = self.checked(&file, &unheard).await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let unusable = |error: hedgerow::Error| fault(&file, WhyNot::Unusable(error.to_string()));
        let (mut report, mut rest) = decode_first::<RunReport>(&bytes).map_err(unusable)?;
        while !rest.is_empty() {
            rest = report.add_piece(rest).map_err(unusable)?;
            next_task().await;
        }
        Ok(Some(report))
    }

    /// The recorded runs of a real language model under a rater; `None` if the site has none.
    ///
    /// # Errors
    /// Which file could not be had, and why.
    pub async fn language_model(&self, rater: RaterPreset) -> Result<Option<LanguageModelRun>, FileFault> {
        let file = recording(&LanguageModelRun::name(rater));
        let bytes = self.checked(&file, &unheard).await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        decode(&bytes).map(Some).map_err(|error| fault(&file, WhyNot::Unusable(error.to_string())))
    }

    /// Names a theme's base models of these seeds as the site has them now, by their digests.
    ///
    /// # Errors
    /// Why the site's list could not be had.
    pub async fn bases(&self, theme: Theme, seeds: &[u64]) -> Result<String, FileFault> {
        Ok(self.list_of(theme).await?.versions(theme, seeds))
    }

    /// A seed's world of a theme, and weights. `progress` hears the bytes loaded and expected so far.
    ///
    /// # Errors
    /// Which file could not be had, and why.
    pub async fn base(&self, theme: Theme, seed: u64, progress: Progress<'_>) -> Result<Base, FileFault> {
        let [world, tokenizer, checkpoint] = base_files(theme, seed);
        let (world, tokenizer) = (self.text(&world).await?, self.text(&tokenizer).await?);
        let checkpoint = self.checked(&checkpoint, progress).await?;
        Ok(Base { seed, world, tokenizer, checkpoint })
    }

    /// An engine, compiled, for any number of workers. The script around it comes first: a worker imports it, and
    /// could not say what is wrong with it.
    ///
    /// # Errors
    /// Which file could not be had, and why.
    pub async fn engine(&self, kind: EngineKind, progress: Progress<'_>) -> Result<Engine, FileFault> {
        self.compiled(engine_files(kind), progress).await
    }

    /// The engine of a real language model, likewise.
    ///
    /// # Errors
    /// Which file could not be had, and why.
    pub async fn assistant(&self, progress: Progress<'_>) -> Result<Engine, FileFault> {
        self.compiled(ASSISTANT_FILES, progress).await
    }

    /// What a run has taught a real language model, by the run's name.
    ///
    /// # Errors
    /// Which file could not be had, and why.
    pub async fn adapters(&self, name: &str) -> Result<Vec<u8>, FileFault> {
        self.checked(&adapters_file(name), &unheard).await
    }

    /// Where a real language model's weights are and what is known of the file; `None` if the site does not bring it along.
    ///
    /// # Errors
    /// Why the site's lists could not be had; [`WhyNot::NotListed`] if the site cannot have such a model answer at all.
    pub async fn assistant_model(&self) -> Result<Option<(String, ListedFile)>, FileFault> {
        self.listed(ASSISTANT_FILES[0]).await?;
        match self.listed(ASSISTANT_MODEL).await {
            Ok((listed, address)) => Ok(Some((address, listed))),
            Err(FileFault { why: WhyNot::NotListed, .. }) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    async fn compiled(&self, [module, script]: [&str; 2], progress: Progress<'_>) -> Result<Engine, FileFault> {
        self.checked(script, &unheard).await?;
        let bytes = self.checked(module, progress).await?;
        let compiled = JsFuture::from(WebAssembly::compile(&Uint8Array::from(bytes.as_slice()))).await;
        let compiled: Result<WebAssembly::Module, JsValue> = compiled.and_then(JsCast::dyn_into);
        let compiled = compiled.map_err(|error| fault(module, WhyNot::Unusable(describe(&error))))?;
        let (_, script) = self.listed(script).await?;
        Ok(Engine { module: compiled, script })
    }

    /// Which of the files that a worker begins with cannot be had, if it is one of them that is wrong.
    pub async fn fault_of_worker(&self, kind: Option<EngineKind>) -> Option<FileFault> {
        let script = kind.map(|kind| engine_files(kind)[1]);
        self.fault_of([WORKER].into_iter().chain(script)).await
    }

    /// Likewise of those that a real language model's worker begins with.
    pub async fn fault_of_assistant(&self) -> Option<FileFault> {
        self.fault_of([ASSISTANT_WORKER, ASSISTANT_FILES[1]]).await
    }

    async fn fault_of(&self, files: impl IntoIterator<Item = &'static str>) -> Option<FileFault> {
        for file in files {
            if let Err(fault) = self.checked(file, &unheard).await {
                return Some(fault);
            }
        }
        None
    }

    async fn text(&self, file: &str) -> Result<String, FileFault> {
        let bytes = self.checked(file, &unheard).await?;
        String::from_utf8(bytes).map_err(|error| fault(file, WhyNot::Unusable(error.to_string())))
    }

    /// A file as the site's build left it.
    async fn checked(&self, file: &str, progress: Progress<'_>) -> Result<Vec<u8>, FileFault> {
        let first = self.attempt(file, RequestCache::Default, progress).await;
        match first {
            Err(FileFault { why, .. }) if why.is_wrong_content() => {
                // The lists may be those of another day.
                self.listing.take();
                self.for_few.take();
                self.attempt(file, RequestCache::Reload, progress).await
            }
            outcome => outcome,
        }
    }

    async fn attempt(&self, file: &str, cache: RequestCache, progress: Progress<'_>) -> Result<Vec<u8>, FileFault> {
        let (listed, address) = self.listed(file).await?;
        let total = listed.bytes as f64;
        let bytes = whole(&listed, &address, cache, &|loaded| progress(loaded, total)).await;
        bytes.map_err(|why| fault(file, why))
    }

    /// What is known of a file, and its address.
    async fn listed(&self, file: &str) -> Result<(ListedFile, String), FileFault> {
        let mut list = self.listing().await?;
        if list.file(file).is_none() {
            list = self.for_few().await?;
        }
        let listed = list.file(file).ok_or_else(|| fault(file, WhyNot::NotListed))?;
        // Workers are started without asking for the list.
        let address = if file == WORKER { file.to_owned() } else { format!("{file}?{}", listed.version()) };
        Ok((listed.clone(), address))
    }

    /// The list that has the base models of a theme.
    async fn list_of(&self, theme: Theme) -> Result<Rc<Listing>, FileFault> {
        let first = self.listing().await?;
        if first.seeds(theme).is_empty() { self.for_few().await } else { Ok(first) }
    }

    /// The list of what few pages ask for; nothing is listed there if the site has none of it, as the edition in one file.
    async fn for_few(&self) -> Result<Rc<Listing>, FileFault> {
        if let Some(listing) = &*self.for_few.borrow() {
            return Ok(listing.clone());
        }
        let first = self.listing().await?;
        let Some(listed) = first.file(FOR_FEW) else { return Ok(Rc::default()) };
        let address = format!("{FOR_FEW}?{}", listed.version());
        let bytes = whole(listed, &address, RequestCache::NoCache, &|_| ()).await;
        let list = bytes.and_then(|bytes| Listing::read(&bytes));
        let list = Rc::new(list.map_err(|why| fault(FOR_FEW, why))?);
        self.for_few.replace(Some(list.clone()));
        Ok(list)
    }

    async fn listing(&self) -> Result<Rc<Listing>, FileFault> {
        if let Some(listing) = &*self.listing.borrow() {
            return Ok(listing.clone());
        }
        let bytes = download(LISTING, RequestCache::NoCache, &|_| ()).await;
        let listing = bytes.and_then(|bytes| Listing::read(&bytes)).map_err(|why| fault(LISTING, why))?;
        let listing = Rc::new(listing);
        self.listing.replace(Some(listing.clone()));
        Ok(listing)
    }
}

fn recording(name: &str) -> String {
    format!("recorded/{name}.postcard")
}

fn fault(file: &str, why: WhyNot) -> FileFault {
    FileFault { file: file.to_owned(), why }
}

/// The bytes at an address, if they are the file that is listed.
async fn whole(
    listed: &ListedFile,
    address: &str,
    cache: RequestCache,
    progress: &dyn Fn(f64),
) -> Result<Vec<u8>, WhyNot> {
    let bytes = download(address, cache, progress).await?;
    // The browser's holds nothing up meanwhile: of a recorded run the page's own takes 50 ms of a fast machine. On plain
    // http there is no other.
    let known = digest(&Uint8Array::from(bytes.as_slice())).await.ok().and_then(|known| known.as_string());
    listed.check(&bytes, &known.unwrap_or_else(|| own_digest(&bytes))).map(|()| bytes)
}

/// The bytes at an address, whatever they are.
async fn download(address: &str, cache: RequestCache, progress: &dyn Fn(f64)) -> Result<Vec<u8>, WhyNot> {
    let no_answer = |error: JsValue| WhyNot::NoAnswer(describe(&error));
    let watchdog = Watchdog::new().map_err(no_answer)?;
    let broken = |error: JsValue| if watchdog.has_bitten.get() { WhyNot::Stalled } else { no_answer(error) };
    let request = RequestInit::new();
    request.set_cache(cache);
    request.set_signal(Some(&watchdog.controller.signal()));
    let asked = leptos::prelude::window().fetch_with_str_and_init(address, &request);
    let response: Response = watchdog.wait(asked).await.map_err(broken)?.dyn_into().map_err(broken)?;
    if !response.ok() {
        return Err(WhyNot::Status(response.status()));
    }
    let Some(body) = response.body() else { return Ok(Vec::new()) };
    let reader: ReadableStreamDefaultReader = body.get_reader().dyn_into().map_err(|body| no_answer(body.into()))?;
    let mut bytes = Vec::new();
    loop {
        let chunk = watchdog.wait(reader.read()).await.map_err(broken)?;
        let field = |name: &str| Reflect::get(&chunk, &JsValue::from_str(name));
        if field("done").is_ok_and(|done| done.is_truthy()) {
            return Ok(bytes);
        }
        let part: Uint8Array = field("value").map_err(broken)?.dyn_into().map_err(broken)?;
        bytes.extend(part.to_vec());
        progress(bytes.len() as f64);
    }
}

/// Ends a download that nothing comes of.
struct Watchdog {
    controller: AbortController,
    has_bitten: Rc<Cell<bool>>,
}

impl Watchdog {
    fn new() -> Result<Self, JsValue> {
        Ok(Watchdog { controller: AbortController::new()?, has_bitten: Rc::default() })
    }

    async fn wait(&self, promise: js_sys::Promise) -> Result<JsValue, JsValue> {
        let (controller, has_bitten) = (self.controller.clone(), self.has_bitten.clone());
        let bite = move || {
            has_bitten.set(true);
            controller.abort();
        };
        let timer = set_timeout_with_handle(bite, PATIENCE)?;
        let outcome = JsFuture::from(promise).await;
        timer.clear();
        outcome
    }
}
