//! The operations in CubeCL, for every GPU that burn knows.
//!
//! A launch costs more than the arithmetic of a model this small, so everything about a row, a
//! product with what goes before and after it, or an answer is one kernel, and the replica is a
//! dimension of the grid: R replicas take as many launches as one. A gradient takes 21 L + 10
//! launches for L blocks, AdamW two, a whole batch of sampled answers a single one.
//!
//! Rows are those of the CPU's kernels: for each replica the prefixes of all prompts, then all
//! answers. Nothing depends on the order in which workgroups run, so results repeat bit for bit on
//! one device. Within WebGPU's default limits: at most 8 buffers a kernel with CubeCL's own, 256
//! units a workgroup, 16 KiB of shared memory; no subgroups, no atomics, no infinities.

// CubeCL's macro expands to code with other names than one writes.
#![allow(missing_docs, reason = "the macro's items cannot be documented")]

use burn::backend::TensorMetadata;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::tensor::{DType, Shape};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_dtype;
use burn_cubecl::tensor::CubeTensor;
use burn_cubecl::{CubeBackend, cubecl};
use cubecl::config::memory::{MemoryConfig, PersistentMemory};
use cubecl::config::{CubeClRuntimeConfig, RuntimeConfig};
use cubecl::prelude::*;

use super::{AdamWStep, DecoderOps, LossWeights, NORM_EPSILON};
use crate::kernels::ModelConfig;

/// Units of a workgroup.
const UNITS: usize = 256;
/// Rows and columns of a product's output that a workgroup computes, 2 × 2 a unit.
const TILE: usize = 32;
/// Terms of a product that are in shared memory at once.
const DEPTH: usize = 16;
/// Partial sums of a gradient's squares.
const PARTS: usize = 64;
/// Columns of a LayerNorm's parameters that a workgroup sums; each by as many units.
const LANES: usize = 16;
/// √(2 / π), twice.
const GELU: f32 = 2.0 * 0.797_884_6;
const GELU_CUBE: f32 = 0.044_715;
/// Less than any logarithm of a probability.
const LEAST: f32 = -1.0e30;

/// Keeps every buffer for the next tensor of its size. CubeCL's pools let go of a page that 5,000 allocations did
/// not need and make another later, and in a browser wgpu drops a buffer without destroying it (`impl Drop for
/// WebBuffer` in wgpu 30 does nothing). The laboratory's tensors have few sizes.
///
/// To be called before the first device is opened; later it changes nothing.
pub fn keep_buffers() {
    let memory = MemoryConfig { persistent_memory: PersistentMemory::Enforced, ..Default::default() };
    CubeClRuntimeConfig::try_set(CubeClRuntimeConfig { memory, ..Default::default() });
}

/// The sizes of a batch, known when a kernel is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Sizes {
    prompts: usize,
    prefix: usize,
    completions: usize,
    time: usize,
    vocabulary: usize,
    context: usize,
    width: usize,
    heads: usize,
    layers: usize,
    tied: bool,
    /// Of one replica.
    parameters: usize,
}

impl Sizes {
    fn new(config: ModelConfig, prompts: &CubeTensor, [answers, time]: [usize; 2]) -> Self {
        let [_, count, length] = prompts.shape().dims();
        assert!(length > 0 && time > 0 && answers.is_multiple_of(count), "{answers} answers to {count} prompts");
        let ModelConfig { vocabulary, context, width, heads, layers, tied } = config;
        Sizes {
            prompts: count,
            prefix: length - 1,
            completions: answers / count,
            time,
            vocabulary,
            context,
            width,
            heads,
            layers,
            tied,
            parameters: config.parameters(),
        }
    }

    fn answers(&self) -> usize {
        self.prompts * self.completions
    }

    /// The first row of an answer.
    fn first(&self) -> usize {
        self.prompts * self.prefix
    }

    fn rows(&self) -> usize {
        self.first() + self.answers() * self.time
    }

    /// Positions, the most that an attention sees.
    fn span(&self) -> usize {
        self.prefix + self.time
    }
}

/// The sum over a workgroup, known to all of its units.
#[cube]
fn total(value: f32, shared: &mut Shared<[f32]>, #[comptime] units: usize) -> f32 {
    reduce(value, shared, units, false)
}

/// The largest value in a workgroup, known to all of its units.
#[cube]
fn largest(value: f32, shared: &mut Shared<[f32]>, #[comptime] units: usize) -> f32 {
    reduce(value, shared, units, true)
}

#[cube]
fn reduce(value: f32, shared: &mut Shared<[f32]>, #[comptime] units: usize, #[comptime] largest: bool) -> f32 {
    let unit = UNIT_POS as usize;
    shared[unit] = value;
    sync_cube();
    // A variable of the kernel: `units / 2` alone would be a constant of its compilation, which cannot change.
    let mut half = usize::new(comptime!(units as i64 / 2));
    while half > 0 {
        if unit < half {
            let mut both = shared[unit] + shared[unit + half];
            if comptime!(largest) {
                both = shared[unit].max(shared[unit + half]);
            }
            shared[unit] = both;
        }
        sync_cube();
        half /= 2;
    }
    let value = shared[0];
    sync_cube();
    value
}

/// GELU(x) / x in the tanh form. The exponent is bounded: some drivers' functions overflow to NaN.
#[cube]
fn gelu_gate(x: f32) -> f32 {
    let mut exponent = -GELU * (x + GELU_CUBE * x * x * x);
    if exponent > 80.0 {
        exponent = f32::new(80.0);
    }
    1.0 / (1.0 + exponent.exp())
}

#[cube]
fn gelu_slope(x: f32) -> f32 {
    let gate = gelu_gate(x);
    gate + x * gate * (1.0 - gate) * GELU * (1.0 + 3.0 * GELU_CUBE * x * x)
}

/// The prompt that a row belongs to.
#[cube]
fn prompt_of(row: usize, #[comptime] s: Sizes) -> usize {
    let first = comptime!(s.first());
    let mut prompt = row / comptime!(s.prefix.max(1));
    if row >= first {
        prompt = (row - first) / comptime!(s.time * s.completions);
    }
    prompt
}

/// A row's position in its sequence: it sees this many rows besides itself.
#[cube]
fn position_of(row: usize, #[comptime] s: Sizes) -> usize {
    let first = comptime!(s.first());
    let mut position = row % comptime!(s.prefix.max(1));
    if row >= first {
        position = comptime!(s.prefix) + (row - first) % comptime!(s.time);
    }
    position
}

/// The row at a position that this row sees.
#[cube]
fn seen_row(row: usize, position: usize, #[comptime] s: Sizes) -> usize {
    let mut seen = prompt_of(row, s) * comptime!(s.prefix) + position;
    if position >= comptime!(s.prefix) {
        seen = row - (row - comptime!(s.first())) % comptime!(s.time) + position - comptime!(s.prefix);
    }
    seen
}

/// Residual streams `[replica, row, width]` and tokens `[replica, row]`; a workgroup a row.
#[cube(launch)]
fn embed(
    weights: &[f32],
    prompts: &[i32],
    answers: &[i32],
    residual: &mut [f32],
    tokens: &mut [i32],
    #[comptime] s: Sizes,
) {
    let (row, replica) = (CUBE_POS_X as usize, CUBE_POS_Z as usize);
    let (width, prefix) = comptime!((s.width, s.prefix));
    let position = position_of(row, s);
    let prompt = (replica * comptime!(s.prompts) + prompt_of(row, s)) * comptime!(s.prefix + 1);
    let mut token = prompts[prompt + position.min(prefix)];
    if position > prefix {
        // Rows of answers, one token later than what they read.
        token = answers[replica * comptime!(s.answers() * s.time) + row - comptime!(s.first()) - 1];
    }
    if UNIT_POS == 0 {
        tokens[replica * comptime!(s.rows()) + row] = token;
    }
    let base = replica * comptime!(s.parameters);
    let mut at = UNIT_POS as usize;
    while at < width {
        residual[(replica * comptime!(s.rows()) + row) * width + at] = weights[base + token as usize * width + at]
            + weights[base + comptime!(s.vocabulary * s.width) + position * width + at];
        at += CUBE_DIM as usize;
    }
}

