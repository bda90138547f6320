//! The actions of the page: what a click can do.
//!
//! [`Lab`] is a `Copy` bundle that panels get from the context. Everything that reaches beyond
//! the stores goes through it: the engine, the address, files, the browser's storage. Leaves out
//! what is remembered (`stores`) and what follows from it (`model`, `engine::pool`).

use std::pin::Pin;
use std::sync::Arc;

use hedgerow::documents::example::RealExample;
use hedgerow::documents::named_facts::NamedFacts;
use hedgerow::documents::own_world::PretrainOrder;
use hedgerow::documents::protocol::{EnginePreference, Inspection, decode, encode};
use hedgerow::documents::questions::RecordedRun;
use hedgerow::documents::ratings::Ratings;
use hedgerow::documents::report::{LanguageModelRun, RunReport};
use hedgerow::judgement::experiment::{Experiment, WorldId};
use hedgerow::judgement::person::Person;
use hedgerow::judgement::rater::RaterPreset;
use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use wasm_bindgen::JsValue;

pub use crate::engine::assistant::Assistant;
use crate::engine::assistant::Source;
use crate::engine::bases::{self, NoModels};
use crate::engine::client::Client;
use crate::engine::fetch::Files;
use crate::engine::pool::Input;
pub use crate::engine::trainer::{Failure, Told, Trainer};
pub use crate::js::Latest;
use crate::js::{describe, spawn};
use crate::link::{self, LinkState, Opened, Problem};
use crate::model::assistant::Spoken;
use crate::model::codap::Failure as Refusal;
use crate::model::draft::{Question, asked, choose_person, choose_question, mode_of};
use crate::model::embed::{Embed, snippet, whole_page};
use crate::model::exercise::{Asked, Exercise, Lesson, Progress, Standing};
use crate::model::files::read::labelled;
use crate::model::files::{Dropped, Fault, Label, file_name, packed};
use crate::model::notice::NoticeCode;
use crate::model::offline::Offline;
use crate::model::own_world::{ForeignWorld, OwnWorld, WorldName};
use crate::model::picture::{Picture, PictureKind};
use crate::model::prediction::Prediction;
use crate::model::ratings::Waits;
use crate::model::recorded::Recording;
use crate::model::run::RunState;
use crate::model::saved::SavedRun;
use crate::model::scorm::Version;
use crate::model::sent::{self, Damaged, Outcome, Sent};
use crate::model::shelf::{Refused, Said, Shelf, id as shelf_id, run_of_file};
use crate::model::story::Step;
use crate::model::tuned::ModelFiles;
use crate::storage::address::{self, Address};
pub use crate::storage::files::FileKind;
use crate::storage::files::Writer;
use crate::storage::runs::{self, Kept};
pub use crate::storage::shelf::Taken;
use crate::storage::{
    codap, embed, exercises, files, language, local, offline, pictures, predictions, ratings, shelf, worlds,
};
use crate::stores::Stores;
use crate::stores::view::OffShelf;
use crate::text;
use crate::text::later;
use crate::text::pictures::Shown;
use crate::text::terms;

/// The actions.
#[derive(Clone, Copy)]
pub struct Lab {
    stores: Stores,
    client: StoredValue<Client, LocalStorage>,
    files: StoredValue<Files, LocalStorage>,
    address: Address,
    /// A run that was kept and can be gone on with, or saved.
    kept: StoredValue<Option<Kept>, LocalStorage>,
    /// The run that gave way to this one.
    aside: StoredValue<Option<SavedRun>, LocalStorage>,
    /// Is a run being kept, and is there more of it by now?
    keeping: StoredValue<Keeping>,
    /// Was the user told that the browser keeps nothing? Once is enough.
    told_not_kept: StoredValue<bool>,
    /// Runs of the shelf that were to be shown.
    showing: Latest,
}

/// What there is to do for the browser's storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keeping {
    /// Nothing.
    Idle,
    /// A run is on its way.
    Busy,
    /// A run is on its way, and a later state of it is to follow.
    Behind,
}

impl Lab {
    /// Makes the stores and the actions of the page, puts them into the context, and opens the link
    /// in the address.
    pub fn provide() -> Self {
        let dark = embed::asked().and_then(|embed| embed.dark).or_else(local::theme);
        local::show_theme(dark);
        let stores = Stores::new(dark);
        let files = Files::default();
        let client = StoredValue::new_local(Client::new(stores, files.clone()));
        let lab = Lab {
            stores,
            client,
            files: StoredValue::new_local(files),
            address: Address::new(),
            kept: StoredValue::new_local(None),
            aside: StoredValue::new_local(None),
            keeping: StoredValue::new(Keeping::Idle),
            told_not_kept: StoredValue::new(false),
            showing: Latest::new(),
        };
        provide_context(stores);
        provide_context(lab);
        lab.open_link();
        lab
    }

