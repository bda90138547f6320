//! The benchmark: the laboratory's own kernels on work that other libraries can repeat.
//!
//! A workload is a decoder, its initial weights, eight batches of tokens and prompts to continue,
//! either read from a manifest and its numbers or generated. Parameters and tokens are as in any
//! GPT-2-like model, so that the same work is easily written for another library; docs/PERFORMANCE.md
//! has the figures. `workload` has the work, `names` how other libraries call its parameters. Leaves out clocks:
//! the caller takes the time.

mod names;
mod workload;

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::facts::error::Error;
use crate::facts::random::{Purpose, stream};
use crate::kernels::ModelConfig;
use crate::network::device::{device_error, to_host};
use crate::network::model::Policy;
use crate::network::optimiser::ReplicaAdamW;
use crate::network::sampler::{Draws, uniform};

pub use self::workload::Workload;

const LEARNING_RATE: f32 = 1e-3;

/// A workload on a device, the same in every replica.
pub struct Bench {
    workload: Workload,
    replicas: usize,
    device: Device,
    weights: Tensor<2>,
    optimiser: ReplicaAdamW,
    steps: usize,
}

impl Bench {
    /// With the initial weights, no moments, before the first batch.
    pub fn new(workload: Workload, replicas: usize, device: &Device) -> Self {
        let data = TensorData::new(workload.weights.repeat(replicas), [replicas, workload.weights.len()]);
        Bench {
            replicas,
            device: device.clone(),
            weights: Tensor::from_data(data, device),
            optimiser: ReplicaAdamW::new(0.9, 0.999, 0.01, f32::INFINITY),
            steps: 0,
            workload,
        }
    }

    /// Copies of the work that are done at once.
    pub fn replicas(&self) -> usize {
        self.replicas
    }

    /// One step on the next batch: tokens and weights are uploaded, the loss is read only if
    /// wanted, `[replica]`. Mean over a batch's predictions of weight × cross-entropy; AdamW with
    /// step size 1e-3, β 0.9 and 0.999, ε 1e-8, decoupled decay 0.01.
    ///
    /// # Errors
    /// [`Error::Device`] if the read fails.
    pub async fn train(&mut self, wants_loss: bool) -> Result<Option<Vec<f32>>, Error> {
        let Workload { config, tokens: (tokens, [batches, sequences, length]), loss_weights, .. } = &self.workload;
        let (batch, time) = (self.steps % batches, length - 1);
        self.steps += 1;
        let rows = &tokens[batch * sequences * length..(batch + 1) * sequences * length];
        let columns = |from: usize, to: usize| {
            let tokens: Vec<i32> = rows.chunks_exact(*length).flat_map(|row| &row[from..to]).copied().collect();
            self.upload_tokens(&tokens, [*sequences, to - from])
        };
        let weights = loss_weights[batch * sequences * time..(batch + 1) * sequences * time].repeat(self.replicas);
        let weights = TensorData::new(weights, [self.replicas, *sequences, time]);
        let policy = Policy::new(*config, &self.weights);
        let scale = 1.0 / (sequences * time) as f32;
        let weights = Tensor::from_data(weights, &self.device);
        let (losses, gradient) = policy.next_token_gradient(columns(0, 1), columns(1, *length), weights, scale);
        let (weights, _) = self.optimiser.step(self.weights.clone(), gradient, LEARNING_RATE);
        self.weights = weights;
        Ok(if wants_loss { Some(to_host(losses).await?) } else { None })
    }

    /// The matrix products of one step of training and nothing else, as burn computes them. The time of a
    /// step is given as a multiple of theirs.
    ///
    /// # Errors
    /// [`Error::Device`] if the read fails.
    pub async fn products(&self) -> Result<(), Error> {
        let Workload { config: ModelConfig { vocabulary, width, layers, .. }, tokens: (_, [_, count, time]), .. } =
            self.workload;
        let ones = |rows: usize, columns: usize| Tensor::<3>::ones([self.replicas, rows, columns], &self.device);
        let rows = count * (time - 1);
        let block = [(width, 3 * width), (width, width), (width, 4 * width), (4 * width, width)];
        let mut last = ones(1, 1);
        for (inputs, outputs) in std::iter::repeat_n(block, layers).flatten().chain([(width, vocabulary)]) {
            let (x, weight) = (ones(rows, inputs), ones(inputs, outputs));
            let y = x.clone().matmul(weight.clone());
            let down = y.clone().matmul(weight.swap_dims(1, 2));
            let gradient = x.swap_dims(1, 2).matmul(y);
            last = gradient.slice([0..1, 0..1, 0..1]) + down.slice([0..1, 0..1, 0..1]);
        }
        to_host(last).await.map(drop)
    }

    /// Continues every prompt by 16 tokens, at temperature 1 or with the most probable one each:
    /// `[replica, prompt, 16]`. The draws follow from `seed`.
    ///
    /// # Errors
    /// [`Error::Device`] if the read fails.
    pub async fn sample(&self, greedy: bool, seed: u64) -> Result<Vec<i32>, Error> {
        let Workload { config, prompts: (prompts, [count, time]), continuation, .. } = &self.workload;
        let policy = Policy::new(*config, &self.weights);
        let draw = |replica: u64| {
            uniform(&mut stream(seed, replica, Purpose::Measurement), *count, *continuation, config.vocabulary)
        };
        let draws = match greedy {
            true => Draws::none([self.replicas, *count, continuation * config.vocabulary], &self.device),
            false => Draws::upload(&(0..self.replicas as u64).map(draw).collect::<Vec<_>>(), *count, &self.device),
        };
        let (tokens, _) = policy.continued(self.upload_tokens(prompts, [*count, *time]), draws, 1.0, None);
        let data = tokens.into_data_async().await.map_err(device_error)?;
        Ok(data.iter::<i32>().collect())
    }

    /// Back to the initial weights, no moments, before the first batch.
    pub fn reset(&mut self) {
        *self = Bench::new(self.workload.clone(), self.replicas, &self.device);
    }

    fn upload_tokens(&self, tokens: &[i32], [rows, time]: [usize; 2]) -> Tensor<3, Int> {
        Tensor::from_data(TensorData::new(tokens.repeat(self.replicas), [self.replicas, rows, time]), &self.device)
    }
}