/// LayerNorm of rows: what it is before scale and shift, the reciprocal deviation, and the output;
/// a workgroup a row. `first` rows of the input are left out.
#[cube(launch)]
fn normalise(
    x: &[f32],
    weights: &[f32],
    hat: &mut [f32],
    reciprocal: &mut [f32],
    output: &mut [f32],
    at: usize,
    #[comptime] first: usize,
    #[comptime] units: usize,
    #[comptime] s: Sizes,
) {
    let (row, replica) = (CUBE_POS_X as usize, CUBE_POS_Z as usize);
    let width = comptime!(s.width);
    let mut shared = Shared::new_slice(units);
    let from = (replica * comptime!(s.rows()) + first + row) * width;
    let to = (replica * comptime!(s.rows() - first) + row) * width;
    let mut sum = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < width {
        sum += x[from + i];
        i += units;
    }
    let mean = total(sum, &mut shared, units) / comptime!(s.width as f32);
    let mut squares = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < width {
        let difference = x[from + i] - mean;
        squares += difference * difference;
        i += units;
    }
    let variance = total(squares, &mut shared, units) / comptime!(s.width as f32);
    let factor = 1.0 / (variance + NORM_EPSILON).sqrt();
    let scale = replica * comptime!(s.parameters) + at;
    let mut i = UNIT_POS as usize;
    while i < width {
        let normal = (x[from + i] - mean) * factor;
        hat[to + i] = normal;
        output[to + i] = normal * weights[scale + i] + weights[scale + width + i];
        i += units;
    }
    if UNIT_POS == 0 {
        reciprocal[replica * comptime!(s.rows() - first) + row] = factor;
    }
}

/// Adds the gradient with respect to a LayerNorm's input to `down`, whose first rows it does not
/// have: they, and what was there before, are nothing if `fresh`. A workgroup a row of `down`.
#[cube(launch)]
fn normalise_backward(
    hat: &[f32],
    reciprocal: &[f32],
    weights: &[f32],
    upstream: &[f32],
    down: &mut [f32],
    at: usize,
    #[comptime] first: usize,
    #[comptime] fresh: bool,
    #[comptime] units: usize,
    #[comptime] s: Sizes,
) {
    let (row, replica) = (CUBE_POS_X as usize, CUBE_POS_Z as usize);
    let width = comptime!(s.width);
    let mut shared = Shared::new_slice(units);
    let to = (replica * comptime!(s.rows()) + row) * width;
    // The rows that are left out compute something, so that all units meet at the barriers.
    let mut own = 0usize;
    if row >= first {
        own = row - first;
    }
    let normed = replica * comptime!(s.rows() - first) + own;
    let scale = replica * comptime!(s.parameters) + at;
    let mut sum = 0.0f32;
    let mut along = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < width {
        let slope = upstream[normed * width + i] * weights[scale + i];
        sum += slope;
        along += slope * hat[normed * width + i];
        i += units;
    }
    let mean = total(sum, &mut shared, units) / comptime!(s.width as f32);
    let along = total(along, &mut shared, units) / comptime!(s.width as f32);
    let mut i = UNIT_POS as usize;
    while i < width {
        let slope = upstream[normed * width + i] * weights[scale + i];
        let mut gradient = reciprocal[normed] * (slope - mean - hat[normed * width + i] * along);
        if row < first {
            gradient = f32::new(0.0);
        }
        if comptime!(fresh) {
            down[to + i] = gradient;
        } else {
            down[to + i] += gradient;
        }
        i += units;
    }
}

/// The gradients of a LayerNorm's scale and shift; a workgroup for some of the columns.
#[cube(launch)]
fn normalise_parameters(
    hat: &[f32],
    upstream: &[f32],
    gradient: &mut [f32],
    at: usize,
    #[comptime] rows: usize,
    #[comptime] s: Sizes,
) {
    let (lane, replica) = (UNIT_POS as usize / LANES, CUBE_POS_Z as usize);
    let column = CUBE_POS_X as usize * LANES + UNIT_POS as usize % LANES;
    let width = comptime!(s.width);
    let mut scales = Shared::<[f32]>::new_slice(UNITS);
    let mut shifts = Shared::<[f32]>::new_slice(UNITS);
    let mut scale = 0.0f32;
    let mut shift = 0.0f32;
    if column < width {
        let mut row = lane;
        while row < rows {
            let from = (replica * rows + row) * width + column;
            scale += upstream[from] * hat[from];
            shift += upstream[from];
            row += LANES;
        }
    }
    scales[UNIT_POS as usize] = scale;
    shifts[UNIT_POS as usize] = shift;
    sync_cube();
    if lane == 0 && column < width {
        for other in 1..LANES {
            scale += scales[other * LANES + UNIT_POS as usize];
            shift += shifts[other * LANES + UNIT_POS as usize];
        }
        let to = replica * comptime!(s.parameters) + at + column;
        gradient[to] = scale;
        gradient[to + width] = shift;
    }
}

/// A matrix in a buffer: element (i, j) of replica r at `r · replica + at + i · width + j`. Beyond its
/// width there are ones: their products with a gradient are the gradient of a bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Matrix {
    replica: usize,
    at: usize,
    width: usize,
    /// What counts are columns of this matrix instead of rows.
    transposed: bool,
    /// The GELU of every element.
    gelu: bool,
}

/// What becomes of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum End {
    /// It is the output.
    Set,
    /// It is the output with a bias, which follows the right matrix.
    Bias,
    /// It is added to the output, with a bias, which follows the right matrix.
    AddBias,
    /// It is multiplied with GELU's derivative at another matrix, of the output's shape.
    GeluSlope,
}

/// One product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Product {
    rows: usize,
    columns: usize,
    depth: usize,
    left: Matrix,
    right: Matrix,
    /// Of the output: numbers of a replica, and where they start.
    replica: usize,
    at: usize,
    end: End,
}

#[cube]
fn element(data: &[f32], i: usize, j: usize, replica: usize, #[comptime] m: Matrix) -> f32 {
    let base = replica * comptime!(m.replica) + comptime!(m.at);
    let mut row = i;
    let mut column = j;
    if comptime!(m.transposed) {
        row = j;
        column = i;
    }
    let mut value = 1.0f32;
    if column < comptime!(m.width) {
        value = data[base + row * comptime!(m.width) + column];
        if comptime!(m.gelu) {
            value *= gelu_gate(value);
        }
    }
    value
}

