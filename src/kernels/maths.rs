//! Elementary functions that compilers turn into vector instructions, and that give the same bits
//! on every target: only additions, products and integer operations, never a fused one.

/// eˣ within 2 units in the last place on [−87, 88], clamped outside (Cephes' reduction and
/// polynomial).
pub(super) fn exp(x: f32) -> f32 {
    /// 1.5 · 2²³: adding it rounds to an integer, which is then in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let x = x - whole * LN_2_HIGH - whole * LN_2_LOW;
    let mut sum = 1.987_569_1e-4;
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5] {
        sum = sum * x + coefficient;
    }
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000));
    (sum * x * x + x + 1.0) * power
}

/// ln x of a positive normal number within 2 units in the last place (Cephes' polynomial).
pub(crate) fn ln(x: f32) -> f32 {
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    const COEFFICIENTS: [f32; 8] = [
        -1.151_461e-1,
        1.167_699_9e-1,
        -1.242_014_1e-1,
        1.424_932_3e-1,
        -1.666_805_8e-1,
        2.000_071_5e-1,
        -2.499_999_4e-1,
        3.333_333e-1,
    ];
    // The mantissa in [√½, √2) and the exponent that goes with it.
    let bits = x.to_bits().wrapping_sub(std::f32::consts::FRAC_1_SQRT_2.to_bits());
    let exponent = (bits as i32 >> 23) as f32;
    let mantissa = f32::from_bits((bits & 0x007f_ffff).wrapping_add(std::f32::consts::FRAC_1_SQRT_2.to_bits()));
    let x = mantissa - 1.0;
    let mut sum = 7.037_683_6e-2;
    for coefficient in COEFFICIENTS {
        sum = sum * x + coefficient;
    }
    let square = x * x;
    sum * x * square + exponent * LN_2_LOW - 0.5 * square + x + exponent * LN_2_HIGH
}

/// The sum, in eight lanes: fixed in its order, and fast.
pub(super) fn sum(numbers: &[f32]) -> f32 {
    lanes(numbers.chunks(8).map(|chunk| (chunk, chunk)), |x, _| x)
}

/// The scalar product of two slices of equal length, in eight lanes.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    lanes(a.chunks(8).zip(b.chunks(8)), |x, y| x * y)
}

fn lanes<'a>(chunks: impl Iterator<Item = (&'a [f32], &'a [f32])>, of: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0f32; 8];
    for (a, b) in chunks {
        if let (Ok(a), Ok(b)) = (<&[f32; 8]>::try_from(a), <&[f32; 8]>::try_from(b)) {
            for lane in 0..8 {
                lanes[lane] += of(a[lane], b[lane]);
            }
        } else {
            for (lane, (a, b)) in lanes.iter_mut().zip(a.iter().zip(b)) {
                *lane += of(*a, *b);
            }
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// The largest number; −∞ of none.
pub(super) fn maximum(numbers: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; 8];
    for chunk in numbers.chunks(8) {
        for (lane, number) in lanes.iter_mut().zip(chunk) {
            *lane = if *number > *lane { *number } else { *lane };
        }
    }
    lanes.into_iter().fold(f32::NEG_INFINITY, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative errors against f64 over the range that networks meet.
    #[test]
    fn exp_and_ln_are_within_a_few_units_in_the_last_place() {
        let worst = |pairs: &mut dyn Iterator<Item = (f32, f64)>| {
            pairs.map(|(own, exact)| ((f64::from(own) - exact) / exact).abs()).fold(0.0, f64::max)
        };
        let grid = || (-8_600..=8_600).map(|step| step as f32 * 0.01003);
        let exponential = worst(&mut grid().map(|x| (exp(x), f64::from(x).exp())));
        assert!(exponential < 3e-7, "exp: {exponential:e}");
        let positive = grid().map(|x| x.exp()).filter(|x| (x - 1.0).abs() > 1e-4 && x.is_normal());
        let logarithm = worst(&mut positive.map(|x| (ln(x), f64::from(x).ln())));
        assert!(logarithm < 3e-7, "ln: {logarithm:e}");
    }

    #[test]
    fn far_out_values_neither_overflow_nor_turn_into_nan() {
        assert!(exp(-1e9) < 1e-37 && exp(-1e9) > 0.0);
        assert!(exp(1e9).is_finite());
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(ln(1.0), 0.0);
    }
}
