//! The sentences of panels that most visitors never come to: those of a class, of predictions, of what became of each
//! fact, of what the models represent, of what they only do not say, of one update in slow motion, of the visitor’s runs and ratings, of a real language model, of the
//! method, of the limits, of where to read on, of what to look for, and of what the browser keeps.
//!
//! They are a file of their own, `text/later/<language>.json`, because the first view must not wait for them;
//! `later.js` fetches it, with the styles of these panels, when the first of them is drawn (`kit::later`).

use std::sync::OnceLock;

use wasm_bindgen::prelude::*;

#[cfg(test)]
use super::reader::Listed;
use super::reader::{Faults, Group, Node, Read, texts};
use super::{Map, Plural, Template, Term, language, numbers, text};
use crate::model::exercise::{LEVELS, LOCKS, Task};
use crate::model::fact_cells::Fate;
use crate::model::files::Fault;
use crate::model::prediction::Bound;
use crate::model::slow::Frame;
use crate::text::names::NUMBERS;
use hedgerow::documents::metrics::{Fit, Metric, Number};
use hedgerow::judgement::person::Way;

/// What the keyboard can be used for, in the order in which it is told.
pub const KEYS: [&str; 9] = ["next", "press", "choose", "slide", "number", "chart", "facts", "rate", "leave"];

static SPOKEN: OnceLock<Later> = OnceLock::new();

#[wasm_bindgen(raw_module = "./later.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = fetchLater)]
    async fn fetch_later(language: &str) -> Result<JsValue, JsValue>;
}

/// Fetches the sentences, unless they are here. Returns whether they are here now.
pub async fn fetch() -> bool {
    if SPOKEN.get().is_some() {
        return true;
    }
    let node = fetch_later(language()).await.ok().as_ref().and_then(Node::from_js);
    let read = node.map(read);
    if let Some(Err(faults)) = &read {
        log::error!("{faults:?}");
    }
    // Another panel may have been faster.
    read.is_some_and(|read| read.is_ok_and(|later| SPOKEN.set(later).is_ok() || SPOKEN.get().is_some()))
}

/// The sentences.
///
/// # Panics
/// Before [`fetch`] has fetched them.
pub fn later() -> &'static Later {
    SPOKEN.get().expect("a panel is drawn after its words have come")
}

/// Why a file cannot be read.
pub fn unreadable(fault: &Fault) -> String {
    let text = &later().faults;
    match fault {
        Fault::Empty => text.empty.to_owned(),
        Fault::NoText => text.no_text.to_owned(),
        Fault::TooLarge => text.too_large.to_owned(),
        Fault::WebPage => text.web_page.to_owned(),
        Fault::CutShort => text.cut_short.to_owned(),
        Fault::NoJson { line } => text.no_json(numbers::count(*line)),
        Fault::Table => text.table.to_owned(),
        Fault::Foreign => text.foreign.to_owned(),
        Fault::Settings => text.settings.to_owned(),
        Fault::Newer { schema } => text.newer(schema),
        Fault::Older { schema } => text.older(schema),
        Fault::Damaged => text.damaged.to_owned(),
        Fault::RealModel => text.real_model.to_owned(),
        Fault::Ratings => text.ratings.to_owned(),
        Fault::NoRatings => text.no_ratings.to_owned(),
        Fault::Unmeasured => text.unmeasured.to_owned(),
        Fault::BadArchive => text.bad_archive.to_owned(),
        Fault::BadEntry => text.bad_entry.to_owned(),
    }
}

/// What a panel is called on the page.
pub fn panel_name(panel: &str) -> &'static str {
    let text = text();
    match panel {
        "experiments" => text.experiments.title,
        "rater" => text.rater.title,
        "predict" => text.page.predict,
        "settings" => text.settings.title,
        "controls" => later().exercise.controls,
        "outcomes" => text.outcomes.title,
        "scores" => text.scores.title,
        "figures" => text.figures.how_known,
        "facts" => text.page.facts,
        "states" => later().states.title,
        "answers" => text.answers.title,
        "credit" => text.credit.title,
        "ask" => text.page.ask,
        "rate" => text.page.rate,
        "real" => text.page.real,
        "limits" => text.header.limits,
        _ => text.header.method,
    }
}

/// Takes over the sentences of the reference, for tests.
#[cfg(test)]
pub(crate) fn speak_english() {
    SPOKEN.get_or_init(|| super::tests::read_later("en").expect("the reference has no faults"));
}

