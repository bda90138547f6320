//! Every sentence of the page, typed, in the reader's language.
//!
//! `boot.js` fetches `text/<language>.json` beside the page's code and hands it to [`speak`]; from then on
//! [`text`] has it. English is the reference: a native test holds every other language to its keys and
//! placeholders. Asterisks, underscores and backticks in a sentence mark what is strong, emphasised and a
//! symbol (`kit::marked` draws them). Leaves out what stands before the page's code is there (`index.html`,
//! `boot.js`).

pub mod bundle;
pub mod codap;
pub mod faults;
pub mod later;
pub mod link_problems;
mod names;
pub mod numbers;
pub mod outcomes;
pub mod pictures;
pub mod predictions;
mod reader;
pub mod runs;
pub mod terms;
pub mod world_faults;

use std::sync::OnceLock;

use hedgerow::documents::metrics::{Fit, Metric, Number, Slice};
use hedgerow::judgement::experiment::Arm;
use hedgerow::judgement::settings::SETTINGS;
use wasm_bindgen::JsValue;

use crate::model::answers::Kind;
use crate::model::draft::Question;
use crate::model::fields::SWITCHES;
use crate::model::outcomes::Layer;
use crate::model::story::Step;
#[cfg(test)]
use reader::Listed;
use reader::{Faults, Group, Node, Read, texts};
pub use reader::{Map, Plural, Template};

static SPOKEN: OnceLock<(String, Text)> = OnceLock::new();

/// Takes over a language's file, once, before anything is drawn.
///
/// # Errors
/// The first places where the file does not fit the page.
pub fn speak(language: String, file: &JsValue) -> Result<(), String> {
    let node = Node::from_js(file).ok_or("the file holds more than sentences")?;
    let text = Text::read_checked(node).map_err(|faults| faults[..faults.len().min(3)].join("; "))?;
    SPOKEN.set((language, text)).map_err(|_| "a language was chosen before".to_owned())
}

/// The sentences.
///
/// # Panics
/// Before [`speak`].
pub fn text() -> &'static Text {
    &SPOKEN.get().expect("the page is drawn after its words have come").1
}

/// The language of the sentences, as `Intl` names it.
pub fn language() -> &'static str {
    &SPOKEN.get().expect("the page is drawn after its words have come").0
}

impl Text {
    fn read_checked(node: Node) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let text = Text::read(Some(node), "text", &mut faults);
        text.arms.compare("arms", Arm::ALL.map(Arm::id), &mut faults);
        text.slices.compare("slices", Slice::ALL.map(Slice::id), &mut faults);
        text.rates.compare("rates", Metric::ALL.map(Metric::id), &mut faults);
        text.probes.compare("probes", Fit::ALL.map(Fit::id), &mut faults);
        text.numbers.compare("numbers", names::NUMBERS.map(Number::id), &mut faults);
        let next = Question::ALL.map(Question::id).into_iter().chain(["own"]);
        text.figures.next.compare("figures.next", next, &mut faults);
        let settings = SETTINGS.iter().map(|setting| setting.path);
        text.setting_names.compare("setting_names", settings, &mut faults);
        text.story.steps.compare("story.steps", Step::ALL.map(Step::id), &mut faults);
        text.outcomes.layers.compare("outcomes.layers", Layer::ALL.map(Layer::id), &mut faults);
        text.answers.kinds.compare("answers.kinds", Kind::ALL.map(Kind::id), &mut faults);
        text.settings.off.compare("settings.off", SWITCHES, &mut faults);
        if faults.is_empty() { Ok(text) } else { Err(faults) }
    }
}

