//! Which files go together, and what they say together.
//!
//! Most files decide which settings and which build are pooled; every other file is left out with its reason. A seed
//! counts once: on CPUs a second run of it is the same run, and twice the same is no more evidence. What was predicted
//! counts once for each prediction. The pooled run is an ordinary report, so that its curves and intervals are made by
//! what makes those of every run (`model::series`, and the core's statistics).

use hedgerow::documents::metrics::Slice;
use hedgerow::documents::report::RunReport;
use hedgerow::judgement::experiment::{Arm, Experiment};

use super::{Fault, File};
use crate::link;
use crate::model::draft::differing_settings;
use crate::model::files::Content;
use crate::model::prediction::{Expected, METRIC, Prediction, courses, results, settings};

/// Shares in a histogram come in so many classes of equal width.
pub const BINS: usize = 10;

/// What a class has together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pool {
    /// One run of every seed that anybody has run; `None` without any.
    pub run: Option<RunReport>,
    /// For each seed of the run the place of its file.
    pub sources: Vec<usize>,
    /// For each seed of the run what computed it.
    pub engines: Vec<String>,
    /// Predictions, each with the place of its file.
    pub predictions: Vec<(usize, Prediction)>,
    /// What is left out: the place of the file, and why.
    pub left_out: Vec<(usize, Fault)>,
}

/// Pools what goes together.
pub fn pool(files: &[File]) -> Pool {
    let mut pool = Pool::default();
    let contents = || files.iter().enumerate().filter_map(|(place, file)| Some((place, file.content.as_ref().ok()?)));
    let wanted = most_common(contents().filter_map(|(_, content)| settings_of(content)));
    let of_these = || contents().filter(|(_, content)| settings_of(content) == wanted);
    let build = most_common(of_these().filter_map(|(_, content)| build_of(content).map(str::to_owned)));
    for (place, file) in files.iter().enumerate() {
        let fault = match &file.content {
            Err(fault) => Some(fault.clone()),
            // See `raters`.
            Ok(Content::Ratings(_)) => None,
            Ok(content) => {
                let copied = contents().find(|(other, known)| *other < place && *known == content);
                if let Some((of, _)) = copied {
                    Some(Fault::Copy { of })
                } else if settings_of(content) != wanted {
                    Some(Fault::OtherSettings { paths: differing(wanted.as_deref(), content) })
                } else {
                    pool.take(place, content, build.as_deref())
                }
            }
        };
        pool.left_out.extend(fault.map(|fault| (place, fault)));
    }
    pool
}

impl Pool {
    /// Takes in what is new in a file of the pool's settings. Returns why something of it is left out.
    fn take(&mut self, place: usize, content: &Content, build: Option<&str>) -> Option<Fault> {
        match content {
            Content::Prediction(prediction) => self.predicted(place, prediction).map(|of| Fault::Copy { of }),
            Content::Run(report, prediction) => {
                if build.is_some_and(|build| build != report.build) {
                    return Some(Fault::OtherBuild { build: report.build.clone() });
                }
                // It may have come as a file of its own before.
                if let Some(prediction) = prediction.as_ref().filter(|own| own.settings == settings(&report.experiment))
                {
                    self.predicted(place, prediction);
                }
                self.ran(place, report)
            }
            Content::Ratings(_) => None,
        }
    }

    /// Returns the place of the file that holds the same prediction, if one does.
    fn predicted(&mut self, place: usize, prediction: &Prediction) -> Option<usize> {
        let known = self.predictions.iter().find(|(_, known)| known.id == prediction.id).map(|(of, _)| *of);
        if known.is_none() {
            self.predictions.push((place, prediction.clone()));
        }
        known
    }

    fn ran(&mut self, place: usize, report: &RunReport) -> Option<Fault> {
        let run = self.run.get_or_insert_with(|| {
            let experiment = Experiment { seeds: Vec::new(), ..report.experiment.clone() };
            let (values, mixed_values) = (report.values, report.mixed_values);
            RunReport {
                values,
                mixed_values,
                ..RunReport::empty(experiment, report.engine.clone(), report.build.clone())
            }
        });
        let (mut twice, mut of) = (Vec::new(), place);
        for (seed, replicas) in report.experiment.seeds.iter().zip(report.replicas.chunks(report.experiment.arms.len()))
        {
            // In the order of the seeds, so that the order of the files makes no difference to the intervals.
            match run.experiment.seeds.binary_search(seed) {
                Ok(known) => {
                    if twice.is_empty() {
                        of = self.sources[known];
                    }
                    twice.push(*seed);
                }
                Err(at) => {
                    run.experiment.seeds.insert(at, *seed);
                    let first = at * replicas.len();
                    run.replicas.splice(first..first, replicas.iter().cloned());
                    self.sources.insert(at, place);
                    self.engines.insert(at, report.engine.clone());
                }
            }
        }
        (!twice.is_empty()).then_some(Fault::SeedsThere { seeds: twice, of })
    }

    /// The arms of the run, or those that were predicted.
    pub fn arms(&self) -> Vec<Arm> {
        match (&self.run, self.predictions.first()) {
            (Some(run), _) => run.experiment.arms.clone(),
            (None, Some((_, prediction))) => prediction.expected.iter().map(|expected| expected.arm).collect(),
            (None, None) => Vec::new(),
        }
    }

