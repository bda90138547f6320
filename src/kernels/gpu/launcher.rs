//! A batch on its device: buffers and grids for the launches of each kernel family.

use burn::tensor::{DType, Shape};
use burn_cubecl::cubecl;
use burn_cubecl::ops::numeric::empty_device_dtype;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::UNITS;
use super::batch::Sizes;

/// A batch of every replica. Its launches are beside the kernels.
pub(super) struct Launcher<'a> {
    /// `[replica, parameter]`.
    pub(super) weights: &'a CubeTensor,
    pub(super) replicas: usize,
    pub(super) s: Sizes,
}

/// A tensor on the same device whose numbers are not set.
pub(super) fn empty(like: &CubeTensor, shape: impl Into<Shape>, dtype: DType) -> CubeTensor {
    empty_device_dtype(like.client.clone(), like.device.clone(), shape.into(), dtype)
}

/// Units for a row of a LayerNorm: a power of two that is not much wider than the row.
pub(super) fn row_units(width: usize) -> usize {
    width.next_power_of_two().clamp(32, UNITS)
}

impl Launcher<'_> {
    /// `[replica, count]`, not set.
    pub(super) fn floats(&self, count: usize) -> CubeTensor {
        empty(self.weights, [self.replicas, count], DType::F32)
    }

    /// Workgroups for each replica.
    pub(super) fn grid(&self, x: usize, y: usize) -> CubeCount {
        CubeCount::Static(x as u32, y as u32, self.replicas as u32)
    }
}
