//! From prompts to completions: tokens are chosen on the device, and the host reads them once.
//!
//! Gumbel-max sampling (argmax of log-probabilities plus Gumbel noise is a draw from the
//! distribution) with noise that is computed on the host and uploaded, so that every device
//! draws the same tokens, and so that every arm with the same seed gets the same noise.
//! A prompt is read once for all of its completions. Nothing is cut short at the end token:
//! a batch decodes in lock-step, the end is repeated and the grammar ignores what follows it.

use burn::tensor::{Tensor, TensorData};
use rand::distr::Open01;
use rand::{Rng, RngExt};

use crate::kernels::maths::{ln, update};
use crate::network::model::Policy;

/// Standard Gumbel noise for `answers` answers of one replica, row by row.
pub fn gumbel(rng: &mut impl Rng, answers: usize, length: usize, vocabulary: usize) -> Vec<f32> {
    // Strictly between 0 and 1: an infinite draw would choose its token however improbable it is.
    let mut noise: Vec<f32> = (0..answers * length * vocabulary).map(|_| rng.sample(Open01)).collect();
    update(&mut noise, [], |uniform, []| -ln(-ln(uniform)));
    noise
}

/// Noise of all replicas on a device: `[replica, answer, length × vocabulary]`.
pub fn upload_noise(noise: &[Vec<f32>], answers: usize, policy: &Policy) -> Tensor<3> {
    let shape = [noise.len(), answers, noise[0].len() / answers];
    Tensor::from_data(TensorData::new(noise.concat(), shape), &policy.device())
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
            assert!(gumbel(&mut Extreme(bits), 1, 1, 1)[0].is_finite());
        }
    }
}
