//! The decoder, sampling and adapters on a tiny random Llama, with oracles that share no code with them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;

use burn::tensor::Device;
use hedgerow::facts::random::{Purpose, stream};
use hedgerow_language_model::adapters;
use hedgerow_language_model::checkpoint::{Checkpoint, LlamaConfig};
use hedgerow_language_model::decoder::{Decoder, Group};
use hedgerow_language_model::lora::{AdamW, AdamWConfig, Lora, LoraConfig, LossWeights, Saved};
use hedgerow_language_model::sampling::{Choice, Lengths};
use hedgerow_language_model::tokenizer::Token;
use rand::RngExt;
use rand_distr::StandardNormal;
use safetensors::Dtype;
use safetensors::tensor::TensorView;

const CONFIG: LlamaConfig = LlamaConfig {
    vocabulary: 13,
    width: 12,
    layers: 3,
    heads: 6,
    kv_heads: 2,
    mlp: 20,
    rope_base: 100.0,
    norm_epsilon: 1e-5,
};
const LORA: LoraConfig = LoraConfig { rank: 2, blocks: 2 };
const STEP: AdamWConfig = AdamWConfig { learning_rate: 0.02, beta_1: 0.9, beta_2: 0.95, max_grad_norm: 1.0 };

fn normal(seed: u64) -> impl FnMut() -> f32 {
    let mut rng = stream(seed, 0, Purpose::Initialisation);
    move || rng.sample::<f32, _>(StandardNormal)
}

fn checkpoint() -> Checkpoint {
    let LlamaConfig { vocabulary, width, layers, mlp, .. } = CONFIG;
    let keys = CONFIG.kv_heads * CONFIG.head_width();
    let mut weights = HashMap::new();
    let mut normal = normal(1);
    let mut add = |name: String, numbers: usize, around: f32| {
        weights.insert(name, (0..numbers).map(|_| around + 0.3 * normal()).collect());
    };
    add("model.embed_tokens.weight".into(), vocabulary * width, 0.0);
    add("model.norm.weight".into(), width, 1.0);
    for layer in 0..layers {
        for (part, numbers, around) in [
            ("input_layernorm", width, 1.0),
            ("self_attn.q_proj", width * width, 0.0),
            ("self_attn.k_proj", keys * width, 0.0),
            ("self_attn.v_proj", keys * width, 0.0),
            ("self_attn.o_proj", width * width, 0.0),
            ("post_attention_layernorm", width, 1.0),
            ("mlp.gate_proj", mlp * width, 0.0),
            ("mlp.up_proj", mlp * width, 0.0),
            ("mlp.down_proj", width * mlp, 0.0),
        ] {
            add(format!("model.layers.{layer}.{part}.weight"), numbers, around);
        }
    }
    Checkpoint { config: CONFIG, weights }
}

fn decoder() -> Decoder {
    Decoder::new(checkpoint(), &Device::flex()).unwrap()
}

/// Prompts of two lengths, completions of several.
fn groups() -> Vec<Group> {
    vec![
        Group { prompt: vec![1, 5, 2], completions: vec![vec![3, 4, 0], vec![7]] },
        Group { prompt: vec![9, 8, 7, 6, 5], completions: vec![vec![2, 2], vec![11, 12, 10, 0]] },
        Group { prompt: vec![4], completions: vec![vec![1, 0], vec![6, 6, 6]] },
    ]
}