/// A product of matrices, tile by tile.
#[cube(launch)]
fn multiply(left: &[f32], right: &[f32], slopes: &[f32], output: &mut [f32], #[comptime] p: Product) {
    let (unit, replica) = (UNIT_POS as usize, CUBE_POS_Z as usize);
    let (rows, columns, depth) = comptime!((p.rows, p.columns, p.depth));
    let (tile_row, tile_column) = (CUBE_POS_Y as usize * TILE, CUBE_POS_X as usize * TILE);
    let mut lefts = Shared::<[f32]>::new_slice(TILE * DEPTH);
    let mut rights = Shared::<[f32]>::new_slice(TILE * DEPTH);
    // The unit's outputs: two rows and two columns, half a tile apart.
    let (row, column) = (unit / 16, unit % 16);
    let mut a = 0.0f32;
    let mut b = 0.0f32;
    let mut c = 0.0f32;
    let mut d = 0.0f32;
    let mut from = 0usize;
    while from < depth {
        #[unroll]
        for part in 0..2usize {
            let at = unit + part * UNITS;
            // Neighbouring units read neighbouring numbers, whichever way the matrix lies.
            let mut i = at / DEPTH;
            let mut k = at % DEPTH;
            if comptime!(p.left.transposed) {
                i = at % TILE;
                k = at / TILE;
            }
            let mut value = 0.0f32;
            if tile_row + i < rows && from + k < depth {
                value = element(left, tile_row + i, from + k, replica, comptime!(p.left));
            }
            lefts[k * TILE + i] = value;
            let mut j = at % TILE;
            let mut k = at / TILE;
            if comptime!(p.right.transposed) {
                j = at / DEPTH;
                k = at % DEPTH;
            }
            let mut value = 0.0f32;
            if tile_column + j < columns && from + k < depth {
                value = element(right, from + k, tile_column + j, replica, comptime!(p.right));
            }
            rights[k * TILE + j] = value;
        }
        sync_cube();
        for k in 0..DEPTH {
            let (upper, lower) = (lefts[k * TILE + row], lefts[k * TILE + row + 16]);
            let (near, far) = (rights[k * TILE + column], rights[k * TILE + column + 16]);
            a += upper * near;
            b += upper * far;
            c += lower * near;
            d += lower * far;
        }
        sync_cube();
        from += DEPTH;
    }
    let (i, j) = (tile_row + row, tile_column + column);
    finish(a, i, j, replica, right, slopes, output, p);
    finish(b, i, j + 16, replica, right, slopes, output, p);
    finish(c, i + 16, j, replica, right, slopes, output, p);
    finish(d, i + 16, j + 16, replica, right, slopes, output, p);
}

#[cube]
#[allow(clippy::too_many_arguments, reason = "what a kernel has at hand")]
fn finish(
    sum: f32,
    i: usize,
    j: usize,
    replica: usize,
    right: &[f32],
    slopes: &[f32],
    output: &mut [f32],
    #[comptime] p: Product,
) {
    if i < comptime!(p.rows) && j < comptime!(p.columns) {
        let to = replica * comptime!(p.replica) + comptime!(p.at) + i * comptime!(p.columns) + j;
        let bias = replica * comptime!(p.right.replica) + comptime!(p.right.at + p.depth * p.columns) + j;
        if comptime!(p.end == End::Set) {
            output[to] = sum;
        } else if comptime!(p.end == End::Bias) {
            output[to] = sum + right[bias];
        } else if comptime!(p.end == End::AddBias) {
            output[to] += sum + right[bias];
        } else {
            output[to] = sum * gelu_slope(slopes[to]);
        }
    }
}

/// Attention of a row and a head: its weights `[replica, row, head, span]`, and the mixed values.
#[cube(launch)]
fn attend(qkv: &[f32], attention: &mut [f32], mixed: &mut [f32], #[comptime] s: Sizes) {
    let (index, replica) = (ABSOLUTE_POS_X as usize, CUBE_POS_Z as usize);
    let (width, heads, rows) = comptime!((s.width, s.heads, s.rows()));
    let d_head = comptime!(s.width / s.heads);
    if index < rows * heads {
        let (row, head) = (index / heads, index % heads);
        let own = (replica * rows + row) * 3 * width + head * d_head;
        let weights = (replica * rows * heads + index) * comptime!(s.span());
        let position = position_of(row, s);
        let root = comptime!(1.0 / ((s.width / s.heads) as f32).sqrt());
        let mut most = f32::new(LEAST);
        for seen in 0..position + 1 {
            let key = (replica * rows + seen_row(row, seen, s)) * 3 * width + width + head * d_head;
            let mut score = 0.0f32;
            for i in 0..d_head {
                score += qkv[own + i] * qkv[key + i];
            }
            score *= root;
            attention[weights + seen] = score;
            if score > most {
                most = score;
            }
        }
        let mut sum = 0.0f32;
        for seen in 0..position + 1 {
            let weight = (attention[weights + seen] - most).exp();
            attention[weights + seen] = weight;
            sum += weight;
        }
        for seen in 0..position + 1 {
            attention[weights + seen] /= sum;
        }
        for i in 0..d_head {
            let mut value = 0.0f32;
            for seen in 0..position + 1 {
                let at = (replica * rows + seen_row(row, seen, s)) * 3 * width + 2 * width + head * d_head;
                value += attention[weights + seen] * qkv[at + i];
            }
            mixed[(replica * rows + row) * width + head * d_head + i] = value;
        }
    }
}

/// From the gradient of a row's mixed values to those of its scores and its query.
#[cube(launch)]
fn attend_backward(
    qkv: &[f32],
    attention: &[f32],
    upstream: &[f32],
    scores: &mut [f32],
    down: &mut [f32],
    #[comptime] s: Sizes,
) {
    let (index, replica) = (ABSOLUTE_POS_X as usize, CUBE_POS_Z as usize);
    let (width, heads, rows) = comptime!((s.width, s.heads, s.rows()));
    let d_head = comptime!(s.width / s.heads);
    if index < rows * heads {
        let (row, head) = (index / heads, index % heads);
        let weights = (replica * rows * heads + index) * comptime!(s.span());
        let position = position_of(row, s);
        let root = comptime!(1.0 / ((s.width / s.heads) as f32).sqrt());
        let own = (replica * rows + row) * width + head * d_head;
        let mut mean = 0.0f32;
        for seen in 0..position + 1 {
            let value = (replica * rows + seen_row(row, seen, s)) * 3 * width + 2 * width + head * d_head;
            let mut slope = 0.0f32;
            for i in 0..d_head {
                slope += upstream[own + i] * qkv[value + i];
            }
            scores[weights + seen] = slope;
            mean += slope * attention[weights + seen];
        }
        for seen in 0..position + 1 {
            let slope = root * attention[weights + seen] * (scores[weights + seen] - mean);
            scores[weights + seen] = slope;
        }
        for i in 0..d_head {
            let mut query = 0.0f32;
            for seen in 0..position + 1 {
                let key = (replica * rows + seen_row(row, seen, s)) * 3 * width + width + head * d_head;
                query += scores[weights + seen] * qkv[key + i];
            }
            down[(replica * rows + row) * 3 * width + head * d_head + i] = query;
        }
    }
}

/// The gradients of a row's key and value, from all rows that see it; a unit an element.
#[cube(launch)]
fn attend_backward_keys(
    qkv: &[f32],
    attention: &[f32],
    scores: &[f32],
    upstream: &[f32],
    down: &mut [f32],
    #[comptime] s: Sizes,
) {
    let (index, replica) = (ABSOLUTE_POS_X as usize, CUBE_POS_Z as usize);
    let (width, heads, rows, first) = comptime!((s.width, s.heads, s.rows(), s.first()));
    if index < rows * width {
        let (row, at) = (index / width, index % width);
        let head = at / comptime!(s.width / s.heads);
        let position = position_of(row, s);
        let mut key = 0.0f32;
        let mut value = 0.0f32;
        // The rest of the own sequence: a prefix, or an answer.
        let mut rest = comptime!(s.prefix) - position;
        if row >= first {
            rest = comptime!(s.prefix + s.time) - position;
        }
        for step in 0..rest {
            let query = replica * rows + row + step;
            let weight = (query * heads + head) * comptime!(s.span()) + position;
            value += attention[weight] * upstream[query * width + at];
            key += scores[weight] * qkv[query * 3 * width + at];
        }
        if row < first {
            let answers = comptime!(s.completions * s.time);
            let start = first + prompt_of(row, s) * answers;
            for step in 0..answers {
                let query = replica * rows + start + step;
                let weight = (query * heads + head) * comptime!(s.span()) + position;
                value += attention[weight] * upstream[query * width + at];
                key += scores[weight] * qkv[query * 3 * width + at];
            }
        }
        down[(replica * rows + row) * 3 * width + width + at] = key;
        down[(replica * rows + row) * 3 * width + 2 * width + at] = value;
    }
}

