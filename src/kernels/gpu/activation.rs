//! GELU and its derivative.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

/// √(2 / π), twice: ½ (1 + tanh u) is the logistic function of 2u.
const GELU: f32 = 2.0 * 0.797_884_6;
const GELU_CUBE: f32 = 0.044_715;

/// GELU(x) / x in the tanh form. The exponent is bounded: some drivers' functions overflow to NaN.
#[cube]
pub(super) fn gelu_gate(x: f32) -> f32 {
    let mut exponent = -GELU * (x + GELU_CUBE * x * x * x);
    if exponent > 80.0 {
        exponent = f32::new(80.0);
    }
    1.0 / (1.0 + exponent.exp())
}

/// GELU′(x).
#[cube]
pub(super) fn gelu_slope(x: f32) -> f32 {
    let gate = gelu_gate(x);
    gate + x * gate * (1.0 - gate) * GELU * (1.0 + 3.0 * GELU_CUBE * x * x)
}