/// Logits after the last token, in plain loops over one sequence: no cache, no padding, no tensors.
fn logits_by_hand(tokens: &[Token]) -> Vec<f32> {
    let weights = checkpoint().weights;
    let LlamaConfig { width, heads, kv_heads, mlp, .. } = CONFIG;
    let d = CONFIG.head_width();
    let product = |name: &str, x: &[f32]| -> Vec<f32> {
        weights[name].chunks(x.len()).map(|row| row.iter().zip(x).map(|(w, x)| w * x).sum()).collect()
    };
    let norm = |name: &str, x: &[f32]| -> Vec<f32> {
        let mean = x.iter().map(|x| x * x).sum::<f32>() / x.len() as f32;
        x.iter().zip(&weights[name]).map(|(x, w)| x / (mean + CONFIG.norm_epsilon).sqrt() * w).collect()
    };
    let rotate = |x: &[f32], position: usize| -> Vec<f32> {
        let turn = |head: &[f32]| {
            let angle = |pair: usize| position as f32 / CONFIG.rope_base.powf(2.0 * pair as f32 / d as f32);
            let first = (0..d / 2).map(|i| head[i] * angle(i).cos() - head[i + d / 2] * angle(i).sin());
            let second = (0..d / 2).map(|i| head[i + d / 2] * angle(i).cos() + head[i] * angle(i).sin());
            first.chain(second).collect::<Vec<_>>()
        };
        x.chunks(d).flat_map(turn).collect()
    };
    let embedding = &weights["model.embed_tokens.weight"];
    let mut x: Vec<Vec<f32>> =
        tokens.iter().map(|token| embedding[*token as usize * width..(*token as usize + 1) * width].to_vec()).collect();
    for layer in 0..CONFIG.layers {
        let name = |part: &str| format!("model.layers.{layer}.{part}.weight");
        let normed: Vec<Vec<f32>> = x.iter().map(|x| norm(&name("input_layernorm"), x)).collect();
        let project = |part: &str| normed.iter().map(|x| product(&name(part), x)).collect::<Vec<_>>();
        let turned = |rows: Vec<Vec<f32>>| rows.iter().enumerate().map(|(t, x)| rotate(x, t)).collect::<Vec<_>>();
        let (q, k) = (turned(project("self_attn.q_proj")), turned(project("self_attn.k_proj")));
        let v = project("self_attn.v_proj");
        for t in 0..x.len() {
            let mut mixed = vec![];
            for head in 0..heads {
                let (own, shared) = (head * d..(head + 1) * d, head / (heads / kv_heads) * d);
                let score = |s: usize| {
                    let dot: f32 = q[t][own.clone()].iter().zip(&k[s][shared..shared + d]).map(|(q, k)| q * k).sum();
                    (dot / (d as f32).sqrt()).exp()
                };
                let scores: Vec<f32> = (0..=t).map(score).collect();
                let sum: f32 = scores.iter().sum();
                mixed.extend((0..d).map(|i| (0..=t).map(|s| scores[s] / sum * v[s][shared + i]).sum::<f32>()));
            }
            x[t] = x[t].iter().zip(product(&name("self_attn.o_proj"), &mixed)).map(|(x, y)| x + y).collect();
            let normed = norm(&name("post_attention_layernorm"), &x[t]);
            let [gate, up] = ["mlp.gate_proj", "mlp.up_proj"].map(|part| product(&name(part), &normed));
            assert_eq!(gate.len(), mlp);
            let hidden: Vec<f32> = gate.iter().zip(up).map(|(gate, up)| gate / (1.0 + (-gate).exp()) * up).collect();
            x[t] = x[t].iter().zip(product(&name("mlp.down_proj"), &hidden)).map(|(x, y)| x + y).collect();
        }
    }
    product("model.embed_tokens.weight", &norm("model.norm.weight", x.last().unwrap()))
}

fn log_softmax(logits: &[f32]) -> Vec<f32> {
    let sum: f32 = logits.iter().map(|logit| logit.exp()).sum();
    logits.iter().map(|logit| logit - sum.ln()).collect()
}

fn assert_close(actual: &[f32], expected: &[f32]) {
    assert_eq!(actual.len(), expected.len());
    for (actual, expected) in actual.iter().zip(expected) {
        assert!((actual - expected).abs() < 2e-4, "{actual} is not {expected}");
    }
}

#[test]
fn logits_are_those_of_plain_loops_whatever_else_is_in_the_batch() {
    let prompts: Vec<Vec<Token>> = groups().into_iter().map(|group| group.prompt).collect();
    for (prompt, logits) in prompts.iter().zip(decoder().next_logits(&prompts)) {
        assert_close(&logits, &logits_by_hand(prompt));
    }
}