/// Logits become log-probabilities; a workgroup a row.
#[cube(launch)]
fn log_softmax(logits: &mut [f32], #[comptime] vocabulary: usize, #[comptime] rows: usize) {
    let from = (CUBE_POS_Y as usize * rows + CUBE_POS_X as usize) * vocabulary;
    let mut shared = Shared::new_slice(UNITS);
    let mut most = f32::new(LEAST);
    let mut i = UNIT_POS as usize;
    while i < vocabulary {
        if logits[from + i] > most {
            most = logits[from + i];
        }
        i += UNITS;
    }
    let most = largest(most, &mut shared, UNITS);
    let mut sum = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < vocabulary {
        sum += (logits[from + i] - most).exp();
        i += UNITS;
    }
    let normaliser = most + total(sum, &mut shared, UNITS).ln();
    let mut i = UNIT_POS as usize;
    while i < vocabulary {
        logits[from + i] -= normaliser;
        i += UNITS;
    }
}

/// A row's share of the loss; its logits become the gradient with respect to them. A workgroup a row.
#[cube(launch)]
fn objective(
    logits: &mut [f32],
    answers: &[i32],
    advantages: &[f32],
    mask: &[f32],
    reference: &[f32],
    losses: &mut [f32],
    scale: f32,
    temperature: f32,
    kl: f32,
    #[comptime] vocabulary: usize,
    #[comptime] rows: usize,
    #[comptime] with_kl: bool,
) {
    let row = CUBE_POS_Y as usize * rows + CUBE_POS_X as usize;
    let from = row * vocabulary;
    let mut shared = Shared::new_slice(UNITS);
    let mut most = f32::new(LEAST);
    let mut i = UNIT_POS as usize;
    while i < vocabulary {
        if logits[from + i] > most {
            most = logits[from + i];
        }
        i += UNITS;
    }
    let most = largest(most, &mut shared, UNITS);
    let mut sum = 0.0f32;
    let mut tempered_sum = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < vocabulary {
        sum += (logits[from + i] - most).exp();
        tempered_sum += ((logits[from + i] - most) / temperature).exp();
        i += UNITS;
    }
    let normaliser = most + total(sum, &mut shared, UNITS).ln();
    let tempered = total(tempered_sum, &mut shared, UNITS).ln() + most / temperature;
    let mut divergence = 0.0f32;
    if comptime!(with_kl) {
        let mut part = 0.0f32;
        let mut i = UNIT_POS as usize;
        while i < vocabulary {
            let log_prob = logits[from + i] - normaliser;
            part += log_prob.exp() * (log_prob - reference[from + i]);
            i += UNITS;
        }
        divergence = total(part, &mut shared, UNITS);
    }
    let advantage = scale * advantages[row];
    let token = answers[row] as usize;
    if UNIT_POS == 0 {
        let mut loss = -advantage * (logits[from + token] / temperature - tempered);
        if comptime!(with_kl) {
            loss += scale * kl * mask[row] * divergence;
        }
        losses[row] = loss;
    }
    sync_cube();
    let mut i = UNIT_POS as usize;
    while i < vocabulary {
        let logit = logits[from + i];
        let mut gradient = (logit / temperature - tempered).exp();
        if i == token {
            gradient -= 1.0;
        }
        gradient *= advantage / temperature;
        if comptime!(with_kl) {
            let log_prob = logit - normaliser;
            gradient += scale * kl * mask[row] * log_prob.exp() * (log_prob - reference[from + i] - divergence);
        }
        logits[from + i] = gradient;
        i += UNITS;
    }
}

/// Sums of rows `[replica, count]`; a workgroup a replica.
#[cube(launch)]
fn sum_rows(rows: &[f32], sums: &mut [f32], #[comptime] count: usize) {
    let replica = CUBE_POS_Z as usize;
    let mut shared = Shared::new_slice(UNITS);
    let mut sum = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < count {
        sum += rows[replica * count + i];
        i += UNITS;
    }
    let sum = total(sum, &mut shared, UNITS);
    if UNIT_POS == 0 {
        sums[replica] = sum;
    }
}

/// The gradients of embeddings and positions: every element looks for the rows that read it. A tied
/// embedding has the head's share already.
#[cube(launch)]
fn embed_backward(residual: &[f32], tokens: &[i32], gradient: &mut [f32], #[comptime] s: Sizes) {
    let (index, replica) = (ABSOLUTE_POS_X as usize, CUBE_POS_Z as usize);
    let (width, rows, vocabulary) = comptime!((s.width, s.rows(), s.vocabulary));
    if index < comptime!((s.vocabulary + s.context) * s.width) {
        let (wanted, at) = (index / width, index % width);
        let mut sum = 0.0f32;
        for row in 0..rows {
            let mut read = tokens[replica * rows + row] as usize;
            if wanted >= vocabulary {
                read = vocabulary + position_of(row, s);
            }
            if read == wanted {
                sum += residual[(replica * rows + row) * width + at];
            }
        }
        let to = replica * comptime!(s.parameters) + index;
        if comptime!(s.tied) {
            if wanted < vocabulary {
                gradient[to] += sum;
            } else {
                gradient[to] = sum;
            }
        } else {
            gradient[to] = sum;
        }
    }
}

/// Residual streams at the ends of answers, into their layer of `states`.
#[cube(launch)]
fn keep(residual: &[f32], states: &mut [f32], layer: usize, replicas: usize, #[comptime] s: Sizes) {
    let (index, replica) = (ABSOLUTE_POS_X as usize, CUBE_POS_Z as usize);
    let (width, answers) = comptime!((s.width, s.answers()));
    if index < answers * width {
        let row = comptime!(s.first()) + index / width * comptime!(s.time) + comptime!(s.time - 1);
        states[(layer * replicas + replica) * answers * width + index] =
            residual[(replica * comptime!(s.rows()) + row) * width + index % width];
    }
}

/// Partial sums of a gradient's squares, `[replica, PARTS]`; a workgroup a part.
#[cube(launch)]
fn squares(gradient: &[f32], parts: &mut [f32], #[comptime] parameters: usize) {
    let (part, replica) = (CUBE_POS_X as usize, CUBE_POS_Z as usize);
    let mut shared = Shared::new_slice(UNITS);
    let mut sum = 0.0f32;
    let mut i = part * UNITS + UNIT_POS as usize;
    while i < parameters {
        let number = gradient[replica * parameters + i];
        sum += number * number;
        i += PARTS * UNITS;
    }
    let sum = total(sum, &mut shared, UNITS);
    if UNIT_POS == 0 {
        parts[replica * PARTS + part] = sum;
    }
}

/// The numbers of an [`AdamWStep`] as the kernel wants them.
#[derive(CubeLaunch, CubeType, Clone, Copy)]
struct AdamWNumbers {
    beta_1: f32,
    beta_2: f32,
    epsilon: f32,
    clip: f32,
    learning_rate: f32,
    /// What decay leaves of a weight.
    keep: f32,
}

