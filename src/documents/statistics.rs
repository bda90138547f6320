//! What a few seeds say: interquartile means, and intervals from a stratified bootstrap.
//!
//! Follows Agarwal et al. 2021, "Deep Reinforcement Learning at the Edge of the Statistical
//! Precipice" (rliable): the interquartile mean is as robust as a median and wastes less, and
//! the percentile bootstrap resamples seeds within each stratum (their task; here a condition).
//! Leaves out p-values: an interval says more, and with ten seeds a test says little.

use rand::RngExt;

use crate::facts::random::{Purpose, stream};

/// Resamples of the bootstrap.
const RESAMPLES: usize = 2_000;
/// What share of the resampled means an interval holds.
const CONFIDENCE: f64 = 0.95;

/// An interquartile mean and how sure the seeds make it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The interquartile mean over all strata.
    pub mean: f64,
    /// 95 % percentile interval, lower end first; `None` with one seed, which says nothing of others.
    pub interval: Option<[f64; 2]>,
    /// Values it is made of.
    pub count: usize,
}

/// The mean of the middle half: a quarter of the values, rounded down, is cut from either end (as
/// `scipy.stats.trim_mean(values, 0.25)`). `None` of nothing.
pub fn interquartile_mean(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let cut = sorted.len() / 4;
    let middle = &sorted[cut..sorted.len() - cut];
    (!middle.is_empty()).then(|| middle.iter().sum::<f64>() / middle.len() as f64)
}

/// The interquartile mean over all values with its interval, for which each stratum is resampled
/// in itself. One condition is one stratum of its seeds. The same values give the same interval:
/// the resamples do not depend on them. `None` of nothing.
pub fn estimate(strata: &[Vec<f64>]) -> Option<Estimate> {
    let sizes: Vec<usize> = strata.iter().map(Vec::len).collect();
    Resamples::of(&sizes).estimate(&strata.concat())
}

/// The resamples of strata of some sizes, drawn once for any values: whoever estimates often keeps them.
pub struct Resamples {
    /// Values in each stratum.
    sizes: Vec<usize>,
    /// How often a resample has each value, `[resample, value]`.
    times: Vec<u16>,
}

impl Resamples {
    /// Draws them.
    pub fn of(sizes: &[usize]) -> Self {
        let values: usize = sizes.iter().sum();
        let mut times = vec![0; RESAMPLES * values];
        let mut rng = stream(0, 0, Purpose::Bootstrap);
        for resample in times.chunks_exact_mut(values.max(1)) {
            let mut first = 0;
            for size in sizes {
                for _ in 0..*size {
                    resample[first + rng.random_range(0..*size)] += 1;
                }
                first += size;
            }
        }
        Resamples { sizes: sizes.to_vec(), times }
    }

    /// As [`estimate`], of the strata's values one after another.
    pub fn estimate(&self, values: &[f64]) -> Option<Estimate> {
        let count = self.sizes.iter().sum();
        assert_eq!(values.len(), count, "the values fill the strata");
        let mean = interquartile_mean(values)?;
        let repeated = self.sizes.iter().any(|size| *size > 1);
        Some(Estimate { mean, interval: repeated.then(|| self.interval(values)), count })
    }

    fn interval(&self, values: &[f64]) -> [f64; 2] {
        let mut ranked: Vec<usize> = (0..values.len()).collect();
        ranked.sort_by(|one, other| values[*one].total_cmp(&values[*other]));
        let resamples = self.times.chunks_exact(values.len());
        let mut means: Vec<f64> = resamples.map(|times| resampled_mean(values, &ranked, times)).collect();
        [0.5 - CONFIDENCE / 2.0, 0.5 + CONFIDENCE / 2.0].map(|share| quantile(&mut means, share))
    }
}

/// The [`interquartile_mean`] of the values, each as many times as it says, without sorting them again.
fn resampled_mean(values: &[f64], ranked: &[usize], times: &[u16]) -> f64 {
    let cut = values.len() / 4;
    let middle = cut..values.len() - cut;
    let (mut place, mut sum) = (0, 0.0);
    for value in ranked {
        let next = place + usize::from(times[*value]);
        for _ in place.max(middle.start)..next.min(middle.end) {
            sum += values[*value];
        }
        place = next;
    }
    sum / middle.len() as f64
}

/// Linear between the two nearest of the sorted values, as numpy's default. The values are put into another order, and
/// not sorted: a chart needs hundreds of intervals at once.
fn quantile(values: &mut [f64], share: f64) -> f64 {
    let place = share * (values.len() - 1) as f64;
    let (_, below, larger) = values.select_nth_unstable_by(place.floor() as usize, f64::total_cmp);
    let above = larger.iter().copied().min_by(f64::total_cmp).unwrap_or(*below);
    *below + (above - *below) * place.fract()
}

/// Where the share lies of which so many cases of so many were found: the 95 % interval of Wilson (1927), which holds for
/// few cases and for none of them, too. `None` of no case.
pub fn share_interval(hits: usize, of: usize) -> Option<[f64; 2]> {
    const Z: f64 = 1.959_963_985;
    let (count, share) = (of as f64, hits as f64 / of as f64);
    let middle = (share + Z * Z / (2.0 * count)) / (1.0 + Z * Z / count);
    let spread = Z / (1.0 + Z * Z / count) * (share * (1.0 - share) / count + Z * Z / (4.0 * count * count)).sqrt();
    (of > 0).then(|| [(middle - spread).max(0.0), (middle + spread).min(1.0)])
}

