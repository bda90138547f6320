//! The decoder in plain burn operations: no cache, no sharing, burn's own differentiation. Slow, and
//! what the kernels are held to.

use burn::tensor::activation::{log_softmax, softmax};
use burn::tensor::module::layer_norm;
use burn::tensor::{Int, Tensor, TensorData};
use hedgerow::kernels::LossWeights;
use hedgerow::model::ModelConfig;

/// Cuts the `[replica, parameter]` tensor into weights `[replica, rows, columns]`.
fn cut(config: &ModelConfig, flat: &Tensor<2>) -> Vec<Tensor<3>> {
    let replicas = flat.dims()[0];
    let specs = config.tensors().into_iter();
    specs
        .map(|spec| {
            let end = spec.offset + spec.rows * spec.columns;
            flat.clone().slice_dim(1, spec.offset..end).reshape([replicas, spec.rows, spec.columns])
        })
        .collect()
}

/// Log-probabilities of all next tokens `[replica, batch, time, vocabulary]` and residual streams
/// `[replica, batch, time, width]` after the embedding and each block, of tokens
/// `[replica, batch, time]`.
pub(crate) fn read(config: ModelConfig, flat: &Tensor<2>, tokens: Tensor<3, Int>) -> (Tensor<4>, Vec<Tensor<4>>) {
    let [replicas, batch, time] = tokens.dims();
    let ModelConfig { vocabulary, width, heads, layers, .. } = config;
    let (weights, rows, d_head) = (cut(&config, flat), batch * time, width / heads);
    let device = flat.device();
    let mask: Vec<f32> = (0..time * time).map(|at| if at % time > at / time { -1e9 } else { 0.0 }).collect();
    let mask = Tensor::<4>::from_data(TensorData::new(mask, [1, 1, time, time]), &device);
    let linear = |x: Tensor<3>, at: usize| x.matmul(weights[at].clone()) + weights[at + 1].clone();
    let norm = |x: Tensor<3>, at: usize| {
        layer_norm(x, Tensor::ones([width], &device), None, 1e-5) * weights[at].clone() + weights[at + 1].clone()
    };

    let own: Vec<Tensor<3>> = (0..replicas)
        .map(|replica| {
            let table = weights[0].clone().slice_dim(0, replica..replica + 1).squeeze_dim::<2>(0);
            let own = tokens.clone().slice_dim(0, replica..replica + 1).reshape([rows]);
            table.select(0, own).reshape([1, rows, width])
        })
        .collect();
    let positions = weights[1].clone().slice_dim(1, 0..time).repeat_dim(1, batch);
    let mut x = Tensor::cat(own, 0) + positions;
    let mut states = vec![x.clone()];
    for layer in 0..layers {
        let first = 2 + 12 * layer;
        let qkv = linear(norm(x.clone(), first), first + 2);
        let [q, k, v] = [0, 1, 2].map(|part| {
            let part = qkv.clone().slice_dim(2, part * width..(part + 1) * width);
            part.reshape([replicas * batch, time, heads, d_head]).swap_dims(1, 2)
        });
        let scores = q.matmul(k.swap_dims(2, 3)) / (d_head as f32).sqrt() + mask.clone();
        let mixed = softmax(scores, 3).matmul(v).swap_dims(1, 2).reshape([replicas, rows, width]);
        x = x + linear(mixed, first + 4);
        let hidden = tanh_gelu(linear(norm(x.clone(), first + 6), first + 8));
        x = x + linear(hidden, first + 10);
        states.push(x.clone());
    }
    let last = 2 + 12 * layers;
    let head = if config.tied { weights[0].clone().swap_dims(1, 2) } else { weights[last + 2].clone() };
    let log_probs = log_softmax(norm(x, last).matmul(head), 2).reshape([replicas, batch, time, vocabulary]);
    (log_probs, states.into_iter().map(|state| state.reshape([replicas, batch, time, width])).collect())
}

fn tanh_gelu(x: Tensor<3>) -> Tensor<3> {
    let cube = x.clone() * x.clone() * x.clone();
    let inner = (x.clone() + cube * 0.044715) * (2.0 / std::f32::consts::PI).sqrt();
    x * (inner.tanh() + 1.0) * 0.5
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
