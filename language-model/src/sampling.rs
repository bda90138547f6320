//! Answers, token by token. A prompt's keys and values are computed once for all of its completions, and those of
//! the completions are kept as they grow.

use burn::tensor::activation::softmax;
use burn::tensor::{Int, Tensor, TensorData};

use crate::decoder::{
    Batch, Decoder, Group, Heads, Rotation, Segment, attend, fold_keys, fold_queries, rms_norm, upload_tokens,
};
use crate::tokenizer::Token;

/// Answers that grow side by side in a part, at least: the weights are laid out anew for each product, which takes as
/// long as the product of 10 rows (40 answers of the 135M model: 6.5 s in four parts, 4.6 in two).
const PART_ROWS: usize = 20;

/// How a token is chosen.
#[derive(Debug, Clone, Copy)]
pub enum Choice<'a> {
    /// The most probable one.
    Greedy,
    /// By its probability at temperature 1, with uniform numbers in 0 … 1, `[prompt × completion × token]`.
    Sampled(&'a [f32]),
}

/// How many answers there are to be, and how long they may be.
#[derive(Debug, Clone, Copy)]
pub struct Lengths {
    /// Answers to each prompt.
    pub completions: usize,
    /// Tokens of an answer at most, its end included.
    pub tokens: usize,
    /// Ends an answer.
    pub end: Token,
}

/// A prompt with the random numbers of its completions.
struct Asked<'a> {
    prompt: &'a [Token],
    noise: Option<&'a [f32]>,
}

impl Decoder {
    /// Answers to each prompt, `[prompt][completion]`, each up to its end, which is its last token if it came.
    pub fn answer(&self, prompts: &[Vec<Token>], lengths: Lengths, choice: Choice<'_>) -> Vec<Vec<Vec<Token>>> {
        let numbers = lengths.completions * lengths.tokens;
        let asked = prompts.iter().enumerate().map(|(place, prompt)| Asked {
            prompt,
            noise: match choice {
                Choice::Greedy => None,
                Choice::Sampled(noise) => Some(&noise[place * numbers..(place + 1) * numbers]),
            },
        });
        let asked: Vec<Asked> = asked.collect();
        let least = PART_ROWS.div_ceil(lengths.completions.max(1));
        let part = |asked: &[Asked]| self.answer_part(asked, lengths, &mut |_| ());
        self.side_by_side(&asked, least, part).into_iter().flatten().collect()
    }

    /// The most probable answer to one prompt. `told` hears each token as soon as it is chosen.
    pub fn answer_aloud(&self, prompt: &[Token], tokens: usize, end: Token, told: &mut dyn FnMut(Token)) -> Vec<Token> {
        let (asked, lengths) = ([Asked { prompt, noise: None }], Lengths { completions: 1, tokens, end });
        self.answer_part(&asked, lengths, &mut |chosen| told(chosen[0])).concat().concat()
    }

    /// `told` hears the tokens that are chosen in each step, `[prompt × completion]`, those after an answer's end too.
    fn answer_part(
        &self,
        asked: &[Asked],
        Lengths { completions, tokens, end }: Lengths,
        told: &mut dyn FnMut(&[Token]),
    ) -> Vec<Vec<Vec<Token>>> {
        let prompts: Vec<Group> =
            asked.iter().map(|asked| Group { prompt: asked.prompt.to_vec(), completions: vec![] }).collect();
        let batch = Batch::new(&prompts, &self.config, &self.device);
        let groups = asked.len();
        let (ends, prompt_caches) = self.read(&batch);
        let mut own: Vec<Option<Segment>> = vec![None; self.config.layers];
        let mut answers: Vec<Vec<Token>> = vec![vec![]; groups * completions];
        let mut states = {
            let [_, width] = ends.dims();
            ends.reshape([groups, 1, width]).repeat_dim(1, completions).reshape([groups * completions, width])
        };
        for step in 0..tokens {
            let noise: Option<Vec<f32>> =
                asked.iter().map(|asked| asked.noise).collect::<Option<Vec<_>>>().map(|noise| {
                    let of_prompt =
                        |noise: &&[f32]| (0..completions).map(|place| noise[place * tokens + step]).collect::<Vec<_>>();
                    noise.iter().flat_map(of_prompt).collect()
                });
            let logits = self.logits(rms_norm(states, &self.final_norm, self.config.norm_epsilon));
            let chosen: Vec<Token> = choose(logits, noise).into_data().iter::<Token>().collect();
            told(&chosen);
            for (answer, token) in answers.iter_mut().zip(&chosen) {
                if answer.last() != Some(&end) {
                    answer.push(*token);
                }
            }
            if step + 1 == tokens || answers.iter().all(|answer| answer.last() == Some(&end)) {
                break;
            }
            let positions = prompts.iter().flat_map(|group| vec![group.prompt.len() + step; completions]);
            let rotation = Rotation::new(&positions.collect::<Vec<_>>(), &self.config, &self.device);
            states = self.embedding.clone().select(0, upload_tokens(chosen, &self.device));
            let shape = [groups, completions, 1];
            for layer in 0..self.config.layers {
                let Heads { queries, keys, values } = self.heads(layer, states.clone(), &rotation, None);
                let (keys, values) = (fold_keys(keys, shape), fold_keys(values, shape));
                let bias = Tensor::zeros([1, 1, 1, 1, 1], &self.device);
                let grown = match own[layer].take() {
                    Some(before) => Segment {
                        keys: Tensor::cat(vec![before.keys, keys], 3),
                        values: Tensor::cat(vec![before.values, values], 3),
                        bias,
                    },
                    None => Segment { keys, values, bias },
                };
                let segments = [prompt_caches[layer].clone(), grown];
                let attended = attend(fold_queries(queries, shape, &self.config), &segments, shape);
                let [_, grown] = segments;
                own[layer] = Some(grown);
                states = self.after_attention(layer, states, attended, None);
            }
        }
        answers.chunks(completions).map(<[_]>::to_vec).collect()
    }

    /// States after the last block at the ends of prompts, and what their completions attend to in each block.
    fn read(&self, batch: &Batch) -> (Tensor<2>, Vec<Segment>) {
        let mut rows = self.embed(batch);
        let mut caches = Vec::with_capacity(self.config.layers);
        for layer in 0..self.config.layers {
            let shape = [batch.groups, 1, batch.length];
            let Heads { keys, values, .. } = self.heads(layer, rows.clone(), &batch.rotation, None);
            let (keys, values) = (fold_keys(keys, shape), fold_keys(values, shape));
            caches.push(Segment { keys, values, bias: batch.padding_bias.clone() });
            rows = self.forward(layer..layer + 1, rows, batch, None);
        }
        (batch.ends_of_prompts(rows), caches)
    }
}

/// One token a row, of logits `[row, vocabulary]`: the first whose cumulative probability exceeds the noise.
fn choose(logits: Tensor<2>, noise: Option<Vec<f32>>) -> Tensor<1, Int> {
    let [rows, vocabulary] = logits.dims();
    match noise {
        None => logits.argmax(1).squeeze_dim(1),
        Some(noise) => {
            let noise = Tensor::<2>::from_data(TensorData::new(noise, [rows, 1]), &logits.device());
            let cumulative = softmax(logits, 1).cumsum(1);
            // Rounding may leave the sum below 1.
            let whole = cumulative.clone().slice_dim(1, vocabulary - 1..vocabulary);
            let passed = cumulative.lower_equal(noise * whole).int().sum_dim(1);
            passed.squeeze_dim::<1>(1).clamp_max(vocabulary as i32 - 1)
        }
    }
}