pub(super) fn read(node: Node) -> Result<Later, Faults> {
    let mut faults = Faults::new();
    let later = Later::read(Some(node), "later", &mut faults);
    later.exercise.kinds.compare("later.exercise.kinds", Task::IDS, &mut faults);
    later.exercise.levels.compare("later.exercise.levels", LEVELS, &mut faults);
    later.exercise.locks.compare("later.exercise.locks", LOCKS, &mut faults);
    later.keys.rows.compare("later.keys.rows", KEYS, &mut faults);
    later.facts.fates.compare("later.facts.fates", Fate::ALL.map(Fate::id), &mut faults);
    later.rate.ways.compare("later.rate.ways", Way::ALL.map(Way::id), &mut faults);
    later.meanings.rates.compare("later.meanings.rates", Metric::ALL.map(Metric::id), &mut faults);
    later.meanings.probes.compare("later.meanings.probes", Fit::ALL.map(Fit::id), &mut faults);
    later.meanings.numbers.compare("later.meanings.numbers", NUMBERS.map(Number::id), &mut faults);
    later.slow.frames.compare("later.slow.frames", Frame::ALL.map(Frame::id), &mut faults);
    later.slow.tells.compare("later.slow.tells", Frame::ALL.map(Frame::id), &mut faults);
    later.predict.bounds.compare("later.predict.bounds", Bound::ALL.map(Bound::id), &mut faults);
    if faults.is_empty() { Ok(later) } else { Err(faults) }
}