    /// Begins what goes on as long as the page is there: the address follows the settings, and recorded runs are
    /// fetched.
    pub fn start(self) {
        self.address.keep(
            move || self.link_state(),
            move || {
                self.open_link();
                spawn(self.fetch_seeds());
            },
        );
        Effect::new(move |_| {
            if let Some(run) = self.stores.view.wanted().filter(|wanted| !self.stores.recorded.is_asked_for(*wanted)) {
                self.fetch_recorded(run);
            }
        });
        self.fetch_examples();
        Effect::new(move |before: Option<u32>| {
            let keeps = self.stores.engine.keeps.get();
            if before.is_some_and(|before| before != keeps) {
                self.keep_run();
            }
            keeps
        });
    }

    /// Fetches the engine once the page is drawn: engines are large, and ask for the models of the seeds at once. Goes on
    /// with a run that was kept.
    pub fn open(self) {
        spawn(async move {
            self.fetch_seeds().await;
            if !self.is_back().await {
                self.start_engine();
            }
        });
    }

    /// Trains to the end of the run.
    pub fn train(self) {
        self.stop_showing();
        self.take(Input::Train(self.stores.draft.experiment.get_untracked()));
    }

    /// Waits as soon as all workers have done the same updates.
    pub fn pause(self) {
        self.take(Input::Pause);
    }

    /// Trains on a person's ratings from the beginning, with all else as it is set: so many updates, or all.
    pub fn train_on(self, person: Person, updates: Option<u32>) {
        self.stores.draft.change(|draft| choose_person(draft, person));
        if self.stores.run.started.get_untracked() {
            self.reset();
        }
        match updates {
            Some(updates) => self.step(updates),
            None => self.train(),
        }
    }

    /// Has a run that waits go on with what a person says by now: so many updates, or all.
    pub fn go_on_with(self, person: Person, updates: Option<u32>) {
        self.undo();
        self.stores.draft.change(|draft| draft.person = Some(Box::new(person)));
        self.change_reward();
        match updates {
            Some(updates) => self.step(updates),
            None => self.train(),
        }
    }

    /// Makes so many updates.
    pub fn step(self, updates: u32) {
        self.stop_showing();
        self.take(Input::Step(self.stores.draft.experiment.get_untracked(), updates));
    }

    /// Back to the base models, with the settings as they are now.
    pub fn reset(self) {
        self.stop_showing();
        let Stores { draft, prefs, .. } = self.stores;
        let gives_way = self.put_aside();
        self.take(Input::Reset(draft.experiment.get_untracked(), prefs.engine.get_untracked()));
        self.tell_of(gives_way);
    }

    /// Brings back the run that gave way to this one.
    pub fn bring_back(self) {
        if let Some(run) = self.aside.try_update_value(Option::take).flatten() {
            self.resume_instead(run);
        }
    }

