//! The rows of a batch: which tokens are read, at which positions, and which rows attend to which.
//!
//! Leaves out every number that is computed from them.

use std::ops::Range;

use burn::backend::TensorMetadata;
use burn::tensor::Shape;
use burn_flex::FlexTensor;

/// Rows of a chunk, unless a single prompt has more: 160 to 320 do equally well
/// (docs/PERFORMANCE.md).
const CHUNK: usize = 256;

/// The sizes of a batch.
#[derive(Clone, Copy)]
pub(super) struct Batch {
    pub(super) replicas: usize,
    pub(super) prompts: usize,
    /// Tokens of a prompt without its last.
    pub(super) prefix: usize,
    /// Answers to a prompt.
    pub(super) completions: usize,
    /// Tokens of an answer.
    pub(super) time: usize,
}

impl Batch {
    pub(super) fn new(prompts: &FlexTensor, answers: Shape) -> Self {
        let [replicas, prompts, length] = prompts.shape().dims();
        let [_, answers, time] = answers.dims();
        assert!(length > 0 && time > 0 && answers.is_multiple_of(prompts), "{answers} answers to {prompts} prompts");
        Batch { replicas, prompts, prefix: length - 1, completions: answers / prompts, time }
    }

    pub(super) fn answers(&self) -> usize {
        self.prompts * self.completions
    }

    /// Ranges of prompts that are worked through at once.
    pub(super) fn chunks(self) -> impl Iterator<Item = Range<usize>> {
        let size = (CHUNK / (self.prefix + self.completions * self.time)).max(1);
        (0..self.prompts).step_by(size).map(move |start| start..self.prompts.min(start + size))
    }
}

/// Rows that attend to one another: queries to a whole prefix and causally to themselves.
#[derive(Clone)]
pub(super) struct Segment {
    pub(super) prefix: Range<usize>,
    pub(super) queries: Range<usize>,
}

impl Segment {
    /// The number of rows that the last query sees.
    pub(super) fn keys(&self) -> usize {
        self.prefix.len() + self.queries.len()
    }
}

/// The rows whose output of a block anything reads: these and all after the first.
pub(super) struct Read<'a> {
    pub(super) first: usize,
    pub(super) segments: &'a [Segment],
}

/// The rows of a chunk of prompts.
pub(super) struct Rows {
    pub(super) tokens: Vec<usize>,
    pub(super) positions: Vec<usize>,
    pub(super) segments: Vec<Segment>,
    /// The rows of answers; those before them are prefixes.
    pub(super) answers: Range<usize>,
}

impl Rows {
    /// The rows of the prompts `chunk`, with `time` rows of each answer. The inputs of an answer are the
    /// prompt's last token and the answer without its last.
    pub(super) fn new(batch: &Batch, chunk: Range<usize>, prompts: &[i32], answers: &[i32], time: usize) -> Self {
        let Batch { prefix, completions, .. } = *batch;
        let (mut tokens, mut positions, mut segments) = (vec![], vec![], vec![]);
        let prompt = |index: usize| &prompts[index * (prefix + 1)..(index + 1) * (prefix + 1)];
        for index in chunk.clone() {
            segments.push(Segment { prefix: 0..0, queries: tokens.len()..tokens.len() + prefix });
            tokens.extend(prompt(index)[..prefix].iter().map(|token| *token as usize));
            positions.extend(0..prefix);
        }
        let first = tokens.len();
        for (index_in_chunk, index) in chunk.enumerate() {
            for answer in index * completions..(index + 1) * completions {
                let queries = tokens.len()..tokens.len() + time;
                let prefix_rows = index_in_chunk * prefix..(index_in_chunk + 1) * prefix;
                segments.push(Segment { prefix: prefix_rows, queries });
                let answer = &answers[answer * batch.time..][..time - 1];
                tokens.extend(
                    std::iter::once(prompt(index)[prefix]).chain(answer.iter().copied()).map(|token| token as usize),
                );
                positions.extend(prefix..prefix + time);
            }
        }
        segments.retain(|segment| !segment.queries.is_empty());
        Rows { answers: first..tokens.len(), tokens, positions, segments }
    }

    /// What is read after each of so many blocks: after the last one answers alone.
    pub(super) fn read_after(&self, blocks: usize) -> impl DoubleEndedIterator<Item = Read<'_>> {
        (1..=blocks).map(move |block| {
            let first = if block == blocks { self.answers.start } else { 0 };
            let skipped = self.segments.iter().take_while(|segment| segment.queries.start < first).count();
            Read { first, segments: &self.segments[skipped..] }
        })
    }
}