#[test]
fn completions_that_share_a_prompt_are_scored_as_if_each_stood_alone() {
    for (group, scores) in groups().iter().zip(decoder().score(&groups())) {
        for (completion, scores) in group.completions.iter().zip(scores) {
            let mut text = group.prompt.clone();
            let by_hand = completion.iter().map(|token| {
                let log_probs = log_softmax(&logits_by_hand(&text));
                text.push(*token);
                log_probs[*token as usize]
            });
            assert_close(&scores, &by_hand.collect::<Vec<_>>());
        }
    }
}

#[test]
fn a_greedy_answer_with_the_cache_is_what_reading_everything_anew_gives() {
    let prompts: Vec<Vec<Token>> = groups().into_iter().map(|group| group.prompt).collect();
    let lengths = Lengths { completions: 2, tokens: 6, end: 0 };
    for (prompt, answers) in prompts.iter().zip(decoder().answer(&prompts, lengths, Choice::Greedy)) {
        let mut text = prompt.clone();
        while text.len() < prompt.len() + lengths.tokens && text.last() != Some(&0) {
            let logits = logits_by_hand(&text);
            text.push((0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b])).unwrap() as Token);
        }
        assert_eq!(answers, vec![text[prompt.len()..].to_vec(); 2]);
        let mut heard = Vec::new();
        let aloud = decoder().answer_aloud(prompt, lengths.tokens, lengths.end, &mut |token| heard.push(token));
        assert_eq!((&aloud, &heard), (&answers[0], &answers[0]));
    }
}

/// 4,000 first tokens against their probabilities: the largest gap of thirteen cells stays within four standard errors.
#[test]
fn tokens_are_sampled_by_their_probabilities() {
    let prompt = vec![1, 5, 2];
    let completions = 4000;
    let mut rng = stream(2, 0, Purpose::Sampling);
    let noise: Vec<f32> = (0..completions).map(|_| rng.random()).collect();
    let lengths = Lengths { completions, tokens: 1, end: 0 };
    let answers = decoder().answer(std::slice::from_ref(&prompt), lengths, Choice::Sampled(&noise)).concat();
    for (token, log_prob) in log_softmax(&logits_by_hand(&prompt)).into_iter().enumerate() {
        let share = answers.iter().filter(|answer| answer[0] as usize == token).count() as f32 / completions as f32;
        let expected = log_prob.exp();
        let error = (expected * (1.0 - expected) / completions as f32).sqrt();
        assert!((share - expected).abs() < 4.0 * error, "token {token}: {share} is not {expected}");
    }
}

/// A policy that has moved away from its reference, so that the KL divergence has a gradient.
fn moved(decoder: &Decoder) -> (Lora, AdamW) {
    let (mut lora, mut optimiser) = (Lora::new(LORA, decoder, normal(3)), AdamW::new(STEP));
    let weights: Vec<Vec<Vec<f32>>> = ones();
    for _ in 0..4 {
        let gradient = lora.gradient(decoder, &groups(), LossWeights { weights: &weights, kl: 0.0, scale: 0.1 });
        optimiser.step(&mut lora, &gradient, 1.0);
    }
    (lora, optimiser)
}

fn ones() -> Vec<Vec<Vec<f32>>> {
    let of_completion = |completion: &Vec<Token>| vec![1.0; completion.len()];
    groups().iter().map(|group| group.completions.iter().map(of_completion).collect()).collect()
}

fn sum(numbers: &[Vec<Vec<f32>>]) -> f32 {
    numbers.iter().flatten().flatten().sum()
}

#[test]
fn adapters_change_nothing_at_first_and_merged_they_are_the_policy() {
    let decoder = decoder();
    let lora = Lora::new(LORA, &decoder, normal(3));
    assert_eq!(lora.merge(&decoder).score(&groups()), decoder.score(&groups()));
    let (lora, _) = moved(&decoder);
    let learned = lora.gradient(&decoder, &groups(), LossWeights { weights: &ones(), kl: 0.5, scale: 1.0 });
    let merged = lora.merge(&decoder).score(&groups());
    assert_close(&learned.log_probs.concat().concat(), &merged.concat().concat());
    assert!(sum(&merged) > sum(&decoder.score(&groups())) + 1.0, "what is taught becomes more probable");
}

