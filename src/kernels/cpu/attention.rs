//! Causal attention: of the segments of a batch, its gradient, and of the newest tokens with a cache.
//!
//! Leaves out the projections before and after it, which are linear layers of the block.

use wide::f32x4;

use super::batch::Segment;
use super::gemm::{Output, View, gemm};
use super::tape::{BlockTape, Scratch};
use crate::kernels::ModelConfig;
use crate::kernels::maths::{add, dot, exponentials, maximum, sum, update};

/// Attention of every segment and head: keeps the weights, writes the mixed values `[row, width]`.
pub(super) fn attend(
    config: ModelConfig,
    qkv: &[f32],
    segments: &[Segment],
    attention: &mut Vec<f32>,
    mixed: &mut [f32],
    scratch: &mut Scratch,
) {
    let (width, d_head) = (config.width, config.d_head());
    let root = 1.0 / (d_head as f32).sqrt();
    let weights: usize = segments.iter().map(|segment| config.heads * segment.queries.len() * segment.keys).sum();
    attention.resize(weights, 0.0);
    let mut rest = &mut attention[..];
    for segment in segments {
        let (queries, keys) = (segment.queries.len(), segment.keys);
        for head in 0..config.heads {
            let weights;
            (weights, rest) = rest.split_at_mut(queries * keys);
            gather(qkv, 3 * width, width + head * d_head, d_head, segment, &mut scratch.keys);
            gather(qkv, 3 * width, 2 * width + head * d_head, d_head, segment, &mut scratch.values);
            let packed = scratch.packed.pack(View::rows(&scratch.keys, d_head).transposed(), d_head, keys);
            let query_rows = View::rows(&qkv[segment.queries.start * 3 * width + head * d_head..], 3 * width);
            gemm(query_rows, queries, packed, weights, keys, Output::Set);
            for (row, weights) in weights.chunks_exact_mut(keys).enumerate() {
                let (seen, hidden) = weights.split_at_mut(segment.before.len() + row + 1);
                update(seen, [], |score, []| score * root);
                softmax(seen);
                hidden.fill(0.0);
            }
            let packed = scratch.packed.pack(View::rows(&scratch.values, d_head), keys, d_head);
            let mixed = &mut mixed[segment.queries.start * width + head * d_head..];
            gemm(View::rows(weights, keys), queries, packed, mixed, width, Output::Set);
        }
    }
}

/// The gradient with respect to queries, keys and values, into zeros, from that with respect to the mixed values.
pub(super) fn attend_backward(
    config: ModelConfig,
    tape: &BlockTape,
    segments: &[Segment],
    upstream: &[f32],
    down: &mut [f32],
    scratch: &mut Scratch,
) {
    let (width, d_head) = (config.width, config.d_head());
    let root = 1.0 / (d_head as f32).sqrt();
    let mut rest = &tape.attention[..];
    let Scratch { packed, keys: gathered, scores, spread, .. } = scratch;
    for segment in segments {
        let (queries, keys) = (segment.queries.len(), segment.keys);
        for head in 0..config.heads {
            let weights;
            (weights, rest) = rest.split_at(queries * keys);
            let [query, key, value] = [0, width, 2 * width].map(|column| column + head * d_head);
            let mixed = View::rows(&upstream[segment.queries.start * width + head * d_head..], width);
            // With respect to the attention weights, then the scores.
            gather(&tape.qkv, 3 * width, value, d_head, segment, gathered);
            scores.resize(queries * keys, 0.0);
            packed.pack(View::rows(gathered, d_head).transposed(), d_head, keys);
            gemm(mixed, queries, packed, scores, keys, Output::Set);
            for (slopes, weights) in scores.chunks_exact_mut(keys).zip(weights.chunks_exact(keys)) {
                let mean = dot(slopes, weights);
                update(slopes, [weights], |slope, [weight]| root * weight * (slope - mean));
            }
            // Values.
            spread.resize(keys * d_head, 0.0);
            packed.pack(mixed, queries, d_head);
            gemm(View::rows(weights, keys).transposed(), keys, packed, spread, d_head, Output::Set);
            scatter(spread, 3 * width, value, d_head, segment, down);
            // Keys.
            packed.pack(View::rows(&tape.qkv[segment.queries.start * 3 * width + query..], 3 * width), queries, d_head);
            gemm(View::rows(scores, keys).transposed(), keys, packed, spread, d_head, Output::Set);
            scatter(spread, 3 * width, key, d_head, segment, down);
            // Queries.
            gather(&tape.qkv, 3 * width, key, d_head, segment, gathered);
            packed.pack(View::rows(gathered, d_head), keys, d_head);
            let query_slopes = &mut down[segment.queries.start * 3 * width + query..];
            gemm(View::rows(scores, keys), queries, packed, query_slopes, 3 * width, Output::Set);
        }
    }
}

/// Attention of the last query of each segment, `qkv [segment, 3 · width]`, to the segment's rows, of which `cache` has
/// queries, keys and values, `[row, 3 · width]`. Writes the mixed values `[segment, width]`.
pub(super) fn attend_cached(
    config: ModelConfig,
    qkv: &[f32],
    segments: &[Segment],
    cache: &[f32],
    mixed: &mut [f32],
    scores: &mut Vec<f32>,
) {
    let (width, d_head) = (config.width, config.d_head());
    mixed.fill(0.0);
    let root = 1.0 / (d_head as f32).sqrt();
    let mut seen: Vec<&[f32]> = vec![];
    let queries = qkv.chunks_exact(3 * width);
    for ((segment, queries), mixed) in segments.iter().zip(queries).zip(mixed.chunks_exact_mut(width)) {
        seen.clear();
        seen.extend(segment.rows().map(|row| &cache[row * 3 * width..(row + 1) * 3 * width]));
        let queries = &queries[..width];
        for (head, (query, mixed)) in queries.chunks_exact(d_head).zip(mixed.chunks_exact_mut(d_head)).enumerate() {
            let (key, value) = (width + head * d_head, 2 * width + head * d_head);
            scores.clear();
            scores.extend(seen.iter().map(|row| root * dot(query, &row[key..key + d_head])));
            softmax(scores);
            for (weight, row) in scores.iter().zip(&seen) {
                let value = &row[value..value + d_head];
                update(mixed, [value], |mixed, [value]| mixed + *weight * value);
            }
        }
    }
}

/// Columns `at..at + columns` of a segment's rows, by position; zeros for those that are left out.
fn gather(from: &[f32], stride: usize, at: usize, columns: usize, segment: &Segment, to: &mut Vec<f32>) {
    to.clear();
    for row in segment.rows() {
        to.extend_from_slice(&from[row * stride + at..][..columns]);
    }
    to.resize(segment.keys * columns, 0.0);
}

/// Adds rows to where [`gather`] would read them.
fn scatter(from: &[f32], stride: usize, at: usize, columns: usize, segment: &Segment, to: &mut [f32]) {
    for (row, from) in segment.rows().zip(from.chunks_exact(columns)) {
        add(&mut to[row * stride + at..][..columns], from);
    }
}

fn softmax(scores: &mut [f32]) {
    exponentials(scores, maximum(scores), 1.0);
    let factor = f32x4::splat(1.0 / sum(scores));
    update(scores, [], |score, []| score * factor);
}
