//! What the kernels are held to: the decoder of plain burn operations, read as they read, and the loss.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor};
use hedgerow::kernels::LossWeights;
use hedgerow::kernels::ModelConfig;
use hedgerow::network::plain::Decoder;

/// Log-probabilities of all next tokens `[replica, batch, time, vocabulary]` and residual streams
/// `[replica, batch, time, width]` after the embedding and each block, of tokens
/// `[replica, batch, time]`.
pub(crate) fn read(config: ModelConfig, flat: &Tensor<2>, tokens: Tensor<3, Int>) -> (Tensor<4>, Vec<Tensor<4>>) {
    let decoder = Decoder::new(config, flat);
    let mut states = vec![decoder.embed(tokens)];
    for layer in 0..config.layers {
        states.push(decoder.block(layer, states[layer].clone()));
    }
    (decoder.log_probs(states[config.layers].clone()), states)
}

/// As the kernels read answers: log-probabilities `[replica, answer, time, vocabulary]`, and states
/// at the position before each answer's last token.
pub(crate) fn read_answers(
    config: ModelConfig,
    flat: &Tensor<2>,
    prompts: Tensor<3, Int>,
    answers: Tensor<3, Int>,
) -> (Tensor<4>, Vec<Tensor<3>>) {
    let ([replicas, count, length], [_, answer_count, time]) = (prompts.dims(), answers.dims());
    let completions = answer_count / count;
    let prompts = prompts.reshape([replicas, count, 1, length]).repeat_dim(2, completions);
    let prompts = prompts.reshape([replicas, answer_count, length]);
    let tokens = Tensor::cat(vec![prompts, answers], 2).slice_dim(2, 0..length + time - 1);
    let (log_probs, states) = read(config, flat, tokens);
    let end = length + time - 1;
    let states = states.into_iter().map(|state| state.slice_dim(2, end - 1..end).squeeze_dim(2));
    (log_probs.slice_dim(2, length - 1..end), states.collect())
}

/// The loss of each replica, `[replica]`, from log-probabilities `[replica, answer, time, vocabulary]`.
pub(crate) fn losses(
    log_probs: Tensor<4>,
    reference: Tensor<4>,
    answers: Tensor<3, Int>,
    [advantages, mask]: [Tensor<3>; 2],
    LossWeights { scale, temperature, kl }: LossWeights,
) -> Tensor<1> {
    let chosen =
        log_softmax(log_probs.clone() / temperature, 3).gather(3, answers.unsqueeze_dim(3)).squeeze_dim::<3>(3);
    let divergence = (log_probs.clone().exp() * (log_probs - reference)).sum_dim(3).squeeze_dim::<3>(3);
    let terms = divergence * mask * kl - chosen * advantages;
    terms.sum_dim(2).sum_dim(1).reshape([-1]) * scale
}