/// One step of plain descent along the gradient lowers the loss by the step times the gradient's squared norm.
#[test]
fn the_loss_falls_along_its_gradient_as_finite_differences_say() {
    let decoder = decoder();
    let (lora, _) = moved(&decoder);
    let mut rng = stream(5, 0, Purpose::Attribution);
    let weights: Vec<Vec<Vec<f32>>> = ones()
        .into_iter()
        .map(|group| group.into_iter().map(|row| row.iter().map(|_| rng.random_range(-1.0..1.0)).collect()).collect())
        .collect();
    for kl in [0.0, 0.7] {
        let loss = LossWeights { weights: &weights, kl, scale: 0.25 };
        let value = |lora: &Lora| {
            let numbers = lora.gradient(&decoder, &groups(), loss);
            let weighted: f32 = weights
                .iter()
                .flatten()
                .flatten()
                .zip(numbers.log_probs.iter().flatten().flatten())
                .map(|(weight, log_prob)| -weight * log_prob)
                .sum();
            0.25 * (weighted + kl * sum(&numbers.kl))
        };
        let gradient = lora.gradient(&decoder, &groups(), loss);
        // A thousandth of the way that a gradient of norm 1 would go: the loss is far from straight.
        let step = 1e-3 / gradient.norm();
        let [forward, backward] = [step, -step].map(|step| value(&lora.moved_along(&gradient, step)));
        let slope = (backward - forward) / (2.0 * step);
        let squared = gradient.norm().powi(2);
        assert!((slope - squared).abs() < 0.02 * squared, "kl {kl}: {slope} is not {squared}");
        assert!(kl == 0.0 || sum(&gradient.kl) > 0.01, "the policy has moved");
    }
}

/// What a killed run goes on from: the next step is the one that it would have been.
#[test]
fn saved_adapters_go_on_as_if_nothing_had_happened() {
    let decoder = decoder();
    let (mut lora, mut optimiser) = moved(&decoder);
    let bytes = Saved::write(&lora, &optimiser, "4 steps").unwrap();
    let (mut other, mut others) = (Lora::new(LORA, &decoder, normal(9)), AdamW::new(STEP));
    assert_eq!(Saved::read(&bytes, &mut other, &mut others).unwrap(), "4 steps");
    for (lora, optimiser) in [(&mut lora, &mut optimiser), (&mut other, &mut others)] {
        let gradient = lora.gradient(&decoder, &groups(), LossWeights { weights: &ones(), kl: 0.1, scale: 0.1 });
        optimiser.step(lora, &gradient, 1.0);
    }
    assert_eq!(lora.merge(&decoder).score(&groups()), other.merge(&decoder).score(&groups()));
    let wide = LoraConfig { rank: 3, ..LORA };
    assert!(Saved::read(&bytes, &mut Lora::new(wide, &decoder, normal(9)), &mut others).is_err());
}

/// A file for those who only use them: 16 bits a number, and refused by a model that they do not fit.
#[test]
fn adapters_in_half_the_bytes_say_the_same_and_fit_their_own_model_alone() {
    let decoder = decoder();
    let (lora, _) = moved(&decoder);
    let file = adapters::write(&lora, &decoder).unwrap();
    let read = adapters::read(&file, &decoder).unwrap();
    let [exact, rounded] = [&lora, &read].map(|lora| lora.merge(&decoder).score(&groups()).concat().concat());
    let before = decoder.score(&groups()).concat().concat();
    for ((exact, rounded), before) in exact.iter().zip(&rounded).zip(&before) {
        assert!((exact - rounded).abs() < 0.02 * (exact - before).abs() + 0.01, "{rounded} is not {exact}");
    }
    assert_eq!(adapters::write(&read, &decoder).unwrap(), file, "and nothing is lost the second time");
    let narrow = Checkpoint { config: LlamaConfig { layers: 1, ..CONFIG }, ..checkpoint() };
    let other = Decoder::new(narrow, &Device::flex()).unwrap();
    assert!(adapters::read(&file, &other).unwrap_err().to_string().contains("no adapters of this model"));
    assert!(adapters::read(&file[..file.len() - 1], &decoder).is_err());
    assert!(adapters::read(b"no file", &decoder).is_err());
}

