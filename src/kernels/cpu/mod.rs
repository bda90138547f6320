//! The operations in plain Rust, on one core for each replica.
//!
//! Prompts are worked through in chunks whose activations stay in the second-level cache. Rows of
//! a chunk are the prefixes of its prompts, then its answers; everything but attention treats
//! them alike. Attention works on *segments*: a prefix, or an answer that also sees its prefix.
//! Whatever goes forward computes texts that begin alike once, until they part: half of an update's rows, to the same
//! bits. A gradient goes back through all rows: it adds up in their order.
//!
//! This file takes tensors apart into replicas and puts the results together. `decoder` is the forward
//! pass and its gradient, over the layers of `block`, `attention`, `norm` and `linear`; `sampling`,
//! `loss` and `adamw` are the other operations; `gemm` is the matrix product.

mod adamw;
mod attention;
mod batch;
mod block;
mod decoder;
mod gemm;
mod linear;
mod loss;
mod norm;
mod sampling;
mod tape;

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::{Shape, TensorData};
use burn_flex::FlexTensor;

use self::batch::Batch;
use self::decoder::Decoder;
use self::loss::Objective;
use super::{AdamWStep, DecoderOps, LossWeights, Sampling};
use crate::kernels::ModelConfig;

impl DecoderOps for Flex {
    fn decoder_forward(
        weights: FloatTensor<Self>,
        prompts: IntTensor<Self>,
        answers: IntTensor<Self>,
        config: ModelConfig,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let batch = Batch::new(&prompts, answers.shape());
        let [weights, prompts, answers] = [weights, prompts, answers].map(|tensor| tensor.to_contiguous());
        let outputs = each_replica(batch.replicas, |replica| {
            let decoder = Decoder::new(config, of_replica(&weights, replica, batch.replicas), false);
            let tokens =
                [of_replica::<i32>(&prompts, replica, batch.replicas), of_replica(&answers, replica, batch.replicas)];
            decoder.forward(&batch, tokens)
        });
        let (rows, states) = (batch.answers() * batch.time, batch.answers() * config.width);
        let layers = config.layers + 1;
        let by_layer = (0..layers).flat_map(|layer| outputs.iter().map(move |(_, streams)| (layer, streams)));
        let by_layer = by_layer.flat_map(|(layer, streams)| &streams[layer * states..(layer + 1) * states]);
        let log_probs = outputs.iter().flat_map(|(log_probs, _)| log_probs).copied().collect();
        (
            tensor(log_probs, [batch.replicas, rows, config.vocabulary]),
            tensor(by_layer.copied().collect(), [layers, batch.replicas, batch.answers(), config.width]),
        )
    }

    fn decoder_sample(
        weights: FloatTensor<Self>,
        prompts: IntTensor<Self>,
        noise: FloatTensor<Self>,
        sampling: Sampling,
        config: ModelConfig,
    ) -> (IntTensor<Self>, FloatTensor<Self>) {
        let [replicas, answers, noises] = noise.shape().dims();
        let time = noises / config.vocabulary;
        let batch = Batch::new(&prompts, Shape::from([replicas, answers, time]));
        let [weights, prompts, noise] = [weights, prompts, noise].map(|tensor| tensor.to_contiguous());
        let outputs = each_replica(replicas, |replica| {
            let decoder = Decoder::new(config, of_replica(&weights, replica, replicas), false);
            decoder.sample(
                &batch,
                of_replica(&prompts, replica, replicas),
                of_replica(&noise, replica, replicas),
                sampling,
            )
        });
        let tokens: Vec<i32> = outputs.iter().flat_map(|(tokens, _)| tokens).copied().collect();
        let log_probs = outputs.into_iter().flat_map(|(_, log_probs)| log_probs).collect();
        (
            FlexTensor::from_data(TensorData::new(tokens, [replicas, answers, time])),
            tensor(log_probs, [replicas, answers * time, config.vocabulary]),
        )
    }

    fn decoder_gradient(
        weights: FloatTensor<Self>,
        prompts: IntTensor<Self>,
        answers: IntTensor<Self>,
        advantages: FloatTensor<Self>,
        mask: FloatTensor<Self>,
        reference: FloatTensor<Self>,
        loss: LossWeights,
        config: ModelConfig,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let batch = Batch::new(&prompts, answers.shape());
        let [weights, prompts, answers] = [weights, prompts, answers].map(|tensor| tensor.to_contiguous());
        let [advantages, mask, reference] = [advantages, mask, reference].map(|tensor| tensor.to_contiguous());
        let outputs = each_replica(batch.replicas, |replica| {
            let decoder = Decoder::new(config, of_replica(&weights, replica, batch.replicas), true);
            let tokens =
                [of_replica::<i32>(&prompts, replica, batch.replicas), of_replica(&answers, replica, batch.replicas)];
            let [advantages, mask, reference] =
                [&advantages, &mask, &reference].map(|tensor| of_replica::<f32>(tensor, replica, batch.replicas));
            decoder.gradient(&batch, tokens, &Objective { advantages, mask, reference, loss })
        });
        let losses = outputs.iter().map(|(loss, _)| *loss).collect();
        let gradient = outputs.into_iter().flat_map(|(_, gradient)| gradient).collect();
        (tensor(losses, [batch.replicas]), tensor(gradient, [batch.replicas, config.parameters()]))
    }

    fn adamw_step(
        weights: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        step: AdamWStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let [replicas, parameters] = weights.shape().dims();
        let [mut weights, gradient, mut moments] = [weights, gradient, moments].map(|tensor| tensor.to_contiguous());
        let norms = adamw::step(
            weights.storage_mut::<f32>(),
            gradient.storage::<f32>(),
            moments.storage_mut::<f32>(),
            parameters,
            step,
        );
        (weights, moments, tensor(norms, [replicas]))
    }
}

fn tensor<const D: usize>(numbers: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(numbers, shape))
}

/// The numbers of one replica in a contiguous tensor whose first dimension is the replica.
fn of_replica<E: burn::tensor::Element + bytemuck::Pod>(tensor: &FlexTensor, replica: usize, replicas: usize) -> &[E] {
    let all = tensor.storage::<E>();
    let length = all.len() / replicas;
    &all[replica * length..(replica + 1) * length]
}

/// Replicas do not interact: one after the other, or side by side where there are threads.
fn each_replica<T: Send>(replicas: usize, work: impl Fn(usize) -> T + Send + Sync) -> Vec<T> {
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        (0..replicas).into_par_iter().map(work).collect()
    }
    #[cfg(not(feature = "parallel"))]
    (0..replicas).map(work).collect()
}