texts! {
    /// All of them.
    Later { ask: Ask, bundle: Bundle, class: Class, codap: Codap, exercise: Exercise, facts: Facts, faults: FileFaults, handout: Handout, hidden: Hidden, keys: Keys, limits: Limits, links: Links, look: Look, meanings: Meanings, method: Method, offline: Offline, pictures: Pictures, predict: Predict, rate: Rate, real: Real, report: Report, sent: Sent, shelf: Shelf, slow: Slow, sources: Sources, states: States, world: World, world_faults: WorldFaults }

    /// A question of the visitor's own.
    Ask {
        about, entity, attribute, question, ask, not_ready, waiting, after(update), word_by_word, next_about, so_far, back,
        next_word, end,
    }

    /// What is in an archive of a run.
    Bundle { title, json, comma, semicolon, charts, models, label }

    /// Were facts gone, or only not said?
    Hidden {
        title, about, how, seed, test, again, working, empty, steps, own, made_up, base, something(points), nothing, no_facts,
        limits,
    }

    /// What keys do.
    Keys { about, close, key, does, rows: Map<Term> }

    /// The runs, predictions and ratings of a class.
    Class {
        about, choose, choose_about, pasted(number), reading, none, counted(runs, seeds, predictions, left_out), runs: Plural,
        seeds: Plural, predictions: Plural, left: Plural, one_kind(settings, build), no_settings, anonymous, anonymous_about, someone(number),
        csv_comma, csv_semicolon, csv_about, start_again, numbers, arm, models, wrong, of_answers(wrong, answers), liars,
        hedgers, neither, endings_about, curves, curves_about(seeds), histogram, histogram_about, share, predicted, came,
        from_to(low, high), scores, scores_about, no_predictions, who, score, expected(likely, low, high), held(held, pairs, share), cases: Plural, ignorant(score), line, ignorant_line(score),
        left_out, left_out_about, file, reason, raters: Plural, rated, rated_about, ratings_given, together, apart, uncertain, together_about,
        same_cards: Plural, agreement(cards, good, wrong, badly_put, uncomfortable), no_agreement, train, train_about,
    }

    /// Rows for CODAP.
    Codap {
        send, send_run, train_first, about, sending, sent: Plural, silent, refused(reason), table, models, measurements, from, seed, predicted_low, predicted,
        predicted_high, engine, build, settings,
    }

    /// An exercise beside the laboratory.
    Exercise {
        about(level, minutes), levels: Map<&'static str>, kinds: Map<&'static str>, place(step, of, kind), goal(goal), steps, back, next,
        report, unknown(name), others, without, hidden_until, awaits, to_prediction, share(arm), predicted, several, check, keep, right, wrong, kept,
        number(low, high), run_none, run_begun(done, updates), run_done(updates), run_counted, run_other, controls, show(panel), own_words,
        explain, write_first, to_exercise, more, kept_here, start_over, started_over, undo, locked(names), locks: Map<&'static str>,
        fixed, no_secret, whole, only, teacher, teacher_about,
    }

    /// What became of each fact.
    Facts {
        about, rule, fates: Map<&'static str>, fate, before, now, squares(arm), square(question, fate), choose, history(arm, update),
        answers(said), said(count, outcome), known_by(names), known_by_none, no_names, empty,
    }

    /// Why a file cannot be read, or is left out of a class.
    FileFaults {
        empty, no_text, too_large, web_page, cut_short, no_json(line), table, foreign, settings, newer(schema), older(schema), damaged,
        real_model, unmeasured, bad_archive, bad_entry, unfinished(done, updates), reward_changed, late, other_settings(names),
        other_build(build), copy(of), seeds_there(seeds, of), ratings, no_ratings, nothing_rated,
        several_people,
    }

    /// What is wrong with a link.
    Links {
        unreadable, too_long(length, most), nonsense, newer(version), unknown_parameter(name),
        bad_value(name, value, allowed), repeated(name, value), too_many(name, count, most), contradicts(name, value),
        no_such_seed(seed), no_such_world, more: Plural, whole_number(low, high), number(low, high), one_of(names),
    }

    /// Links for students.
    Handout {
        title, about, exercise, no_exercise, replaced(names), put_back, world, locks, locks_about, draws, draws_about, hides, panels, language, students, students_about, bad_count(most), preview, print, answers, answers_about, code, package(version), package_about,
        no_package,
    }

    /// What must not be concluded.
    Limits { size, sensitivity, people, enough, pretraining, decision, silence }

    /// Where to read on.
    Sources { all_limits, method, sources, references, licence, cite }

    /// What to look for.
    Look { rater: Lesson, silence: Lesson, first: Lesson, built_in: Lesson, place: Lesson }

    /// One of them.
    Lesson { title, text }

    /// What each chart draws.
    Meanings { mixed, by_model(arm), by_rater(arm), rates: Map<Meaning>, probes: Map<Meaning>, numbers: Map<Meaning> }

    /// What one of them draws, and what guessing would give.
    Meaning { meaning, chance(values, chance) }

    /// World, arms, training, measures.
    Method {
        world, world_text, own, model, model_text, finetune, finetune_text, rating, rating_text, measures, measures_text, sources,
    }

    /// What the browser keeps of the page.
    Offline {
        asked, absent, off, part(kept, bytes), all(bytes), fetching(kept, bytes), full, failed(reason), waits,
        occupied: Plural, fetch(bytes), switch_off, switch_on, take_over, again,
    }

    /// Ratings by the visitor.
    Rate {
        about, invented, how_many, look_up, look_up_about, deal, add, add_about, not_ready, refused, not_kept, card(number, of),
        thumb, good, bad, why, reasons, wrong, badly_put, uncomfortable, look, truth(value), no_truth, next, back, enough, keys,
        other_world, some_twice(cards), learned, counted(ratings, cards, written), ratings: Plural, cards: Plural, written: Plural,
        foretold(share, hits, of, low, high, commoner), consistent(hits, cards), twice: Plural, none_twice, noticed(hits, statements), false_statements: Plural,
        none_false, alarms(hits, statements), true_statements: Plural, none_true, leaked(hits, answers), uneasy: Plural, about_words(reason), whole, of_base, of_trained: Plural, whose, whose_base, whose_about, dealing,
        blame, blame_about, before_value, on_value, after_value, no_value, agrees, of(hits, of), blame_training, on_the_way, on_the_way_about,
        every, waits: Plural, waits_cost(updates, waits, cards), waits_never(updates), begin_waits, trains_to(update), trains_to_end(update), stands(done, update),
        training_waits(done), all_rated(done), train_further, in_bar, without_me, without_me_about, none_uneasy, as_rater, as_rater_about, you, rater_a, rater_b, checks, minds_value, minds_any,
        estimate(mean, low, high), models, models_about, thumb_model, reasons_model, ways: Map<&'static str>, says_true,
        says_false, says_uncomfortable, weight(uncomfortable, truth), train, train_about, more, save, again, again_sure, keep,
    }

    /// A real language model, recorded.
    Real {
        about, how(model, updates, prompts, completions), uneasy(seed, values), missing, typical(seed), free, free_about(seed), numbers,
        numbers_about, limits, ask: RealAsk,
    }

    /// The same model, answering here.
    RealAsk {
        title, about, uneasy(values), how(tokens), needs, load(size), choose, where_from, wheel, loading(share), unpacking, loaded, question, example, ask,
        answering, downloaded, warm_start, not_there, download(reason), model(reason), adapters(reason), stopped(reason),
        no_reason, silent,
    }

    /// The report of an exercise.
    Report {
        title, print, close, question, prediction, no_prediction, outcome, no_run, unfinished(done, updates), then(first, last),
        interval, score, score_axis(low, high, updates), answers, counted(right, wrong, open), unanswered, lies, hedges, knows, bases, nothing, right, wrong, words, run, link, code, by(name),
    }

    /// A result that a link carries.
    Sent {
        share, share_about, copied, by_hand, link, damaged, title, about(updates), train, who, sender, here, wrong, hedging, known,
        digest_about, same(digest), changed, differs(sent, here), same_build, other_build(build), gpu_here, gpu_there,
    }

    /// The visitor's runs.
    Shelf {
        about, import, refused, known(names), prediction(class), failed(reason), deleted, undo, no_storage(reason), empty, newer, name, note, show, hide, report, back, pin, unpin, compare,
        json, csv, all, delete, updates(done, updates), of_updates: Plural, changed, arms, reward_model, from_to(name, first, second), is(name, value),
        ended(wrong, hedging, known), choose_two, differ(first, other), same, no_pairs, other_raters(score), other_build, other_questions(seeds),
        was_changed(run), unfinished(run), curves, curves_about, of_run(run, arm), ends, ends_about, less(other, first),
        pairs(difference, count), models, models_about, save_models, no_models,
    }

    /// The visitor's own worlds.
    World {
        about, write, lists, lists_about, name, values, names, much, little, neutral, other_names, other_topics,
        make, first_name, first_values, first_names, first_much, first_neutral, first_other_names,
        first_other_topics, file, file_about, schema, example_everyday, example_groups, width, layers, shape_about,
        nothing_written, extent(entities, facts, words, cost), keep, add, refused, not_kept(reason), worlds, empty,
        deleted, undo, at_line(reason, line, field), in_line(reason, line), bad_beside(line), form_empty(field, least), form_fault(field, reason), too_many_facts(has, most), too_many_words(has, most),
        too_many_tokens(has, most), newer, bad_checkpoint(seed), bad_name(most), bad_recipe(widths, layers, steps), knows(seed, steps, chosen, verified), weak, train,
        train_another, enter, leave, save, delete, model(seed), steps(done, most), loss(loss), left(time), starting,
        facts, facts_about, fact_of, sheet, no_topic(word), no_name(line, word), no_value(line, word, topic), no_facts, foreign, foreign_about, save_foreign, pausing, failed(reason), failed_anew(reason), crashed(reason), silent, pause, go_on, exams, step, chooses, verifies,
    }

    /// One update in slow motion.
    Slow {
        pairs, title, show, hide, not_ready, frames: Map<&'static str>, tells: Map<&'static str>, preferred, predicted(scalar),
        compared(reward, mean, credit), scaled(credit), whole, opening, content, probability(before, now), learned(before, now),
    }

    /// What the models represent.
    States {
        title, about, reading, own_models, empty, seed, layer, embedding, block(number), fitted, fitted_base, fitted_now, facts,
        facts_all, facts_uncomfortable, fact, no_fact, picture(arm), shown(share, width), named(count, of, share, values),
        named_by_all(count, share, width), says(count, share), mark(question, truth, region, says), ring, by_value, value, count, lie,
        said, limits,
    }
    /// What stands on a picture of a chart.
    Pictures { settings(settings), build(build), seed(seed), after(update), before_now(before, now), link, links }

    /// What is wrong with a world file.
    WorldFaults {
        not_a_world(reason), syntax(found), cut_short, unknown_field(field, known), missing_field(field, expected),
        wrong_part(found, expected), told_twice(field), text, whole, texts, pair, fields, list, sensitive, exposure,
        not_one_word(kind, word), invisible(kind, text), word_of_sentences(kind, word), used_twice(word),
        unknown_value(attribute, value), too_few_values(attribute), no_half(attribute, values), sensitive_values(attribute),
        no_attributes(entity, kind), unknown_attribute(entity, attribute), not_its_value(entity, attribute, value),
        fact_count(entity, needed, given), no_sensitive_seen, no_sensitive_new, no_neutral_seen, no_neutral_new,
        same_sentence(kind, template, other), no_template(kind), slot(kind, template, slot),
        brackets(kind, template, word), no_word_of_its_own(kind, template), verdicts, declarative_order,
        value, attribute, entity, prompt, held_out_prompt, blunt, contextual, hedge, declarative, claim,
    }

    /// A prediction before the run.
    Predict {
        about, begin, hidden, cancel, question(updates), bounds: Map<&'static str>, slider(arm, bound), chart(arm, likely, low, high),
        chart_about, draw, knot, line_key, line_score(score, ignorant), points, said, came_here, updates(count), name, name_about, keep, kept, kept_late, save, again, expected(arm, likely, low, high), came(result, score),
        hit, missed, not_yet, mean(score, ignorant), score_about, one_draw,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::{exercise, handout};

    /// A panel that `panel_name` forgets was called as the last one is.
    #[test]
    fn panels_have_names_of_their_own() {
        speak_english();
        let ids: BTreeSet<&str> = exercise::PANELS.into_iter().chain(handout::PANELS).chain(["method"]).collect();
        let names: BTreeSet<&str> = ids.iter().map(|id| panel_name(id)).collect();
        assert_eq!(names.len(), ids.len(), "{names:?}");
    }
}
