//! The sum and the largest of one number from each unit of a workgroup.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

/// The sum over a workgroup, known to all of its units.
#[cube]
pub(super) fn total(value: f32, shared: &mut Shared<[f32]>, #[comptime] units: usize) -> f32 {
    reduce(value, shared, units, false)
}

/// The largest value in a workgroup, known to all of its units.
#[cube]
pub(super) fn largest(value: f32, shared: &mut Shared<[f32]>, #[comptime] units: usize) -> f32 {
    reduce(value, shared, units, true)
}

#[cube]
fn reduce(value: f32, shared: &mut Shared<[f32]>, #[comptime] units: usize, #[comptime] largest: bool) -> f32 {
    let unit = UNIT_POS as usize;
    shared[unit] = value;
    sync_cube();
    // A variable of the kernel: `units / 2` alone would be a constant of its compilation, which cannot change.
    let mut half = usize::new(comptime!(units as i64 / 2));
    while half > 0 {
        if unit < half {
            let mut both = shared[unit] + shared[unit + half];
            if comptime!(largest) {
                both = shared[unit].max(shared[unit + half]);
            }
            shared[unit] = both;
        }
        sync_cube();
        half /= 2;
    }
    let value = shared[0];
    sync_cube();
    value
}