/// `config.json` as transformers writes it, with the base where that version puts it.
fn hugging_face_config(rope: &str) -> String {
    let LlamaConfig { vocabulary, width, layers, heads, kv_heads, mlp, norm_epsilon, .. } = CONFIG;
    format!(
        r#"{{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": {vocabulary},
        "hidden_size": {width}, "num_hidden_layers": {layers}, "num_attention_heads": {heads},
        "num_key_value_heads": {kv_heads}, "intermediate_size": {mlp}, "rms_norm_eps": {norm_epsilon},
        "tie_word_embeddings": true, {rope}}}"#
    )
}

/// The tiny model's `model.safetensors`.
fn hugging_face_weights(kind: Dtype, bytes_of: impl Fn(f32) -> Vec<u8>) -> Vec<u8> {
    let packed: Vec<(String, Vec<u8>, usize)> = checkpoint()
        .weights
        .into_iter()
        .map(|(name, numbers)| (name, numbers.iter().flat_map(|number| bytes_of(*number)).collect(), numbers.len()))
        .collect();
    let views = packed
        .iter()
        .map(|(name, bytes, length)| (name.as_str(), TensorView::new(kind, vec![*length], bytes).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

#[test]
fn a_model_of_safetensors_computes_the_same_whichever_way_its_numbers_are_kept() {
    let prompts = [vec![1, 5, 2], vec![9]];
    let expected = decoder().next_logits(&prompts);
    for rope in [r#""rope_theta": 100.0"#, r#""rope_parameters": {"rope_theta": 100.0, "rope_type": "default"}"#] {
        let config = hugging_face_config(rope);
        let logits = |kind, bytes_of: &dyn Fn(f32) -> Vec<u8>| {
            let file = hugging_face_weights(kind, bytes_of);
            let checkpoint = Checkpoint::from_safetensors(&config, &file).unwrap();
            Decoder::new(checkpoint, &Device::flex()).unwrap().next_logits(&prompts).concat()
        };
        assert_eq!(logits(Dtype::F32, &|number| number.to_le_bytes().to_vec()), expected.concat(), "{rope}");
        let halves = logits(Dtype::F16, &|number| half::f16::from_f32(number).to_le_bytes().to_vec());
        let brains = logits(Dtype::BF16, &|number| half::bf16::from_f32(number).to_le_bytes().to_vec());
        // 11 and 8 bits of precision.
        for (logits, tolerance) in [(halves, 0.02), (brains, 0.16)] {
            for (logit, expected) in logits.iter().zip(expected.concat()) {
                assert!((logit - expected).abs() < tolerance, "{logit} is not {expected}");
            }
        }
    }
}

/// A model that would be computed wrongly is refused and not computed.
#[test]
fn a_configuration_that_asks_for_more_is_refused() {
    let file = hugging_face_weights(Dtype::F32, |number| number.to_le_bytes().to_vec());
    for more in [
        r#""rope_theta": 100.0, "attention_bias": true"#,
        r#""rope_theta": 100.0, "head_dim": 4"#,
        r#""rope_theta": 100.0, "rope_scaling": {"rope_type": "llama3", "factor": 8.0}"#,
        r#""rope_parameters": {"rope_theta": 100.0, "rope_type": "yarn"}"#,
    ] {
        assert!(Checkpoint::from_safetensors(&hugging_face_config(more), &file).is_err(), "{more}");
    }
    let other = hugging_face_config(r#""rope_theta": 100.0"#).replace("\"llama\"", "\"qwen2\"");
    assert!(Checkpoint::from_safetensors(&other, &file).is_err());
    let integers = hugging_face_weights(Dtype::I32, |number| (number as i32).to_le_bytes().to_vec());
    assert!(Checkpoint::from_safetensors(&hugging_face_config(r#""rope_theta": 100.0"#), &integers).is_err());
}
