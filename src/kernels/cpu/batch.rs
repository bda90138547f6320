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

/// Rows that attend to one another: queries to all rows of a beginning and causally to themselves.
#[derive(Clone)]
pub(super) struct Segment {
    /// By position.
    pub(super) before: Vec<usize>,
    pub(super) queries: Range<usize>,
    /// The number of rows that the last query sees, and of those that are left out behind it in an answer: a sum over fewer
    /// of them would add in another order.
    pub(super) keys: usize,
}

impl Segment {
    /// The rows that the last query sees, by position.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> {
        self.before.iter().copied().chain(self.queries.clone())
    }
}

/// The rows whose output of a block anything reads: these and all after the first.
#[derive(Clone, Copy)]
pub(super) struct Read<'a> {
    pub(super) first: usize,
    pub(super) segments: &'a [Segment],
}

/// The rows of a chunk of prompts.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) tokens: Vec<usize>,
    pub(super) positions: Vec<usize>,
    pub(super) segments: Vec<Segment>,
    /// Those of each prompt without its last token.
    pub(super) prefixes: Vec<Vec<usize>>,
    /// The first row of an answer; those before it are prefixes.
    pub(super) first_of_answers: usize,
    /// Those of each answer, one after the other.
    pub(super) of_answers: Vec<usize>,
    /// Those at the beginning of a text, and those after each row.
    beginnings: Vec<usize>,
    children: Vec<Vec<usize>>,
}

impl Rows {
    /// The rows of the prompts `chunk`. The inputs of an answer are the prompt's last token and the answer without its last,
    /// as many as are `read` of each answer.
    ///
    /// What two texts begin with is one row for both if `shared`: a row hangs on nothing after it, so its
    /// numbers are the same.
    pub(super) fn new(
        batch: &Batch,
        chunk: Range<usize>,
        [prompts, answers]: [&[i32]; 2],
        read: impl Fn(usize) -> usize,
        shared: bool,
    ) -> Self {
        let Batch { prefix, completions, time, .. } = *batch;
        let mut rows = Rows::default();
        let prompt = |index: usize| &prompts[index * (prefix + 1)..(index + 1) * (prefix + 1)];
        for index in chunk.clone() {
            let read = rows.follow(vec![], &prompt(index)[..prefix], shared);
            rows.prefixes.push(read);
        }
        rows.first_of_answers = rows.tokens.len();
        for index in chunk.clone() {
            for answer in index * completions..(index + 1) * completions {
                let given = &answers[answer * time..(answer + 1) * time];
                let inputs = prompt(index)[prefix..].iter().chain(given).copied();
                let inputs: Vec<i32> = inputs.take(read(answer)).collect();
                let read = rows.follow(rows.prefixes[index - chunk.start].clone(), &inputs, shared);
                rows.of_answers.extend(&read[prefix..]);
                if let Some(own) = rows.segments.last_mut().filter(|_| !shared && !inputs.is_empty()) {
                    own.keys = prefix + time;
                }
            }
        }
        rows
    }

    /// The rows of a text that begins with these: known ones as far as they are `shared`, then new ones.
    pub(super) fn follow(&mut self, mut read: Vec<usize>, tokens: &[i32], shared: bool) -> Vec<usize> {
        let mut tokens = tokens.iter().map(|token| *token as usize).peekable();
        while let Some(token) = tokens.peek()
            && let Some(next) = self.next(read.last(), *token).filter(|_| shared)
        {
            read.push(next);
            tokens.next();
        }
        let first = self.tokens.len();
        let before = read.clone();
        for token in tokens {
            let row = self.tokens.len();
            match read.last() {
                Some(parent) => self.children[*parent].push(row),
                None => self.beginnings.push(row),
            }
            self.children.push(vec![]);
            self.tokens.push(token);
            self.positions.push(read.len());
            read.push(row);
        }
        if first < self.tokens.len() {
            self.segments.push(Segment { before, queries: first..self.tokens.len(), keys: read.len() });
        }
        read
    }

    /// For each of these rows, the one of other rows of the same chunk that has the same beginning.
    pub(super) fn twins(&self, others: &Rows) -> Vec<usize> {
        let mut twins = vec![0; self.tokens.len()];
        let of_prefixes = self.prefixes.iter().flatten().zip(others.prefixes.iter().flatten());
        for (row, twin) in of_prefixes.chain(self.of_answers.iter().zip(&others.of_answers)) {
            twins[*row] = *twin;
        }
        twins
    }

    /// The row of this token after that row, or at the beginning of a text.
    fn next(&self, row: Option<&usize>, token: usize) -> Option<usize> {
        let rows = row.map_or(&self.beginnings, |row| &self.children[*row]);
        rows.iter().copied().find(|row| self.tokens[*row] == token)
    }

    /// What is read after each of so many blocks: after the last one answers alone.
    pub(super) fn read_after(&self, blocks: usize) -> impl DoubleEndedIterator<Item = Read<'_>> {
        (1..=blocks).map(move |block| {
            let first = if block == blocks { self.first_of_answers } else { 0 };
            let skipped = self.segments.iter().take_while(|segment| segment.queries.start < first).count();
            Read { first, segments: &self.segments[skipped..] }
        })
    }
}