    /// Goes on with the run that was left.
    pub fn go_on(self) {
        if let Some(Kept { id, run: Some(run), .. }) = self.kept.try_update_value(Option::take).flatten() {
            // It is this tab's from now on.
            self.resume_instead(run);
            self.forget(Some(id));
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

    /// Tries again what has failed; the run stays.
    pub fn retry(self) {
        self.take(Input::Retry);
    }

    /// Goes on with the engine that every browser has; the run stays.
    pub fn use_cpu(self) {
        self.stores.prefs.engine.set(EnginePreference::Cpu);
        self.take(Input::UseCpu);
    }

    /// Fetches the recorded run again that could not be fetched.
    pub fn retry_recorded(self) {
        if let Some(run) = untrack(|| self.stores.view.wanted()) {
            self.fetch_recorded(run);
        }
    }

    /// The draft's reward holds from the first update that no worker has been granted yet.
    pub fn change_reward(self) {
        self.take(Input::ChangeReward(self.stores.draft.experiment.get_untracked()));
    }

    /// Another step of the story. What stands beside it is set to what it is about, unless the reader has settings of
    /// their own or a run under way.
    pub fn tell(self, step: Step) {
        let Stores { draft, run, story, view, .. } = self.stores;
        story.step.set(step);
        view.at.set(None);
        let asked = asked(&draft.experiment.get_untracked());
        let has_progress = untrack(|| run.has_progress());
        if !has_progress && step.arms() > 0 && asked.is_some_and(|asked| asked != step.question()) {
            self.choose(step.question());
        }
    }

    /// Sets the draft to a question of the laboratory, on the seeds that it has.
    pub fn choose(self, question: Question) {
        self.stores.draft.change(|draft| choose_question(draft, question));
    }

    /// The draft is again what the run has.
    pub fn undo(self) {
        let current = untrack(|| self.stores.run.with(&[], RunState::current));
        self.stores.draft.mode.set(mode_of(&current.arms));
        self.stores.draft.experiment.set(current);
    }

    /// Asks every model a question in words; `truth` is its answer if the world has one.
    pub fn ask(self, text: String, truth: Option<String>) {
        self.take(Input::Ask { text, truth });
    }

    /// Asks every model what it would say next, after the words of an answer so far.
    pub fn lead_on(self, question: String, begun: String) {
        self.take(Input::LeadOn { question, begun });
    }

    /// Looks into every model. What is found is the run's ([`RunState::look`]).
    pub fn look_at(self, at: Inspection) {
        self.take(Input::LookAt(at));
    }

    /// Another engine; it begins a new run.
    pub fn choose_engine(self, preference: EnginePreference) {
        let gives_way = self.put_aside();
        self.stores.prefs.engine.set(preference);
        self.stores.run.started.set(false);
        self.start_engine();
        self.tell_of(gives_way);
    }

    /// Light instead of dark, or the other way round.
    pub fn toggle_theme(self) {
        let theme = self.stores.prefs.theme;
        theme.toggle();
        local::keep_theme(untrack(|| theme.chosen()));
    }

    /// The languages beside the page's own: code and name of each.
    pub fn other_languages(self) -> Vec<(String, String)> {
        language::others()
    }

    /// The page in another language; settings and run outlast it.
    pub fn choose_language(self, code: String) {
        spawn(async move {
            self.keep_run_once().await;
            language::choose(&code);
        });
    }

    /// A link to the settings as they are.
    pub fn link(self) -> String {
        address::link_to(&untrack(|| self.link_state()))
    }

    /// The page by itself with the present settings, whatever page it is in. Tracks.
    pub fn whole_page(self) -> String {
        whole_page(&address::link_to(&self.link_state()))
    }

    /// The lines of HTML that show the present settings in another page.
    pub fn embedding(self, title: &str) -> String {
        snippet(&self.link(), title)
    }

    /// What the page that this one is in asks for, if it is in one. From here on that page is told how high this one
    /// is, and may choose the colours; the visitor's own choice on other visits stays.
    pub fn join_host(self) -> Option<Embed> {
        let embed = embed::asked()?;
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

    /// Copies a text, and then says whether the browser allowed it.
    pub fn copy(self, text: String, then: impl FnOnce(bool) + 'static) {
        spawn(async move { then(address::copied(&text).await) });
    }

    /// What the address says came out of its run, if it says anything of that.
    pub fn sent(self) -> Option<Result<Sent, Damaged>> {
        sent::read(&address::fragment())
    }

    /// The same of every address that the visitor changes this one to, as long as the caller's owner is there.
    pub fn hear_sent(self, then: impl Fn(Option<Result<Sent, Damaged>>) + 'static) {
        address::hear(move |fragment| then(sent::read(fragment)));
    }

    /// A link to a run's settings and to what came out of it.
    pub fn link_with(self, experiment: &Experiment, outcome: &Outcome) -> String {
        whole_page(&address::link_of(&sent::fragment(experiment, outcome)))
    }

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

    /// What the facts of a world are called, as far as that is known here.
    async fn names(self, world: Option<WorldId>) -> Vec<NamedFacts> {
        match WorldId::theme(world) {
            Ok(theme) => self.files.get_value().named_facts(theme).await.unwrap_or_default(),
            Err(world) => {
                let (all, _) = worlds::all().await.unwrap_or_default();
                all.iter().find(|own| own.id() == world).map(OwnWorld::named_facts).unwrap_or_default()
            }
        }
    }

    /// Saves a text of the page's.
    pub fn save_text(self, name: &str, kind: FileKind, text: &str) {
        self.tell_if_not_saved(files::save(name, kind, text));
    }

    /// Is CODAP around the page?
    pub fn is_in_codap(self) -> bool {
        codap::is_around()
    }

    /// Sends CODAP a message (`text::codap`), and then says whether it has taken it.
    pub fn send_to_codap(self, message: String, then: impl FnOnce(Result<(), Refusal>) + 'static) {
        spawn(async move { then(codap::send(&message).await) });
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

    /// Is this a tab that had a run when it was left? Then it is there again. A run of another tab is offered.
    async fn is_back(self) -> bool {
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
    fn put_aside(self) -> Option<u32> {
        let run = self.client.with_value(|client| client.saved(""))?;
        let (done, _) = run.progress();
        spawn(self.shelve_own());
        self.aside.set_value(Some(SavedRun { shelved: Some(done), ..run }));
        self.forget(None);
        Some(done)
    }

    fn tell_of(self, gives_way: Option<u32>) {
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
    fn keep_run(self) {
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

    async fn keep_run_once(self) {
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

    /// Puts a run's file on the shelf.
    async fn put_on_shelf(self, writer: Writer, report: &RunReport, file: &str) -> Result<(), JsValue> {
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

    fn stop_showing(self) {
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

    /// Fetches the recorded runs of a real language model under a rater.
    pub fn fetch_language_model(self, rater: RaterPreset, found: RwSignal<Recording<LanguageModelRun>>) {
        found.set(Recording::Loading);
        spawn(async move { found.set(self.files.get_value().language_model(rater).await.into()) });
    }

    /// Fetches the questions of the story's beginning.
    pub fn fetch_examples(self) {
        let found = self.stores.story.examples;
        found.set(Recording::Loading);
        spawn(async move { found.set(self.files.get_value().examples().await.map(Some).into()) });
    }

    /// Fetches what a real language model answers to questions like the story's.
    pub fn fetch_real_example(self, found: RwSignal<Recording<RealExample>>) {
        found.set(Recording::Loading);
        spawn(async move { found.set(self.files.get_value().real_example().await.into()) });
    }

    /// Fetches what the facts of a world of the visitor's own are called, or those of the site's worlds.
    pub fn fetch_named_facts(self, world: Option<WorldId>, asked: Latest, found: RwSignal<Recording<Vec<NamedFacts>>>) {
        let is_latest = asked.ask();
        found.set(Recording::Loading);
        spawn(async move {
            let names = match WorldId::theme(world) {
                Ok(theme) => self.files.get_value().named_facts(theme).await.map(Some).into(),
                Err(_) => match self.names(world).await {
                    names if names.is_empty() => Recording::Missing,
                    names => Recording::Here(Box::new(names)),
                },
            };
            if is_latest() {
                found.set(names);
            }
        });
    }

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

    /// The bytes of a real language model's weights, if the site brings them along; `None` of the outer if it cannot have
    /// such a model answer.
    pub fn find_assistant(self, found: RwSignal<Option<Option<f64>>>) {
        spawn(async move {
            let model = self.files.get_value().assistant_model().await.ok();
            found.set(model.map(|model| model.map(|(_, listed)| listed.bytes as f64)));
        });
    }

    /// Has a real language model loaded, from the file that an event has chosen or from the site; `hear` is told how it goes
    /// and what it answers. `None` if the event has chosen none.
    pub fn load_assistant(self, chosen: Option<&JsValue>, hear: impl Fn(Spoken) + 'static) -> Option<Assistant> {
        let source = match chosen {
            Some(event) => Source::Chosen(files::chosen(event)?),
            None => Source::Site,
        };
        Some(Assistant::start(self.files.get_value(), source, hear))
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

    /// Looks at the copy of the site in this browser.
    pub fn look_at_copy(self, found: RwSignal<Offline>) {
        spawn(async move { found.set(offline::look().await) });
    }

    /// Has this browser keep all of the site.
    pub fn keep_all(self, found: RwSignal<Offline>) {
        let Offline::Kept { bytes, missing, .. } = found.get_untracked() else { return };
        found.set(Offline::Fetching { kept: bytes - missing, bytes });
        let heard = move |kept: f64| found.set(Offline::Fetching { kept: kept.max(bytes - missing), bytes });
        spawn(async move { found.set(offline::keep_all(heard).await) });
    }

    /// Lets go of the copy for good, or begins to keep one.
    pub fn switch_copy(self, on: bool, found: RwSignal<Offline>) {
        spawn(async move { found.set(offline::switch(on).await) });
    }

    /// Loads the newer build of the page that waits.
    pub fn take_newer_build(self, found: RwSignal<Offline>) {
        spawn(async move { found.set(offline::take_over().await) });
    }

    fn tell_if_not_saved(self, saved: Result<(), JsValue>) {
        if let Err(error) = saved {
            self.stores.notices.tell(NoticeCode::NotSaved(describe(&error)));
        }
    }

    fn take(self, input: Input) {
        self.client.with_value(|client| client.take(input));
    }

    fn start_engine(self) {
        let Stores { draft, prefs, .. } = self.stores;
        self.take(Input::Start(draft.experiment.get_untracked(), prefs.engine.get_untracked()));
    }

    /// What a link to this page would carry. Tracks.
    fn link_state(self) -> LinkState {
        let Stores { draft, prefs, .. } = self.stores;
        LinkState { experiment: draft.experiment.get(), mode: draft.mode.get(), engine: prefs.engine.get() }
    }

    /// Takes over the settings of the address, and names what could not be used.
    fn open_link(self) {
        let Opened { state, problems, .. } = self.address.open();
        if let Some(state) = state
            && untrack(|| self.link_state()) != state
        {
            self.stores.draft.experiment.set(state.experiment);
            self.stores.draft.mode.set(state.mode);
            self.stores.prefs.engine.set(state.engine);
        }
        if !problems.is_empty() {
            self.stores.notices.tell(NoticeCode::Link(problems));
        }
    }

    /// Finds out which seeds there are, in the world that the draft is of. If that is not here, the site's takes its
    /// place.
    async fn fetch_seeds(self) {
        let (draft, files) = (self.stores.draft, self.files.get_value());
        let present = || draft.experiment.with_untracked(|draft| draft.own_world);
        let world = present();
        let mut seeds = bases::seeds(&files, world).await.ok();
        if present() != world {
            // Another was chosen meanwhile.
            return;
        }
        if world.is_some() && seeds.as_ref().is_none_or(Vec::is_empty) {
            draft.change(|draft| draft.own_world = None);
            self.stores.notices.tell(NoticeCode::Link(vec![Problem::NoSuchWorld]));
            seeds = bases::seeds(&files, None).await.ok();
        }
        if let Some(seeds) = seeds.filter(|seeds| !seeds.is_empty()) {
            self.stores.catalogue.seeds.set(seeds);
            self.keep_available_seeds();
        }
    }

    /// A link may name a seed that this site has no base model of, and a site of one's own may lack the page's.
    fn keep_available_seeds(self) {
        let Stores { draft, catalogue, notices, .. } = self.stores;
        let mut experiment = draft.experiment.get_untracked();
        let is_asked_for = experiment != LinkState::default().experiment;
        let problems = link::keep_available_seeds(&mut experiment, &catalogue.seeds.get_untracked());
        if !problems.is_empty() {
            draft.experiment.set(experiment);
            if is_asked_for {
                notices.tell(NoticeCode::Link(problems));
            }
        }
    }

    fn fetch_recorded(self, run: RecordedRun) {
        let Stores { recorded, .. } = self.stores;
        recorded.set(run, Recording::Loading);
        spawn(async move {
            recorded.set(run, self.files.get_value().recorded(run).await.into());
        });
    }
}

/// Where the settings of a run open, and nothing else of this page.
fn link_of(report: &RunReport) -> String {
    let (experiment, mode) = (report.experiment.clone(), mode_of(&report.experiment.arms));
    whole_page(&address::link_to(&LinkState { experiment, mode, engine: EnginePreference::Auto }))
}

/// Puts the models of a run beside it on the shelf.
type ShelveModels = fn(Lab, SavedRun) -> Pin<Box<dyn Future<Output = ()>>>;

/// What does that; it is fetched when a run waits.
#[wasm_split(files, wasm_split_path = ::leptos::wasm_split, fallible)]
fn shelve_models() -> Result<ShelveModels, SplitLoaderError> {
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

/// What draws pictures, with its words, or the browser's reason.
async fn studio() -> Result<pictures::Studio, JsValue> {
    let studio = pictures::studio().await.map_err(|error| JsValue::from_str(&error.to_string()))?;
    if later::fetch().await { Ok(studio) } else { Err(JsValue::from_str("the words did not come")) }
}

/// What writes runs as text, or the browser's reason.
async fn writer() -> Result<Writer, JsValue> {
    files::writer().await.map_err(|error| JsValue::from_str(&error.to_string()))
}

fn of_browser(error: JsValue) -> Refused {
    Refused::Browser(describe(&error))
}

/// The actions of the page.
pub fn use_lab() -> Lab {
    expect_context()
}