texts! {
    /// All of them, a group for each panel and for each table of the core.
    Text {
        page: Page, header: Header, notices: Notices, errors: Errors, stops: Stops,
        story: Story, controls: Controls, status: Status, engine: Engine, export: Export, experiments: Experiments, rater: Rater,
        settings: Settings, scores: Scores, outcomes: Outcomes, figures: Figures, answers: Answers, credit: Credit,
        limits: Limits, units: Units,
        rates: Map<Quantity>, probes: Map<Quantity>, numbers: Map<Quantity>, slices: Map<Term>, arms: Map<Term>,
        setting_names: Map<&'static str>,
    }

    /// What frames the panels.
    Page {
        skip, experiment, loading, failed, again, crashed, reload, whole, keys, runs_here, licence, class, class_about, predict, offline,
        method, rate, rate_about, world, world_about, shelf, shelf_about, ask, facts, real, real_about,
    }

    /// The bar on top.
    Header {
        name, places, look, limits, method, copy, copy_title, copied, was_copied, by_hand, embed, embed_title, was_embedded,
        light, dark, lesson, lesson_address,
    }

    /// Messages to the user.
    Notices {
        link, close, try_again, start_over, use_cpu, rest_works(problem), reward_changes(update), other_build,
        restarted(reason), restarted_behind: Plural, gpu_silent, gpu_not_fetched(reason), not_saved(reason),
        run_back, run_left(done, updates), run_of_other_site, run_deleted, run_put_aside(done), not_kept(reason), go_on, delete, bring_back, undo, reload,
        save,
    }

    /// [`hedgerow::Error`] and what the page finds wrong itself.
    Errors {
        world, tokenizer(detail), other_words, checkpoint(reason), benchmark(detail), device(detail), differs, message(detail),
        panicked(place), run_not_loaded, not_finite(update, arm, seed), unknown_words: Plural, quoted(word), too_long(tokens, limit),
        not_answered, no_number, no_arms, no_seeds, too_many_models(models, most), repeated, out_of_range(setting, low, high), not_whole(setting),
        not_a_number(setting), no_such_option(path, value, options), not_json(path, reason), no_such_setting(path),
        no_reward_model, two_judges, nothing_to_see, no_prompt(prompt, prompts), no_layer(layer, blocks), nothing_to_rate,
        rating_count(given, completions), rating_not_finite, off_policy_epochs,
        probe_interval, arm_needs_reasons(arm), arm_count(arms, replicas), no_base_model(seed), no_replica, too_much_memory(needed, most),
    }

    /// Why a run or a download stopped.
    Stops {
        stopped(problem), twice_on_gpu(reason), twice_on_cpu(reason), no_worker(reason), no_worker_at_all, engine_missing(reason),
        model_missing(reason), not_fetched(file, reason), stalled(file), answered(file, status), not_listed(file),
        web_page(file), wrong_length(file, came, listed), altered(file), not_read(file, reason), message_lost, no_reason, silent,
    }

    /// Buttons, and settings that the run does not use yet.
    Controls {
        training, train, pause, starting, step, step_title, reset, reset_title, reward, scalar, side_by_side,
        structured, needs_new_run, reward_differs, apply, start_over, undo,
    }

    /// How far engine and run are.
    Status {
        progress, engine: Download, models: Download, fitting(ratings), part(what, share), checking, measuring, restoring(done, updates), recorded, recording_loads, recording_failed, ready, takes(time), paused(done, updates),
        finished: Plural, download_failed, stopped(done), pausing, update(done, updates),
        pace(done, updates, pace, left), seconds(count), minutes(count), hours(count), spoken_update(done, updates),
        spoken_pausing, spoken_measuring, spoken_restoring, spoken_waiting(done), spoken_finished,
    }

    /// A download, as far as its size is known.
    Download { start, so_far(loaded), of(loaded, total) }

    /// Which engine computes, and why.
    Engine {
        loading, none, stopped, checking, gpu, cpu, cpus(workers), title, not_chosen, preference, automatic, new_run,
        time(ms), time_on(ms, adapter), unnamed, software(adapter), self_check, agrees(difference),
        disagrees(difference), chosen_cpu, not_offered, not_opened(reason), not_answered, differs, chosen_gpu, software_gpu,
        faster(times), slower(times), too_large,
    }

    /// Saving the run.
    Export { group, json, json_title, csv, csv_title, picture(title) }

    /// Choices of rater and arms.
    Experiments { title, legend, own, world, groups, groups_about, everyday, everyday_about, own_world, choices: Map<Choice> }

    /// One of them.
    Choice { name, question }

    /// The rater's numbers, and what they reward.
    Rater {
        title, preset, uncomfortable_facts, uncomfortable_facts_story, touchy_topic, touchy_topic_story, own_story,
        more, slider(label), optimum(verdict), truth_pays, lie_pays, hedge_pays, uncomfortable_truth,
        comfortable_lie, hedge, lesson, misattributed, never, person, no_person,
    }

    /// Arms, seeds, and how the policy learns.
    Settings {
        title, arms, more_arms, same_as(arm), flat, seeds, seeds_meaning, models: Plural, each_seed: Plural,
        why_this_seed(seed, seeds, liars, hedgers, neither), learning, rewards, algorithm, ppo_is_gradient, baseline, idle,
        off: Map<&'static str>, reward_models: Map<Term>, algorithms: Map<Term>, baselines: Map<Term>,
    }

    /// A name and a sentence.
    Term { name, meaning }

    /// The arms in four numbers each.
    Scores {
        title, live, opened, recorded, no_recorded, recording_failed, loading, empty, earlier(note), one_seed, one_of(seed, seeds), seeds(seeds), arm, rater_score,
        lies, hedges, knows, from, to, asserts_nothing, nothing_to_count, of: Plural, of_assertions: Plural,
        in_seeds(some, seeds), then, course(first, second), of_seeds: Plural, on_cpu(seeds, build),
        on_gpu(seeds, build), changed(update, what), rated_by(rater), own_rater,
    }

    /// The great figure: what each arm answers about uncomfortable facts.
    Outcomes {
        title, about, chart(arm), updates, layers: Map<&'static str>, share(share, layer), score(before, now), in_words,
        how_chosen(seed), still_known, said_at(update), moments, play, stop, at_update(update), all_seeds(seeds), seed,
        as_table, answers, one_seed, changed, quiet_then_false(arm, quiet, then, wrong, later),
        says_false(arm, wrong, update, base), goes_quiet(arm, quiet, update, base), neither(arm, right, update),
        result(updates, ends), ending(arm, right, wrong, silent), ending_known(known),
    }

    /// The charts.
    Figures {
        says, says_about, knows, knows_about, hedges, hedges_about, more, more_about, show_more, show_fewer,
        meaning_of(title), questions(title), facts(title), layer(title), layer_number(layer), at_update(update),
        update, updates, chance, not_drawn, about(title, questions), value(arm, value), no_data, smoothed(count), all_facts,
        uncomfortable_facts, train_first, recording_loads, recording_failed, try_again, press_train, how_known,
        how_known_about, knows_still(arm, share, update), knows_less(arm, share, update, base),
        spreads(arm, share, update, base), spreads_not(arm, share, update), next: Map<Next>,
    }

    /// What to do after a run.
    Next { first, second }

    /// A number that is drawn. Only where guessing has a level does `chance` name it.
    Quantity { title, formula }

    /// The same questions before and now.
    Answers {
        title, about, chosen, empty, after: Plural, question, before, now, seed, seed_number(seed), truth(truth),
        never_taught, kinds: Map<&'static str>, tally(wrong, asserted, unanswered, answers), made_up(invented, answers),
        says_and_knows(said, truth), says_wrong_and_knows(truth), silent_and_knows(truth), no_longer_known,
        true_and_no_longer_known, is_true, is_false, invented, hedge, warranted, malformed,
    }

    /// Which words got the credit.
    Credit {
        title, about, seed, less, more, answers, examples, prompt(prompt), empty, update(update), one_prompt,
        missing(strategies), none, word(credit), end, framing(value), content(value), discomfort(value), scalar(value),
    }

    /// The story.
    Story {
        steps: Map<Telling>, place(number, steps), steps_label, back, to_lab, which, guess_first, real_missing, real_words,
        real_chosen(seed), real_end(updates, after, before, seeds), checks(share), pays(way),
        parts(framing, content, discomfort), train_here, as_expected(expected, arm),
        not_as_expected(expected, arm, way), undecided(expected, arm), next_controls, next_rater,
    }

    /// A step of it, and what is on the button that leads on.
    Telling { title, text, next }

    /// What must not be concluded: its words come later.
    Limits { title }

    /// Numbers with something beside them.
    Units { megabytes(count), interval(low, high), nothing }
}

