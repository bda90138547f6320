//! Loops over slices in vectors of four numbers, spelled out because compilers find them only at
//! some levels of optimisation. The order of additions is fixed and nothing is fused, so the bits
//! are the same natively and as WebAssembly.

use bytemuck::cast;
use wide::{f32x4, u32x4};

/// Sets each number of `to` to `f` of it and of those of `from` at its place.
#[inline(always)]
pub(crate) fn update<const N: usize>(to: &mut [f32], from: [&[f32]; N], f: impl Fn(f32x4, [f32x4; N]) -> f32x4) {
    let from = from.map(|numbers| numbers[..to.len()].as_chunks::<4>());
    let (vectors, rest) = to.as_chunks_mut::<4>();
    for (index, to) in vectors.iter_mut().enumerate() {
        *to = f(f32x4::new(*to), from.map(|(vectors, _)| f32x4::new(vectors[index]))).to_array();
    }
    if !rest.is_empty() {
        let result = f(filled(rest, 0.0), from.map(|(_, rest)| filled(rest, 0.0))).to_array();
        rest.copy_from_slice(&result[..rest.len()]);
    }
}

/// Calls `f` with every four numbers of slices of equal length, and with the place of the first; `fill` fills up the last.
#[inline(always)]
pub(crate) fn each<const N: usize>(numbers: [(&[f32], f32); N], mut f: impl FnMut(usize, [f32x4; N])) {
    let length = numbers[0].0.len();
    let vectors = numbers.map(|(numbers, _)| numbers[..length].as_chunks::<4>().0);
    for index in 0..length / 4 {
        f(4 * index, vectors.map(|vectors| f32x4::new(vectors[index])));
    }
    let done = length - length % 4;
    if done < length {
        f(done, numbers.map(|(numbers, fill)| filled(&numbers[done..length], fill)));
    }
}

/// A vector of fewer than four numbers, filled up.
#[inline(always)]
fn filled(numbers: &[f32], fill: f32) -> f32x4 {
    f32x4::new(std::array::from_fn(|lane| numbers.get(lane).copied().unwrap_or(fill)))
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

/// Puts these rows, of `width` numbers each, in the place of what is there.
pub(crate) fn copy_rows(to: &mut Vec<f32>, from: &[f32], rows: &[usize], width: usize) {
    to.clear();
    for row in rows {
        to.extend_from_slice(&from[row * width..(row + 1) * width]);
    }
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
        lanes[0] = f(lanes[0], [filled(a_rest, start), filled(b_rest, start)]);
    }
    let [a, b, c, d] = join(lanes[0], lanes[1]).to_array().map(f32x4::splat);
    join(join(a, c), join(b, d)).to_array()[0]
}

/// Turns numbers into their exponentials, scaled: factor · eˣ⁻ˢʰⁱᶠᵗ.
pub(crate) fn exponentials(numbers: &mut [f32], shift: f32, factor: f32) {
    update(numbers, [], |x, []| f32x4::splat(factor) * exp(x - f32x4::splat(shift)));
}

/// A number in all lanes. A constant: of an array's `map` that makes the same, compilers call each time.
const fn all(number: f32) -> f32x4 {
    f32x4::new([number; 4])
}

/// ln 2 in two parts, of which multiples of the first are exact.
const LN_2: [f32x4; 2] = [all(0.6933594), all(-2.1219444e-4)];
/// Added to a whole number from −126 to 127, it leaves that number, plus an exponent's bias, in the lowest bits.
const BIAS: f32x4 = all(127.0 + 8388608.0);

/// eˣ with the bits of `wide`'s, of which this is the part for results that are normal numbers: what that does for others
/// takes as long again.
#[inline(always)]
pub(crate) fn exp(x: f32x4) -> f32x4 {
    const C: [f32x4; 6] =
        [all(1.0 / 2.0), all(1.0 / 6.0), all(1.0 / 24.0), all(1.0 / 120.0), all(1.0 / 720.0), all(1.0 / 5040.0)];
    if !x.abs().simd_lt(all(87.0)).all() {
        return exp_of_any(x);
    }
    let power = (x * f32x4::LOG2_E).round_ties_even();
    let x = power.mul_neg_add(LN_2[1], power.mul_neg_add(LN_2[0], x));
    let x2 = x * x;
    let lower = C[5].mul_add(x, C[4]).mul_add(x2 * x2, C[1].mul_add(x, C[0]));
    let series = C[3].mul_add(x, C[2]).mul_add(x2, lower);
    let scale: f32x4 = cast(cast::<_, u32x4>(power + BIAS) << 23);
    (series.mul_add(x2, x) + f32x4::ONE) * scale
}

