//! Loops over slices in vectors of four numbers, spelled out because compilers find them only at
//! some levels of optimisation. The order of additions is fixed and nothing is fused, so the bits
//! are the same natively and as WebAssembly.

use wide::f32x4;

/// Sets each number of `to` to `f` of it and of those of `from` at its place.
#[inline(always)]
pub(crate) fn update<const N: usize>(to: &mut [f32], from: [&[f32]; N], f: impl Fn(f32x4, [f32x4; N]) -> f32x4) {
    let from = from.map(|numbers| numbers[..to.len()].as_chunks::<4>());
    let (vectors, rest) = to.as_chunks_mut::<4>();
    for (index, to) in vectors.iter_mut().enumerate() {
        *to = f(f32x4::new(*to), from.map(|(vectors, _)| f32x4::new(vectors[index]))).to_array();
    }
    if !rest.is_empty() {
        let vector =
            |numbers: &[f32]| f32x4::new(std::array::from_fn(|lane| numbers.get(lane).copied().unwrap_or(0.0)));
        let result = f(vector(rest), from.map(|(_, rest)| vector(rest))).to_array();
        rest.copy_from_slice(&result[..rest.len()]);
    }
}

/// Adds numbers to others.
pub(crate) fn add(to: &mut [f32], from: &[f32]) {
    update(to, [from], |to, [from]| to + from);
}

/// The sum.
pub(crate) fn sum(numbers: &[f32]) -> f32 {
    reduce([numbers, numbers], 0.0, |sum, [number, _]| sum + number, |sum, other| sum + other)
}

/// The scalar product of two slices of equal length.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    reduce([a, b], 0.0, |sum, [a, b]| sum + a * b, |sum, other| sum + other)
}

/// The largest number; −∞ of none. Of a slice with a NaN, any of them.
pub(crate) fn maximum(numbers: &[f32]) -> f32 {
    let largest = |a: f32x4, b: f32x4| b.simd_gt(a).select(b, a);
    reduce([numbers, numbers], f32::NEG_INFINITY, |max, [number, _]| largest(max, number), largest)
}

/// In two vectors, which are joined at the end; `start` fills up a vector that is not full.
#[inline(always)]
fn reduce(
    numbers: [&[f32]; 2],
    start: f32,
    f: impl Fn(f32x4, [f32x4; 2]) -> f32x4,
    join: impl Fn(f32x4, f32x4) -> f32x4,
) -> f32 {
    let mut lanes = [f32x4::splat(start); 2];
    let [(a, a_rest), (b, b_rest)] = numbers.map(|numbers| numbers.as_chunks::<4>());
    for (index, (a, b)) in a.iter().zip(b).enumerate() {
        let lanes = &mut lanes[index % 2];
        *lanes = f(*lanes, [f32x4::new(*a), f32x4::new(*b)]);
    }
    if !a_rest.is_empty() {
        let vector =
            |numbers: &[f32]| f32x4::new(std::array::from_fn(|lane| numbers.get(lane).copied().unwrap_or(start)));
        lanes[0] = f(lanes[0], [vector(a_rest), vector(b_rest)]);
    }
    let [a, b, c, d] = join(lanes[0], lanes[1]).to_array().map(f32x4::splat);
    join(join(a, c), join(b, d)).to_array()[0]
}

/// Turns numbers into their exponentials, scaled: factor · eˣ⁻ˢʰⁱᶠᵗ.
pub(crate) fn exponentials(numbers: &mut [f32], shift: f32, factor: f32) {
    update(numbers, [], |x, []| f32x4::splat(factor) * (x - f32x4::splat(shift)).exp());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against f64, at lengths that do not divide by four.
        #[test]
        fn sums_products_and_maxima_are_those_of_all_numbers(
            pairs in prop::collection::vec((-10f32..10.0, -10f32..10.0), 1..70),
        ) {
            let (a, b): (Vec<f32>, Vec<f32>) = pairs.iter().copied().unzip();
            let wide = |numbers: &[f32]| numbers.iter().map(|number| f64::from(*number)).collect::<Vec<_>>();
            let products: Vec<f64> = wide(&a).iter().zip(wide(&b)).map(|(a, b)| a * b).collect();
            prop_assert!((f64::from(sum(&a)) - wide(&a).iter().sum::<f64>()).abs() < 1e-4);
            prop_assert!((f64::from(dot(&a, &b)) - products.iter().sum::<f64>()).abs() < 1e-3);
            prop_assert_eq!(maximum(&a), a.iter().copied().fold(f32::NEG_INFINITY, f32::max));
            let mut sums = a.clone();
            add(&mut sums, &b);
            prop_assert!(sums.iter().zip(a.iter().zip(&b)).all(|(sum, (a, b))| *sum == a + b));
        }
    }

    #[test]
    fn exponentials_do_not_overflow_and_do_not_hide_what_is_not_a_number() {
        let mut numbers = [0.0, -1e9, 80.0, f32::NAN, 1.0];
        exponentials(&mut numbers, 0.0, 1.0);
        assert_eq!(numbers[..2], [1.0, 0.0]);
        assert!(numbers[2].is_finite() && numbers[3].is_nan());
        assert!((numbers[4] - std::f32::consts::E).abs() < 1e-6);
    }
}