#[cube(launch)]
fn adamw(
    weights: &[f32],
    gradient: &[f32],
    moments: &[f32],
    parts: &[f32],
    new_weights: &mut [f32],
    new_moments: &mut [f32],
    norms: &mut [f32],
    n: AdamWNumbers,
    replicas: usize,
    #[comptime] parameters: usize,
) {
    let (index, replica) = (ABSOLUTE_POS_X as usize, CUBE_POS_Z as usize);
    let mut sum = 0.0f32;
    for part in 0..PARTS {
        sum += parts[replica * PARTS + part];
    }
    let norm = sum.sqrt();
    if index == 0 {
        norms[replica] = norm;
    }
    let columns = comptime!(parameters + 1);
    if index < columns {
        let row = replica * columns;
        let second_row = row + replicas * columns;
        let first_of_ones = n.beta_1 * moments[row + parameters] + (1.0 - n.beta_1);
        let second_of_ones = n.beta_2 * moments[second_row + parameters] + (1.0 - n.beta_2);
        if index == parameters {
            new_moments[row + index] = first_of_ones;
            new_moments[second_row + index] = second_of_ones;
        } else {
            let mut scale = n.clip / (norm + 1e-6);
            if scale > 1.0 {
                scale = f32::new(1.0);
            }
            let at = replica * parameters + index;
            let slope = gradient[at] * scale;
            let first = n.beta_1 * moments[row + index] + (1.0 - n.beta_1) * slope;
            let second = n.beta_2 * moments[second_row + index] + (1.0 - n.beta_2) * slope * slope;
            new_moments[row + index] = first;
            new_moments[second_row + index] = second;
            let step = n.learning_rate / first_of_ones * first;
            new_weights[at] = weights[at] * n.keep - step / ((second / second_of_ones).sqrt() + n.epsilon);
        }
    }
}

/// LayerNorm of a vector in shared memory.
#[cube]
fn normalise_vector(
    x: &Shared<[f32]>,
    output: &mut Shared<[f32]>,
    shared: &mut Shared<[f32]>,
    weights: &[f32],
    scale: usize,
    #[comptime] width: usize,
) {
    let mut sum = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < width {
        sum += x[i];
        i += UNITS;
    }
    let mean = total(sum, shared, UNITS) / comptime!(width as f32);
    let mut squares = 0.0f32;
    let mut i = UNIT_POS as usize;
    while i < width {
        squares += (x[i] - mean) * (x[i] - mean);
        i += UNITS;
    }
    let variance = total(squares, shared, UNITS) / comptime!(width as f32);
    let factor = 1.0 / (variance + NORM_EPSILON).sqrt();
    let mut i = UNIT_POS as usize;
    while i < width {
        output[i] = (x[i] - mean) * factor * weights[scale + i] + weights[scale + width + i];
        i += UNITS;
    }
    sync_cube();
}

/// One column of a vector's product with a matrix, which starts at `at`.
#[cube]
fn column(
    x: &Shared<[f32]>,
    weights: &[f32],
    at: usize,
    column: usize,
    #[comptime] depth: usize,
    #[comptime] columns: usize,
) -> f32 {
    let mut sum = 0.0f32;
    for k in 0..depth {
        sum += x[k] * weights[at + k * columns + column];
    }
    sum
}

/// A whole answer in one workgroup, position by position. What has been read is kept in `cache`,
/// `[replica, answer, layer, position, key and value]`.
#[cube(launch)]
fn sample(
    weights: &[f32],
    prompts: &[i32],
    noise: &[f32],
    cache: &mut [f32],
    tokens: &mut [i32],
    log_probs: &mut [f32],
    temperature: f32,
    #[comptime] s: Sizes,
) {
    let (unit, answer, replica) = (UNIT_POS as usize, CUBE_POS_X as usize, CUBE_POS_Z as usize);
    let (width, heads, vocabulary, span) = comptime!((s.width, s.heads, s.vocabulary, s.span()));
    let d_head = comptime!(s.width / s.heads);
    let root = comptime!(1.0 / ((s.width / s.heads) as f32).sqrt());
    let base = replica * comptime!(s.parameters);
    let own = replica * comptime!(s.answers()) + answer;
    let mut x = Shared::<[f32]>::new_slice(width);
    let mut normed = Shared::<[f32]>::new_slice(width);
    let mut query = Shared::<[f32]>::new_slice(width);
    let mut hidden = Shared::<[f32]>::new_slice(comptime!(4 * s.width));
    let mut scores = Shared::<[f32]>::new_slice(comptime!(s.heads * s.span()));
    let mut logits = Shared::<[f32]>::new_slice(vocabulary);
    let mut shared = Shared::<[f32]>::new_slice(UNITS);
    let mut places = Shared::<[u32]>::new_slice(UNITS);
    let prompt = (replica * comptime!(s.prompts) + answer / comptime!(s.completions)) * comptime!(s.prefix + 1);

    for position in 0..span {
        let mut token = places[0] as usize;
        if position <= comptime!(s.prefix) {
            token = prompts[prompt + position] as usize;
        }
        let mut i = unit;
        while i < width {
            x[i] = weights[base + token * width + i]
                + weights[base + comptime!(s.vocabulary * s.width) + position * width + i];
            i += UNITS;
        }
        sync_cube();
        for layer in 0..comptime!(s.layers) {
            // The tensors of a block, in the order of `ModelConfig::tensors`.
            let block = base
                + comptime!((s.vocabulary + s.context) * s.width)
                + layer * comptime!(12 * s.width * s.width + 13 * s.width);
            let qkv = block + 2 * width;
            let out = qkv + comptime!(3 * s.width * s.width + 3 * s.width);
            let mlp_norm = out + comptime!(s.width * s.width + s.width);
            let up = mlp_norm + 2 * width;
            let down = up + comptime!(4 * s.width * s.width + 4 * s.width);
            let cached = (own * comptime!(s.layers) + layer) * span * 2 * width;

            normalise_vector(&x, &mut normed, &mut shared, weights, block, width);
            let mut i = unit;
            while i < 3 * width {
                let value = column(&normed, weights, qkv, i, width, comptime!(3 * s.width))
                    + weights[qkv + comptime!(3 * s.width * s.width) + i];
                if i < width {
                    query[i] = value;
                } else {
                    cache[cached + position * 2 * width + i - width] = value;
                }
                i += UNITS;
            }
            sync_storage();
            sync_cube();
            let mut i = unit;
            while i < heads * (position + 1) {
                let (head, seen) = (i / (position + 1), i % (position + 1));
                let mut score = 0.0f32;
                for k in 0..d_head {
                    score += query[head * d_head + k] * cache[cached + seen * 2 * width + head * d_head + k];
                }
                scores[head * span + seen] = score * root;
                i += UNITS;
            }
            sync_cube();
            if unit < heads {
                let mut most = f32::new(LEAST);
                for seen in 0..position + 1 {
                    if scores[unit * span + seen] > most {
                        most = scores[unit * span + seen];
                    }
                }
                let mut sum = 0.0f32;
                for seen in 0..position + 1 {
                    let weight = (scores[unit * span + seen] - most).exp();
                    scores[unit * span + seen] = weight;
                    sum += weight;
                }
                for seen in 0..position + 1 {
                    scores[unit * span + seen] /= sum;
                }
            }
            sync_cube();
            let mut i = unit;
            while i < width {
                let mut value = 0.0f32;
                for seen in 0..position + 1 {
                    value += scores[i / d_head * span + seen] * cache[cached + seen * 2 * width + width + i];
                }
                normed[i] = value;
                i += UNITS;
            }
            sync_cube();
            let mut i = unit;
            while i < width {
                x[i] +=
                    column(&normed, weights, out, i, width, width) + weights[out + comptime!(s.width * s.width) + i];
                i += UNITS;
            }
            sync_cube();
            normalise_vector(&x, &mut normed, &mut shared, weights, mlp_norm, width);
            let mut i = unit;
            while i < 4 * width {
                let value = column(&normed, weights, up, i, width, comptime!(4 * s.width))
                    + weights[up + comptime!(4 * s.width * s.width) + i];
                hidden[i] = value * gelu_gate(value);
                i += UNITS;
            }
            sync_cube();
            let mut i = unit;
            while i < width {
                x[i] += column(&hidden, weights, down, i, comptime!(4 * s.width), width)
                    + weights[down + comptime!(4 * s.width * s.width) + i];
                i += UNITS;
            }
            sync_cube();
        }
        if position >= comptime!(s.prefix) {
            let end = base
                + comptime!((s.vocabulary + s.context) * s.width)
                + comptime!(s.layers * (12 * s.width * s.width + 13 * s.width));
            normalise_vector(&x, &mut normed, &mut shared, weights, end, width);
            let row = own * comptime!(s.time) + position - comptime!(s.prefix);
            let mut most = f32::new(LEAST);
            let mut i = unit;
            while i < vocabulary {
                let mut logit = 0.0f32;
                if comptime!(s.tied) {
                    for k in 0..width {
                        logit += normed[k] * weights[base + i * width + k];
                    }
                } else {
                    logit = column(&normed, weights, end + 2 * width, i, width, vocabulary);
                }
                logits[i] = logit;
                if logit > most {
                    most = logit;
                }
                i += UNITS;
            }
            let most = largest(most, &mut shared, UNITS);
            let mut sum = 0.0f32;
            let mut i = unit;
            while i < vocabulary {
                sum += (logits[i] - most).exp();
                i += UNITS;
            }
            let normaliser = most + total(sum, &mut shared, UNITS).ln();
            let mut best = f32::new(LEAST);
            let mut place = 0u32;
            let mut i = unit;
            while i < vocabulary {
                let log_prob = logits[i] - normaliser;
                log_probs[row * vocabulary + i] = log_prob;
                let score = log_prob / temperature + noise[row * vocabulary + i];
                if score > best {
                    best = score;
                    place = i as u32;
                }
                i += UNITS;
            }
            shared[unit] = best;
            places[unit] = place;
            sync_cube();
            if unit == 0 {
                for other in 1..UNITS {
                    if shared[other] > best || (shared[other] == best && places[other] < place) {
                        best = shared[other];
                        place = places[other];
                    }
                }
                places[0] = place;
                tokens[row] = place as i32;
            }
            sync_cube();
        }
    }
}