#[cold]
#[inline(never)]
fn exp_of_any(x: f32x4) -> f32x4 {
    x.exp()
}

/// ln x with the bits of `wide`'s, of which this is the part for numbers that are positive, finite and normal.
#[inline(always)]
pub(crate) fn ln(x: f32x4) -> f32x4 {
    // Cephes' logf (Moshier), as in `wide`.
    const C: [f32x4; 9] = [
        all(0.3333333),
        all(-0.24999994),
        all(0.20000714),
        all(-0.16668057),
        all(0.14249323),
        all(-0.12420141),
        all(0.116769984),
        all(-0.1151461),
        all(0.070376836),
    ];
    const FRACTION: u32x4 = u32x4::new([0x007f_ffff; 4]);
    const HALF: u32x4 = u32x4::new([0.5_f32.to_bits(); 4]);
    const WHOLE: u32x4 = u32x4::new([8388608_f32.to_bits(); 4]);
    if !(x.simd_ge(all(f32::MIN_POSITIVE)) & x.simd_lt(all(f32::INFINITY))).all() {
        return ln_of_any(x);
    }
    let bits = cast::<_, u32x4>(x);
    let fraction: f32x4 = cast((bits & FRACTION) | HALF);
    let power = cast::<_, f32x4>((bits >> 23) | WHOLE) - BIAS;
    let is_large = fraction.simd_gt(f32x4::SQRT_2 * all(0.5));
    let x = is_large.select(fraction, fraction + fraction) - f32x4::ONE;
    let power = is_large.select(power + f32x4::ONE, power);
    let x2 = x * x;
    let x4 = x2 * x2;
    let upper = x2.mul_add(C[7].mul_add(x, C[6]), x.mul_add(C[5], C[4]));
    let lower = x2.mul_add(x.mul_add(C[3], C[2]), x.mul_add(C[1], C[0]));
    let series = x4.mul_add(upper, (x4 * x4).mul_add(C[8], lower));
    let result = power.mul_add(LN_2[1], x2 * x * series) + x2.mul_neg_add(all(0.5), x);
    power.mul_add(LN_2[0], result)
}

/// Standard Gumbel noise of numbers that are uniform between 0 and 1.
#[inline(always)]
pub(crate) fn gumbel(uniform: f32x4) -> f32x4 {
    -ln(-ln(uniform))
}

#[cold]
#[inline(never)]
fn ln_of_any(x: f32x4) -> f32x4 {
    x.ln()
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

    /// Numbers of every exponent and sign, those that are none, and those on which the paths divide.
    #[test]
    fn exponentials_and_logarithms_have_the_bits_of_wides() {
        let edges = [
            87.0,
            f32::MIN_POSITIVE,
            0.0,
            1.0,
            f32::MAX,
            f32::INFINITY,
            f32::NAN,
            103.63,
            88.723,
            std::f32::consts::SQRT_2,
        ];
        let around = edges.into_iter().flat_map(|edge: f32| [edge, edge.next_up(), edge.next_down()]);
        let edges = around.flat_map(|edge| [edge, -edge]);
        let all = (0..=u32::MAX).step_by(1009).map(f32::from_bits).chain(edges);
        for number in all {
            // Alone, and beside one for which the short path will do.
            for x in [f32x4::splat(number), f32x4::new([number, 0.5, number, 2.0])] {
                let bits = |x: f32x4| x.to_array().map(f32::to_bits);
                assert_eq!(bits(exp(x)), bits(x.exp()), "e to the {number}");
                assert_eq!(bits(ln(x)), bits(x.ln()), "ln {number}");
            }
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