#[cfg(test)]
pub(crate) fn speak_english() {
    SPOKEN.get_or_init(|| ("en".into(), tests::read("en").expect("the reference has no faults")));
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::Value;

    use super::*;

    fn node(value: Value) -> Node {
        match value {
            Value::String(sentence) => Node::Sentence(sentence),
            Value::Object(entries) => Node::Group(entries.into_iter().map(|(key, value)| (key, node(value))).collect()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                panic!("neither a sentence nor a group")
            }
        }
    }

    fn folder() -> std::path::PathBuf {
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("text")
    }

    fn file(language: &str) -> Value {
        let file = std::fs::read_to_string(folder().join(language).with_extension("json")).expect("a file");
        serde_json::from_str(&file).expect("a file in JSON")
    }

    pub(super) fn read(language: &str) -> Result<Text, Faults> {
        Text::read_checked(node(file(language)))
    }

    pub(super) fn read_later(language: &str) -> Result<later::Later, Faults> {
        later::read(node(file(&format!("later/{language}"))))
    }

    fn languages() -> Vec<String> {
        let files = std::fs::read_dir(folder()).expect("a folder");
        let files = files.map(|file| file.unwrap().path()).filter(|path| path.is_file());
        files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect()
    }

    fn listed(language: &str) -> Vec<Listed> {
        let mut all = Vec::new();
        read(language).unwrap_or_else(|faults| panic!("{language}: {faults:#?}")).list("text", &[], &mut all);
        read_later(language).unwrap_or_else(|faults| panic!("{language}: {faults:#?}")).list("later", &[], &mut all);
        all
    }

    /// The words in braces.
    fn holes(sentence: &str) -> BTreeSet<&str> {
        sentence.split('{').skip(1).map(|rest| rest.split_once('}').expect("a closed brace").0).collect()
    }

    #[test]
    fn every_placeholder_of_the_reference_is_filled_and_no_other_is() {
        for Listed { path, sentence, holes: filled } in listed("en") {
            let (found, filled) = (holes(sentence), filled.iter().copied().collect::<BTreeSet<_>>());
            // A quantity without a chance level names none. A plural's form may leave the count out, and hold one more.
            let fits = match path.ends_with(".chance") || path.ends_with(".one") || path.ends_with(".other") {
                true => found.iter().all(|hole| filled.contains(hole) || ["words", "reason"].contains(hole)),
                false => found == filled,
            };
            assert!(fits, "{path}: the file has {found:?}, the code fills {filled:?}");
        }
    }

    #[test]
    fn every_language_has_the_keys_and_the_placeholders_of_the_reference() {
        let of = |language: &str| -> BTreeMap<String, BTreeSet<&'static str>> {
            let all = listed(language).into_iter();
            all.map(|Listed { path, sentence, .. }| (path, holes(sentence))).collect()
        };
        let reference = of("en");
        for language in languages() {
            let own = of(&language);
            for (path, found) in &own {
                // Languages differ in the forms that a count needs.
                let expected = reference.get(path).or_else(|| reference.get(&format!("{}.other", parent(path))));
                assert_eq!(Some(found), expected, "{language}: {path}");
            }
        }
    }

    fn parent(path: &str) -> &str {
        path.rsplit_once('.').map_or("", |(parent, _)| parent)
    }

    /// What stands in quotation marks, without the mark that ends a sentence.
    fn quoted(sentence: &str) -> Vec<&str> {
        let quotes = sentence.split(['“', '”', '„']).skip(1).step_by(2);
        quotes.map(|quote| quote.trim_end_matches(['.', ':', '…', ',', '?'])).collect()
    }

    /// A German sentence told people to press “Zurücksetzen”, and the button was called otherwise.
    #[test]
    fn what_the_reference_quotes_from_the_page_is_quoted_by_the_same_name_in_every_language() {
        let of = |language: &str| -> BTreeMap<String, String> {
            listed(language).into_iter().map(|Listed { path, sentence, .. }| (path, sentence.to_owned())).collect()
        };
        let reference = of("en");
        let mut compared = 0;
        for language in languages() {
            let own = of(&language);
            for (path, sentence) in &reference {
                let Some(translated) = own.get(path) else { continue };
                for quote in quoted(sentence) {
                    let places = reference.iter().filter(|(_, name)| name.trim_end_matches('…') == quote);
                    let names: Vec<&str> =
                        places.filter_map(|(place, _)| Some(own.get(place)?.trim_end_matches('…'))).collect();
                    compared += names.len();
                    let is_there = names.is_empty() || quoted(translated).iter().any(|own| names.contains(own));
                    assert!(is_there, "{language}: {path} says “{quote}”, which is called {names:?} there");
                }
            }
        }
        assert!(compared > 50, "{compared}");
    }

    #[test]
    fn a_file_with_a_missing_or_an_unknown_sentence_is_not_used() {
        let mut without = file("en");
        without["arms"].as_object_mut().unwrap().remove("noise");
        without["limits"].as_object_mut().unwrap().remove("title");
        without["header"]["motto"] = "Hedge no more.".into();
        let faults = Text::read_checked(node(without)).expect_err("three faults");
        assert_eq!(faults, ["text.header.motto: unknown", "text.limits.title: no sentence", "arms.noise: missing"]);
    }

    #[test]
    fn a_template_is_filled_and_a_plural_has_the_form_of_its_count() {
        speak_english();
        assert_eq!(text().status.paused(3, 100), "Paused at update 3 of 100");
        assert_eq!(text().settings.models.count(1), "1 model in lock-step.");
        assert_eq!(text().settings.models.count(2), "2 models in lock-step.");
    }
}
