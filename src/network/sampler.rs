//! From prompts to completions: tokens are chosen on the device, and the host reads them once.
//!
//! Gumbel-max sampling (argmax of log-probabilities plus Gumbel noise is a draw from the
//! distribution) with uniform numbers that are drawn and, for a GPU, made noise on the host, so that every device
//! draws the same tokens, and so that every arm with the same seed gets the same noise.
//! A prompt is read once for all of its completions. Nothing is cut short at the end token:
//! a batch decodes in lock-step, the end is repeated and the grammar ignores what follows it.

use burn::tensor::{Device, Tensor, TensorData};
use rand::distr::Open01;
use rand::{Rng, RngExt};

use crate::kernels::Noise;
use crate::kernels::maths::{gumbel, update};

/// What the tokens of all replicas' answers are chosen with, on a device.
#[derive(Debug, Clone)]
pub struct Draws {
    /// `[replica, answer, length × vocabulary]`.
    pub(crate) numbers: Tensor<3>,
    pub(crate) noise: Noise,
}

impl Draws {
    /// Of uniform numbers for each replica.
    pub fn upload(uniform: &[Vec<f32>], answers: usize, device: &Device) -> Self {
        let shape = [uniform.len(), answers, uniform[0].len() / answers];
        let mut numbers = uniform.concat();
        let noise = if *device == Device::flex() {
            Noise::Gumbel
        } else {
            update(&mut numbers, [], |uniform, []| gumbel(uniform));
            Noise::Given
        };
        Draws { numbers: Tensor::from_data(TensorData::new(numbers, shape), device), noise }
    }

    /// With this noise, `[replica, answer, length × vocabulary]`.
    pub fn given(noise: Tensor<3>) -> Self {
        Draws { numbers: noise, noise: Noise::Given }
    }

    /// Without noise: the most probable token each. The shape is `[replica, answer, length × vocabulary]`.
    pub fn none(shape: [usize; 3], device: &Device) -> Self {
        Self::given(Tensor::zeros(shape, device))
    }
}

/// Numbers that are uniform between 0 and 1, and never either, for `answers` answers of one replica, row by row.
pub fn uniform(rng: &mut impl Rng, answers: usize, length: usize, vocabulary: usize) -> Vec<f32> {
    // Infinite noise would choose its token however improbable it is.
    (0..answers * length * vocabulary).map(|_| rng.sample(Open01)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rand_core::TryRng;
    use std::convert::Infallible;

    /// Every bit set, or none.
    struct Extreme(u64);

    impl TryRng for Extreme {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            Ok(self.0 as u32)
        }

        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            Ok(self.0)
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
            bytes.fill(self.0 as u8);
            Ok(())
        }
    }

    /// The largest f32 below 1 plus half a unit in its last place is 1, and ln(−ln 1) is infinite:
    /// once in 2²⁴ draws a token was forced, which is every other run.
    #[test]
    fn a_draw_at_the_edge_of_the_uniform_is_finite() {
        for bits in [0, u64::MAX] {
            let noise = gumbel(uniform(&mut Extreme(bits), 1, 1, 1)[0].into()).to_array()[0];
            assert!(noise.is_finite());
        }
    }
}