    /// What was predicted, of every model.
    pub fn results(&self) -> Vec<(Arm, f64)> {
        self.run.as_ref().map(results).unwrap_or_default()
    }

    /// How many predictions, and how many results, of an arm lie in each tenth.
    pub fn histogram(&self, arm: Arm) -> [(usize, usize); BINS] {
        let mut bins = [(0, 0); BINS];
        for expected in self.expected(arm) {
            bins[bin(expected.likely)].0 += 1;
        }
        for (_, result) in self.results().into_iter().filter(|(of, _)| *of == arm) {
            bins[bin(result)].1 += 1;
        }
        bins
    }

    /// How many of all pairs of a prediction and a result of its arm have the result in the predicted interval, and how
    /// many pairs there are. Who is calibrated gets eight of ten.
    pub fn held(&self) -> (usize, usize) {
        let (mut held, mut pairs) = (0, 0);
        for (arm, result) in self.results() {
            for expected in self.expected(arm) {
                held += usize::from(expected.holds(result));
                pairs += 1;
            }
        }
        (held, pairs)
    }

    /// The scores of all predictions over all results, best first: the place among the predictions, and the score.
    pub fn scores(&self) -> Vec<(usize, Option<f64>)> {
        let results = self.results();
        let score = |(place, (_, prediction)): (usize, &(usize, Prediction))| (place, prediction.score(&results));
        let mut scores: Vec<_> = self.predictions.iter().enumerate().map(score).collect();
        scores.sort_by(|(_, one), (_, other)| one.unwrap_or(f64::INFINITY).total_cmp(&other.unwrap_or(f64::INFINITY)));
        scores
    }

    /// The score of a prediction's line over all results; `None` if it has none, or there is no result.
    pub fn course_score(&self, place: usize) -> Option<f64> {
        self.predictions[place].1.course_score(&courses(self.run.as_ref()?))
    }

    /// Has anybody drawn a line?
    pub fn has_courses(&self) -> bool {
        self.predictions.iter().any(|(_, prediction)| prediction.has_course())
    }

    /// The score of a line at 50% of somebody who knows nothing.
    pub fn ignorant_course(&self) -> Option<f64> {
        let expected = self.arms().into_iter().map(Expected::ignorant_course).collect();
        let (_, first) = self.predictions.first()?;
        Prediction { expected, ..first.clone() }.course_score(&courses(self.run.as_ref()?))
    }

    /// The score of somebody who knows nothing, for comparison.
    pub fn ignorant(&self) -> Option<f64> {
        let expected = self.arms().into_iter().map(Expected::ignorant).collect();
        let (_, first) = self.predictions.first()?;
        Prediction { expected, ..first.clone() }.score(&self.results())
    }

    fn expected(&self, arm: Arm) -> impl Iterator<Item = Expected> {
        self.predictions.iter().filter_map(move |(_, prediction)| prediction.of(arm))
    }
}

/// Answers about uncomfortable facts that were false, of all, over all models of an arm after the last update.
pub fn false_answers(run: &RunReport, arm: Arm) -> (u32, u32) {
    let of_arm = run.replicas.iter().filter(|replica| replica.replica.arm == arm);
    let tallies = of_arm.filter_map(|replica| Some(replica.measurements.last()?.tally(Slice::Uncomfortable)));
    tallies.fold((0, 0), |(wrong, all), tally| (wrong + tally.asserted - tally.truthful, all + tally.count(METRIC)))
}

/// The tenth that a share lies in; the last one holds its upper end.
fn bin(share: f64) -> usize {
    // Shares of whole answers, 3 of 10, are not the tenths that they are meant to be to the last bit.
    (((share * BINS as f64) + 1e-9) as usize).min(BINS - 1)
}

/// The one that is there most often, and of equals the first.
fn most_common(all: impl Iterator<Item = String>) -> Option<String> {
    let mut counted: Vec<(String, usize)> = Vec::new();
    for one in all {
        match counted.iter_mut().find(|(known, _)| *known == one) {
            Some((_, count)) => *count += 1,
            None => counted.push((one, 1)),
        }
    }
    let most = counted.iter().map(|(_, count)| *count).max()?;
    counted.into_iter().find(|(_, count)| *count == most).map(|(one, _)| one)
}

/// `None` of ratings, which are of no run.
fn settings_of(content: &Content) -> Option<String> {
    match content {
        Content::Run(report, _) => Some(settings(&report.experiment)),
        Content::Prediction(prediction) => Some(prediction.settings.clone()),
        Content::Ratings(_) => None,
    }
}

fn build_of(content: &Content) -> Option<&str> {
    match content {
        Content::Run(report, _) => Some(&report.build),
        Content::Prediction(_) | Content::Ratings(_) => None,
    }
}

/// The settings in which a file differs from those that are pooled.
fn differing(wanted: Option<&str>, content: &Content) -> Vec<&'static str> {
    let opened = |settings: &str| link::open(settings).state.map(|state| state.experiment);
    let (Some(one), Some(other)) = (wanted.and_then(opened), settings_of(content).as_deref().and_then(opened)) else {
        return Vec::new();
    };
    differing_settings(&one, &other)
}