/// Launches for a batch.
struct Launcher<'a> {
    like: &'a CubeTensor,
    replicas: usize,
    s: Sizes,
}

/// A normalised stream and what its gradient needs.
struct Normed {
    hat: CubeTensor,
    reciprocal: CubeTensor,
    output: CubeTensor,
}

/// What a block's gradient needs of its forward pass.
struct BlockTape {
    attention_input: Normed,
    qkv: CubeTensor,
    attention: CubeTensor,
    mixed: CubeTensor,
    mlp_input: Normed,
    /// Before the GELU.
    hidden: CubeTensor,
}

/// Where a block's tensors lie among the parameters.
struct Places {
    attention_norm: usize,
    qkv: usize,
    out: usize,
    mlp_norm: usize,
    up: usize,
    down: usize,
}

fn empty(like: &CubeTensor, shape: impl Into<Shape>, dtype: DType) -> CubeTensor {
    empty_device_dtype(like.client.clone(), like.device.clone(), shape.into(), dtype)
}

/// Units for a row of a LayerNorm: a power of two that is not much wider than the row.
fn row_units(width: usize) -> usize {
    width.next_power_of_two().clamp(32, UNITS)
}

impl Launcher<'_> {
    fn floats(&self, count: usize) -> CubeTensor {
        empty(self.like, [self.replicas, count], DType::F32)
    }

    /// Workgroups for each replica.
    fn grid(&self, x: usize, y: usize) -> CubeCount {
        CubeCount::Static(x as u32, y as u32, self.replicas as u32)
    }

    fn places(&self, layer: usize) -> Places {
        let Sizes { vocabulary, context, width, .. } = self.s;
        let attention_norm = (vocabulary + context) * width + layer * (12 * width * width + 13 * width);
        let qkv = attention_norm + 2 * width;
        let out = qkv + 3 * width * width + 3 * width;
        let mlp_norm = out + width * width + width;
        let up = mlp_norm + 2 * width;
        Places { attention_norm, qkv, out, mlp_norm, up, down: up + 4 * width * width + 4 * width }
    }

    /// All rows' activations of this width, without the first rows.
    fn rows(&self, first: usize, width: usize) -> Matrix {
        let replica = self.s.rows() * width;
        Matrix { replica, at: first * width, width, transposed: false, gelu: false }
    }

    fn weight(&self, at: usize, columns: usize) -> Matrix {
        let replica = self.s.parameters;
        Matrix { replica, at, width: columns, transposed: false, gelu: false }
    }

    fn product(
        &self,
        left: &CubeTensor,
        right: &CubeTensor,
        slopes: Option<&CubeTensor>,
        output: &CubeTensor,
        p: Product,
    ) {
        let slopes = slopes.cloned().unwrap_or_else(|| self.floats(1));
        multiply::launch(
            &self.like.client,
            self.grid(p.columns.div_ceil(TILE), p.rows.div_ceil(TILE)),
            CubeDim::new_1d(UNITS as u32),
            left.clone().into_buffer_arg(),
            right.clone().into_buffer_arg(),
            slopes.into_buffer_arg(),
            output.clone().into_buffer_arg(),
            p,
        );
    }

    /// `output = left · weight + bias` or `output += …`, for all rows.
    fn linear(
        &self,
        left: (&CubeTensor, Matrix),
        weights: &CubeTensor,
        at: usize,
        output: (&CubeTensor, usize),
        end: End,
    ) {
        let (rows, columns) = (self.s.rows(), output.1);
        let right = self.weight(at, columns);
        let (depth, replica) = (left.1.width, rows * columns);
        let p = Product { rows, columns, depth, left: left.1, right, replica, at: 0, end };
        self.product(left.0, weights, None, output.0, p);
    }

    /// Gradients of weight and bias, and with respect to the input, of a linear layer of all rows.
    fn linear_backward(
        &self,
        input: (&CubeTensor, Matrix),
        weights: &CubeTensor,
        at: usize,
        upstream: (&CubeTensor, usize),
        gradient: &CubeTensor,
        down: &CubeTensor,
        slopes: Option<&CubeTensor>,
    ) {
        let (rows, inputs, outputs) = (self.s.rows(), input.1.width, upstream.1);
        let right = self.rows(0, outputs);
        let left = Matrix { transposed: true, ..input.1 };
        let replica = self.s.parameters;
        let p = Product { rows: inputs + 1, columns: outputs, depth: rows, left, right, replica, at, end: End::Set };
        self.product(input.0, upstream.0, None, gradient, p);
        let weight = Matrix { transposed: true, ..self.weight(at, outputs) };
        let end = if slopes.is_some() { End::GeluSlope } else { End::Set };
        let p = Product {
            rows,
            columns: inputs,
            depth: outputs,
            left: right,
            right: weight,
            replica: rows * inputs,
            at: 0,
            end,
        };
        self.product(upstream.0, weights, slopes, down, p);
    }

    fn embed(&self, weights: &CubeTensor, prompts: &CubeTensor, answers: &CubeTensor) -> (CubeTensor, CubeTensor) {
        let rows = self.s.rows();
        let residual = self.floats(rows * self.s.width);
        let tokens = empty(self.like, [self.replicas, rows], DType::I32);
        embed::launch(
            &self.like.client,
            self.grid(rows, 1),
            CubeDim::new_1d(row_units(self.s.width) as u32),
            weights.clone().into_buffer_arg(),
            prompts.clone().into_buffer_arg(),
            answers.clone().into_buffer_arg(),
            residual.clone().into_buffer_arg(),
            tokens.clone().into_buffer_arg(),
            self.s,
        );
        (residual, tokens)
    }

    fn normalise(&self, x: &CubeTensor, weights: &CubeTensor, at: usize, first: usize) -> Normed {
        let rows = self.s.rows() - first;
        let numbers = rows * self.s.width;
        let normed = Normed { hat: self.floats(numbers), reciprocal: self.floats(rows), output: self.floats(numbers) };
        let units = row_units(self.s.width);
        normalise::launch(
            &self.like.client,
            self.grid(rows, 1),
            CubeDim::new_1d(units as u32),
            x.clone().into_buffer_arg(),
            weights.clone().into_buffer_arg(),
            normed.hat.clone().into_buffer_arg(),
            normed.reciprocal.clone().into_buffer_arg(),
            normed.output.clone().into_buffer_arg(),
            at,
            first,
            units,
            self.s,
        );
        normed
    }

    /// Gradients of scale and shift, and adds that with respect to the input to `down`.
    fn normalise_backward(
        &self,
        normed: &Normed,
        weights: &CubeTensor,
        at: usize,
        first: usize,
        upstream: &CubeTensor,
        gradient: &CubeTensor,
        down: &CubeTensor,
    ) {
        let rows = self.s.rows();
        let units = row_units(self.s.width);
        // The final norm's is the first to be added.
        let fresh = at == self.places(self.s.layers).attention_norm;
        normalise_backward::launch(
            &self.like.client,
            self.grid(rows, 1),
            CubeDim::new_1d(units as u32),
            normed.hat.clone().into_buffer_arg(),
            normed.reciprocal.clone().into_buffer_arg(),
            weights.clone().into_buffer_arg(),
            upstream.clone().into_buffer_arg(),
            down.clone().into_buffer_arg(),
            at,
            first,
            fresh,
            units,
            self.s,
        );
        normalise_parameters::launch(
            &self.like.client,
            self.grid(self.s.width.div_ceil(LANES), 1),
            CubeDim::new_1d(UNITS as u32),
            normed.hat.clone().into_buffer_arg(),
            upstream.clone().into_buffer_arg(),
            gradient.clone().into_buffer_arg(),
            at,
            rows - first,
            self.s,
        );
    }

    fn block(&self, weights: &CubeTensor, layer: usize, residual: &CubeTensor) -> BlockTape {
        let Sizes { width, heads, .. } = self.s;
        let (rows, places) = (self.s.rows(), self.places(layer));
        let attention_input = self.normalise(residual, weights, places.attention_norm, 0);
        let [qkv, mixed, hidden] = [3 * width, width, 4 * width].map(|columns| self.floats(rows * columns));
        let thin = self.rows(0, width);
        self.linear((&attention_input.output, thin), weights, places.qkv, (&qkv, 3 * width), End::Bias);
        let attention = self.floats(rows * heads * self.s.span());
        attend::launch(
            &self.like.client,
            self.grid((rows * heads).div_ceil(UNITS), 1),
            CubeDim::new_1d(UNITS as u32),
            qkv.clone().into_buffer_arg(),
            attention.clone().into_buffer_arg(),
            mixed.clone().into_buffer_arg(),
            self.s,
        );
        self.linear((&mixed, thin), weights, places.out, (residual, width), End::AddBias);
        let mlp_input = self.normalise(residual, weights, places.mlp_norm, 0);
        self.linear((&mlp_input.output, thin), weights, places.up, (&hidden, 4 * width), End::Bias);
        let activated = Matrix { gelu: true, ..self.rows(0, 4 * width) };
        self.linear((&hidden, activated), weights, places.down, (residual, width), End::AddBias);
        BlockTape { attention_input, qkv, attention, mixed, mlp_input, hidden }
    }

    /// Turns the gradient after a block into the gradient before it.
    fn block_backward(
        &self,
        weights: &CubeTensor,
        layer: usize,
        tape: &BlockTape,
        residual: &CubeTensor,
        gradient: &CubeTensor,
    ) {
        let Sizes { width, heads, .. } = self.s;
        let (rows, places, client) = (self.s.rows(), self.places(layer), &self.like.client);
        let (thin, units) = (self.rows(0, width), CubeDim::new_1d(UNITS as u32));
        let [hidden, upstream, down] = [4 * width, width, 3 * width].map(|columns| self.floats(rows * columns));
        let activated = Matrix { gelu: true, ..self.rows(0, 4 * width) };
        let (input, slopes) = ((&tape.hidden, activated), Some(&tape.hidden));
        self.linear_backward(input, weights, places.down, (residual, width), gradient, &hidden, slopes);
        let input = (&tape.mlp_input.output, thin);
        self.linear_backward(input, weights, places.up, (&hidden, 4 * width), gradient, &upstream, None);
        self.normalise_backward(&tape.mlp_input, weights, places.mlp_norm, 0, &upstream, gradient, residual);

        self.linear_backward((&tape.mixed, thin), weights, places.out, (residual, width), gradient, &upstream, None);
        let scores = self.floats(rows * heads * self.s.span());
        attend_backward::launch(
            client,
            self.grid((rows * heads).div_ceil(UNITS), 1),
            units,
            tape.qkv.clone().into_buffer_arg(),
            tape.attention.clone().into_buffer_arg(),
            upstream.clone().into_buffer_arg(),
            scores.clone().into_buffer_arg(),
            down.clone().into_buffer_arg(),
            self.s,
        );
        attend_backward_keys::launch(
            client,
            self.grid((rows * width).div_ceil(UNITS), 1),
            units,
            tape.qkv.clone().into_buffer_arg(),
            tape.attention.clone().into_buffer_arg(),
            scores.into_buffer_arg(),
            upstream.clone().into_buffer_arg(),
            down.clone().into_buffer_arg(),
            self.s,
        );
        let input = (&tape.attention_input.output, thin);
        self.linear_backward(input, weights, places.qkv, (&down, 3 * width), gradient, &upstream, None);
        let norm = &tape.attention_input;
        self.normalise_backward(norm, weights, places.attention_norm, 0, &upstream, gradient, residual);
    }

    /// The final norm of the rows of answers, and their logits `[replica, answer × time, vocabulary]`.
    fn head(&self, weights: &CubeTensor, residual: &CubeTensor) -> (Normed, CubeTensor) {
        let Sizes { vocabulary, width, .. } = self.s;
        let end = self.places(self.s.layers).attention_norm;
        let normed = self.normalise(residual, weights, end, self.s.first());
        let rows = self.s.rows() - self.s.first();
        let logits = empty(self.like, [self.replicas, rows, vocabulary], DType::F32);
        let (left, right) = (Matrix { replica: rows * width, ..self.rows(0, width) }, self.head_weight());
        let replica = rows * vocabulary;
        let p = Product { rows, columns: vocabulary, depth: width, left, right, replica, at: 0, end: End::Set };
        self.product(&normed.output, weights, None, &logits, p);
        (normed, logits)
    }

    fn head_weight(&self) -> Matrix {
        let Sizes { vocabulary, width, tied, .. } = self.s;
        match tied {
            true => Matrix { transposed: true, ..self.weight(0, width) },
            false => self.weight(self.places(self.s.layers).attention_norm + 2 * width, vocabulary),
        }
    }

    /// The gradient of the head's weight, and with respect to its input.
    fn head_backward(
        &self,
        weights: &CubeTensor,
        input: &CubeTensor,
        slopes: &CubeTensor,
        gradient: &CubeTensor,
    ) -> CubeTensor {
        let Sizes { vocabulary, width, tied, parameters, .. } = self.s;
        let rows = self.s.rows() - self.s.first();
        let matrix = |columns: usize| Matrix { replica: rows * columns, ..self.rows(0, columns) };
        let (x, slope) = (matrix(width), matrix(vocabulary));
        let weight = self.head_weight();
        let turned = |matrix: Matrix| Matrix { transposed: !matrix.transposed, ..matrix };
        let p = Product {
            rows: if tied { vocabulary } else { width },
            columns: if tied { width } else { vocabulary },
            depth: rows,
            left: turned(if tied { slope } else { x }),
            right: if tied { x } else { slope },
            replica: parameters,
            at: weight.at,
            end: End::Set,
        };
        let (left, right) = if tied { (slopes, input) } else { (input, slopes) };
        self.product(left, right, None, gradient, p);
        let upstream = self.floats(rows * width);
        let p = Product {
            rows,
            columns: width,
            depth: vocabulary,
            left: slope,
            right: turned(weight),
            replica: rows * width,
            at: 0,
            end: End::Set,
        };
        self.product(slopes, weights, None, &upstream, p);
        upstream
    }
}

