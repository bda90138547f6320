//! Where the names at the ends of a chart's lines stand, and where its x axis has numbers.

/// Places labels of these heights as near as they can be to where they are wanted, without overlap, between `top`
/// and `bottom`. Everything is of middles, downwards. `None` if there is not room enough.
pub fn spread(wanted: &[f64], heights: &[f64], top: f64, bottom: f64) -> Option<Vec<f64>> {
    if heights.iter().sum::<f64>() > bottom - top {
        return None;
    }
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|one, other| wanted[*one].total_cmp(&wanted[*other]));
    let mut middles = wanted.to_vec();
    let mut free = top;
    for label in &order {
        middles[*label] = wanted[*label].max(free + heights[*label] / 2.0);
        free = middles[*label] + heights[*label] / 2.0;
    }
    let mut free = bottom;
    for label in order.iter().rev() {
        middles[*label] = middles[*label].min(free - heights[*label] / 2.0);
        free = middles[*label] - heights[*label] / 2.0;
    }
    Some(middles)
}

/// A name in lines of at most so many letters, or of one word.
pub fn wrapped(name: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in name.split(' ') {
        match lines.last_mut().filter(|line| line.chars().count() + 1 + word.chars().count() <= most) {
            Some(line) => *line = format!("{line} {word}"),
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// At most so many numbers for the x axis, at updates that have a point; points lie every so many updates.
pub fn ticks(updates: u32, every: u32, most: u32) -> Vec<u32> {
    let steps = (0..).flat_map(|power| [1, 2, 5].map(|digit: u32| digit.saturating_mul(10_u32.saturating_pow(power))));
    let every = every.max(1);
    let step = steps.map(|step| step.saturating_mul(every)).find(|step| updates / step < most).unwrap_or(u32::MAX);
    (0..=updates / step).map(|tick| tick * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn labels_stand_at_their_lines_where_there_is_room() {
        assert_eq!(spread(&[20.0, 80.0], &[12.0, 12.0], 0.0, 100.0), Some(vec![20.0, 80.0]));
        assert_eq!(spread(&[50.0, 50.0], &[12.0, 12.0], 0.0, 100.0), Some(vec![50.0, 62.0]));
        assert_eq!(spread(&[99.0, 98.0], &[12.0, 12.0], 0.0, 100.0), Some(vec![94.0, 82.0]));
        assert_eq!(spread(&[1.0, 2.0], &[60.0, 60.0], 0.0, 100.0), None);
    }

    proptest! {
        #[test]
        fn labels_never_overlap_and_never_leave_the_chart(
            labels in prop::collection::vec((-10.0..110.0f64, 5.0..40.0f64), 1..8)
        ) {
            let (wanted, heights): (Vec<f64>, Vec<f64>) = labels.into_iter().unzip();
            if let Some(middles) = spread(&wanted, &heights, 0.0, 100.0) {
                let mut spans: Vec<(f64, f64)> =
                    middles.iter().zip(&heights).map(|(middle, height)| (middle - height / 2.0, middle + height / 2.0)).collect();
                spans.sort_by(|one, other| one.0.total_cmp(&other.0));
                prop_assert!(spans[0].0 >= -1e-9 && spans[spans.len() - 1].1 <= 100.0 + 1e-9);
                prop_assert!(spans.windows(2).all(|pair| pair[0].1 <= pair[1].0 + 1e-9), "{spans:?}");
            } else {
                prop_assert!(heights.iter().sum::<f64>() > 100.0);
            }
        }
    }

    #[test]
    fn a_long_name_takes_several_lines() {
        assert_eq!(wrapped("Scalar", 12), ["Scalar"]);
        assert_eq!(wrapped("Structured, discomfort on content", 12), ["Structured,", "discomfort", "on content"]);
    }

    #[test]
    fn the_axis_has_numbers_where_points_are() {
        assert_eq!(ticks(100, 10, 6), [0, 20, 40, 60, 80, 100]);
        assert_eq!(ticks(100, 20, 7), [0, 20, 40, 60, 80, 100]);
        assert_eq!(ticks(30, 10, 6), [0, 10, 20, 30]);
        assert_eq!(ticks(37, 7, 6), [0, 7, 14, 21, 28, 35]);
        assert_eq!(ticks(20_000, 10, 6), [0, 5_000, 10_000, 15_000, 20_000]);
        assert_eq!(ticks(0, 10, 6), [0]);
    }
}