/// One − other for every seed that both have, in the order of `one`. Two arms of one seed share
/// world, base model, prompts and noise; their difference has not the spread between seeds.
pub fn paired_differences(one: &[(u64, f64)], other: &[(u64, f64)]) -> Vec<(u64, f64)> {
    let find = |seed: u64| other.iter().find(|(found, _)| *found == seed);
    one.iter().filter_map(|(seed, value)| Some((*seed, value - find(*seed)?.1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_distr::{Distribution, Normal};

    #[test]
    fn the_interquartile_mean_cuts_a_quarter_from_either_end() {
        // By hand: of eight sorted values the third to the sixth remain.
        assert_eq!(interquartile_mean(&[100.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, -50.0]), Some(3.5));
        // Of ten, rounded down, two go on either side: (2 + 3 + 4 + 5 + 6 + 7) / 6.
        let ten: Vec<f64> = (0..10).map(f64::from).collect();
        assert_eq!(interquartile_mean(&ten), Some(4.5));
        assert_eq!(interquartile_mean(&[1.0, 2.0, 6.0]), Some(3.0), "three values are all in the middle");
        assert_eq!(interquartile_mean(&[]), None);
    }

    #[test]
    fn two_seeds_have_the_interval_that_can_be_worked_out() {
        // Resamples of {0, 1} have the means 0, ½, 1 with ¼, ½, ¼: both ends are within the outer 2.5 %.
        let two = estimate(&[vec![0.0, 1.0]]).unwrap();
        assert_eq!((two.mean, two.interval, two.count), (0.5, Some([0.0, 1.0]), 2));
        assert_eq!(estimate(&[vec![0.25]]).unwrap().interval, None);
        assert_eq!(estimate(&[]), None);
    }

    #[test]
    fn strata_are_resampled_each_in_itself() {
        // Two conditions far apart, each without spread: mixing them up would give an interval.
        let apart = estimate(&[vec![0.0; 5], vec![1.0; 5]]).unwrap();
        assert_eq!((apart.mean, apart.interval), (0.5, Some([0.5, 0.5])));
        let mixed = estimate(&[[vec![0.0; 5], vec![1.0; 5]].concat()]).unwrap();
        assert!(mixed.interval.unwrap()[0] < 0.4, "{mixed:?}");
    }

    #[test]
    fn a_resample_has_the_mean_of_its_values_however_it_is_counted() {
        let values = [0.5, -1.0, 3.0, 0.25, 2.0, 2.0, 7.0, 1.0, 0.0, 5.0];
        let resamples = Resamples::of(&[6, 4]);
        for times in resamples.times.chunks_exact(values.len()).take(100) {
            let repeat = |(value, times): (&f64, &u16)| vec![*value; usize::from(*times)];
            let drawn: Vec<f64> = values.iter().zip(times).flat_map(repeat).collect();
            assert_eq!(times[..6].iter().sum::<u16>(), 6, "each stratum is resampled in itself");
            let mut ranked: Vec<usize> = (0..values.len()).collect();
            ranked.sort_by(|one, other| values[*one].total_cmp(&values[*other]));
            assert_eq!(Some(resampled_mean(&values, &ranked, times)), interquartile_mean(&drawn));
        }
        // The same as from new resamples, and as often as one likes.
        let strata = [values[..6].to_vec(), values[6..].to_vec()];
        assert_eq!(resamples.estimate(&values), estimate(&strata));
        assert_eq!(resamples.estimate(&values), estimate(&strata));
    }

    #[test]
    fn the_interval_covers_the_truth_about_as_often_as_it_says() {
        let normal = Normal::new(3.0, 2.0).unwrap();
        let experiments = 400;
        let covered = (0..experiments).filter(|experiment| {
            let mut rng = stream(*experiment, 0, Purpose::Control);
            let seeds = (0..20).map(|_| normal.sample(&mut rng)).collect();
            let [low, high] = estimate(&[seeds]).unwrap().interval.unwrap();
            (low..=high).contains(&3.0)
        });
        let share = covered.count() as f64 / experiments as f64;
        // A percentile bootstrap of twenty values is known to cover slightly less than 95 %.
        assert!((0.88..=0.98).contains(&share), "{share}");
    }

    /// Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    #[test]
    fn a_share_of_few_cases_has_the_interval_of_the_tables() {
        for (hits, of, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let [own_low, own_high] = share_interval(hits, of).unwrap();
            assert!(
                (own_low - low).abs() < 1e-4 && (own_high - high).abs() < 1e-4,
                "{hits} of {of}: {own_low} {own_high}"
            );
        }
        assert_eq!(share_interval(0, 0), None);
    }

    #[test]
    fn differences_are_taken_within_a_seed_and_leave_lonely_seeds_out() {
        let (scalar, structured) = ([(0, 0.5), (1, 0.75), (7, 1.0)], [(1, 0.25), (0, 0.5)]);
        assert_eq!(paired_differences(&scalar, &structured), [(0, 0.0), (1, 0.5)]);
    }
}