impl DecoderOps for CubeBackend {
    fn decoder_forward(
        weights: FloatTensor<Self>,
        prompts: IntTensor<Self>,
        answers: IntTensor<Self>,
        config: ModelConfig,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [weights, prompts, answers] = [weights, prompts, answers].map(into_contiguous);
        let [replicas, count, time] = answers.shape().dims();
        let s = Sizes::new(config, &prompts, [count, time]);
        let launcher = Launcher { like: &weights, replicas, s };
        let states = empty(&weights, [config.layers + 1, replicas, count, config.width], DType::F32);
        let (residual, _) = launcher.embed(&weights, &prompts, &answers);
        let keep_layer = |layer: usize| {
            keep::launch(
                &weights.client,
                launcher.grid((count * config.width).div_ceil(UNITS), 1),
                CubeDim::new_1d(UNITS as u32),
                residual.clone().into_buffer_arg(),
                states.clone().into_buffer_arg(),
                layer,
                replicas,
                s,
            );
        };
        keep_layer(0);
        for layer in 0..config.layers {
            launcher.block(&weights, layer, &residual);
            keep_layer(layer + 1);
        }
        let (_, logits) = launcher.head(&weights, &residual);
        log_softmax::launch(
            &weights.client,
            CubeCount::Static((count * time) as u32, replicas as u32, 1),
            CubeDim::new_1d(UNITS as u32),
            logits.clone().into_buffer_arg(),
            config.vocabulary,
            count * time,
        );
        (logits, states)
    }

    fn decoder_sample(
        weights: FloatTensor<Self>,
        prompts: IntTensor<Self>,
        noise: FloatTensor<Self>,
        temperature: f32,
        config: ModelConfig,
    ) -> (IntTensor<Self>, FloatTensor<Self>) {
        let [weights, prompts, noise] = [weights, prompts, noise].map(into_contiguous);
        let [replicas, count, noises] = noise.shape().dims();
        let time = noises / config.vocabulary;
        let s = Sizes::new(config, &prompts, [count, time]);
        let tokens = empty(&weights, [replicas, count, time], DType::I32);
        let log_probs = empty(&weights, [replicas, count * time, config.vocabulary], DType::F32);
        let cache = empty(&weights, [replicas, count, config.layers, s.span() * 2 * config.width], DType::F32);
        sample::launch(
            &weights.client,
            CubeCount::Static(count as u32, 1, replicas as u32),
            CubeDim::new_1d(UNITS as u32),
            weights.clone().into_buffer_arg(),
            prompts.into_buffer_arg(),
            noise.into_buffer_arg(),
            cache.into_buffer_arg(),
            tokens.clone().into_buffer_arg(),
            log_probs.clone().into_buffer_arg(),
            temperature,
            s,
        );
        (tokens, log_probs)
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
        let [weights, prompts, answers] = [weights, prompts, answers].map(into_contiguous);
        let [replicas, count, time] = answers.shape().dims();
        let s = Sizes::new(config, &prompts, [count, time]);
        let launcher = Launcher { like: &weights, replicas, s };
        let gradient = launcher.floats(s.parameters);
        let (residual, tokens) = launcher.embed(&weights, &prompts, &answers);
        let tapes: Vec<BlockTape> =
            (0..config.layers).map(|layer| launcher.block(&weights, layer, &residual)).collect();
        let (normed, logits) = launcher.head(&weights, &residual);
        let with_kl = loss.kl != 0.0;
        // Without KL, mask and reference are not read: one number a replica stands for either.
        let [mask, reference] =
            [mask, reference].map(|tensor| if with_kl { into_contiguous(tensor) } else { launcher.floats(1) });
        let row_losses = launcher.floats(count * time);
        let units = CubeDim::new_1d(UNITS as u32);
        objective::launch(
            &weights.client,
            CubeCount::Static((count * time) as u32, replicas as u32, 1),
            units,
            logits.clone().into_buffer_arg(),
            answers.into_buffer_arg(),
            into_contiguous(advantages).into_buffer_arg(),
            mask.into_buffer_arg(),
            reference.into_buffer_arg(),
            row_losses.clone().into_buffer_arg(),
            loss.scale,
            loss.temperature,
            loss.kl,
            config.vocabulary,
            count * time,
            with_kl,
        );
        let losses = empty(&weights, [replicas], DType::F32);
        sum_rows::launch(
            &weights.client,
            launcher.grid(1, 1),
            units,
            row_losses.into_buffer_arg(),
            losses.clone().into_buffer_arg(),
            count * time,
        );
        // From here on, `residual` is the gradient with respect to the residual stream.
        let upstream = launcher.head_backward(&weights, &normed.output, &logits, &gradient);
        let end = launcher.places(config.layers).attention_norm;
        launcher.normalise_backward(&normed, &weights, end, s.first(), &upstream, &gradient, &residual);
        for (layer, tape) in tapes.iter().enumerate().rev() {
            launcher.block_backward(&weights, layer, tape, &residual, &gradient);
        }
        embed_backward::launch(
            &weights.client,
            launcher.grid(((s.vocabulary + s.context) * s.width).div_ceil(UNITS), 1),
            units,
            residual.into_buffer_arg(),
            tokens.into_buffer_arg(),
            gradient.clone().into_buffer_arg(),
            s,
        );
        (losses, gradient)
    }

    fn adamw_step(
        weights: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        moments: FloatTensor<Self>,
        step: AdamWStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let [weights, gradient, moments] = [weights, gradient, moments].map(into_contiguous);
        let [replicas, parameters] = weights.shape().dims();
        let parts = empty(&weights, [replicas, PARTS], DType::F32);
        let units = CubeDim::new_1d(UNITS as u32);
        squares::launch(
            &weights.client,
            CubeCount::Static(PARTS as u32, 1, replicas as u32),
            units,
            gradient.clone().into_buffer_arg(),
            parts.clone().into_buffer_arg(),
            parameters,
        );
        let numbers = AdamWNumbersLaunch::new(
            step.beta_1,
            step.beta_2,
            step.epsilon,
            step.clip.min(f32::MAX),
            step.learning_rate,
            1.0 - step.learning_rate * step.weight_decay,
        );
        let new_weights = empty(&weights, [replicas, parameters], DType::F32);
        let new_moments = empty(&weights, [2, replicas, parameters + 1], DType::F32);
        let norms = empty(&weights, [replicas], DType::F32);
        adamw::launch(
            &weights.client,
            CubeCount::Static((parameters + 1).div_ceil(UNITS) as u32, 1, replicas as u32),
            units,
            weights.clone().into_buffer_arg(),
            gradient.into_buffer_arg(),
            moments.into_buffer_arg(),
            parts.into_buffer_arg(),
            new_weights.clone().into_buffer_arg(),
            new_moments.clone().into_buffer_arg(),
            norms.clone().into_buffer_arg(),
            numbers,
            replicas,
            parameters,
        );
        (new_weights, new_moments, norms)
    }
}
