//! Matrix products on one core, in blocks that stay in registers.
//!
//! The inner kernel computes [`ROWS`] × [`COLUMNS`] outputs from packed panels, in vectors of eight: one
//! register with AVX, two without. They are spelled out because compilers find them in plain loops
//! only sometimes: the same loop over arrays was vectorised in a test program and not here, at a fifth
//! of the pace (docs/PERFORMANCE.md). The order of additions is fixed and nothing is fused, so results
//! are equal bit for bit, whatever the size of a block.

use wide::f32x8;

/// Rows of a block. Its sums take eight of sixteen vector registers; with six rows, twelve, some
/// are spilled as WebAssembly and it has two thirds of the pace.
const ROWS: usize = 4;
/// Columns of a block.
const COLUMNS: usize = if cfg!(target_feature = "avx") { 16 } else { 8 };
/// Numbers of a vector.
const LANES: usize = 8;

/// A matrix, or the transpose of one, in a slice: element (i, j) is `data[i · row + j · column]`.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    data: &'a [f32],
    row: usize,
    column: usize,
}

impl<'a> View<'a> {
    /// Rows of `stride` numbers.
    pub(super) fn rows(data: &'a [f32], stride: usize) -> Self {
        View { data, row: stride, column: 1 }
    }

    /// The transpose.
    pub(super) fn transposed(self) -> Self {
        View { row: self.column, column: self.row, ..self }
    }

    /// Copies rows `at..at + SIZE`, as far as they exist, side by side for each of `depth` columns;
    /// zeros where there are none. Copies have fixed sizes: one of a size that is not known is a
    /// call in WebAssembly, and took longer than the products.
    fn pack<const SIZE: usize>(self, at: usize, rows: usize, depth: usize, panel: &mut [f32]) {
        let rows = SIZE.min(rows - at);
        let packed = panel.as_chunks_mut::<SIZE>().0[..depth].iter_mut();
        if self.row == 1 && rows == SIZE {
            for (column, packed) in packed.enumerate() {
                *packed = *self.data[column * self.column + at..].first_chunk().expect("whole columns");
            }
        } else if rows == SIZE && self.column == 1 {
            let from: [&[f32]; SIZE] = std::array::from_fn(|row| &self.data[(at + row) * self.row..][..depth]);
            for (column, packed) in packed.enumerate() {
                *packed = std::array::from_fn(|row| from[row][column]);
            }
        } else {
            for (column, packed) in packed.enumerate() {
                let number = |row: usize| self.data[(at + row) * self.row + column * self.column];
                *packed = std::array::from_fn(|row| if row < rows { number(row) } else { 0.0 });
            }
        }
    }
}

/// The right factor of a product, packed for the inner kernel.
#[derive(Default)]
pub(super) struct Packed {
    panels: Vec<f32>,
    depth: usize,
    columns: usize,
}

impl Packed {
    /// Packs a `depth` × `columns` matrix, into the memory of what was packed here before.
    pub(super) fn pack(&mut self, matrix: View, depth: usize, columns: usize) -> &Self {
        (self.depth, self.columns) = (depth, columns);
        let panel = depth * COLUMNS;
        self.panels.resize(columns.div_ceil(COLUMNS) * panel, 0.0);
        for (index, panel) in self.panels.chunks_exact_mut(panel).enumerate() {
            matrix.transposed().pack::<COLUMNS>(index * COLUMNS, columns, depth, panel);
        }
        self
    }

    /// As [`Packed::pack`], newly allocated.
    pub(super) fn new(matrix: View, depth: usize, columns: usize) -> Self {
        let mut packed = Packed::default();
        packed.pack(matrix, depth, columns);
        packed
    }
}

/// What becomes of the numbers that the output holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    /// They are replaced.
    Set,
    /// The product is added to them.
    Add,
}

/// `c = a · b` or `c += a · b`, with `rows` rows of `a` and rows of `stride` numbers in `c`.
pub(super) fn gemm(a: View, rows: usize, b: &Packed, c: &mut [f32], stride: usize, output: Output) {
    let Packed { panels, depth, columns } = b;
    let mut left = vec![0.0; depth * ROWS];
    for at in (0..rows).step_by(ROWS) {
        a.pack::<ROWS>(at, rows, *depth, &mut left);
        for (index, panel) in panels.chunks_exact(depth * COLUMNS).enumerate() {
            // One block: Σ over the depth of left column × right row.
            let mut block = [[f32x8::ZERO; COLUMNS / LANES]; ROWS];
            let rights = panel.as_chunks::<LANES>().0.as_chunks::<{ COLUMNS / LANES }>().0;
            for (left, right) in left.as_chunks::<ROWS>().0.iter().zip(rights) {
                let right = right.map(f32x8::new);
                for row in 0..ROWS {
                    let left = f32x8::splat(left[row]);
                    for (sum, right) in block[row].iter_mut().zip(right) {
                        *sum += left * right;
                    }
                }
            }
            let from = index * COLUMNS;
            let width = COLUMNS.min(columns - from);
            for (row, sums) in block.iter().enumerate().take(rows - at) {
                let sums = sums.map(f32x8::to_array);
                let sums: &[f32; COLUMNS] = sums.as_flattened().first_chunk().expect("a row of a block");
                let start = (at + row) * stride + from;
                let c = &mut c[start..start + width];
                match (output, c.first_chunk_mut::<COLUMNS>()) {
                    (Output::Set, Some(c)) => *c = *sums,
                    (Output::Add, Some(c)) => (0..COLUMNS).for_each(|column| c[column] += sums[column]),
                    (Output::Set, None) => c.copy_from_slice(&sums[..width]),
                    (Output::Add, None) => c.iter_mut().zip(sums).for_each(|(c, sum)| *c += sum),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against the definition in f64, at sizes that do not divide into blocks, transposed or not.
        #[test]
        fn a_product_is_the_sum_of_products(
            rows in 1usize..20, columns in 1usize..20, depth in 1usize..40,
            transposed: [bool; 2], add: bool, seed in 0u32..1000,
        ) {
            let number = |index: usize| ((index as u32 * 2_654_435_761 + seed) % 1000) as f32 / 500.0 - 1.0;
            let a: Vec<f32> = (0..rows * depth).map(number).collect();
            let b: Vec<f32> = (0..depth * columns).map(|index| number(index + 77)).collect();
            let left = if transposed[0] { View::rows(&a, rows).transposed() } else { View::rows(&a, depth) };
            let right = if transposed[1] { View::rows(&b, depth).transposed() } else { View::rows(&b, columns) };
            let stride = columns + 3;
            let before: Vec<f32> = (0..rows * stride).map(|index| number(index + 5)).collect();
            let mut c = before.clone();
            gemm(left, rows, &Packed::new(right, depth, columns), &mut c, stride, if add { Output::Add } else { Output::Set });
            let at = |view: View, i: usize, j: usize| f64::from(view.data[i * view.row + j * view.column]);
            for row in 0..rows {
                for column in 0..stride {
                    let index = row * stride + column;
                    if column >= columns {
                        prop_assert_eq!(c[index], before[index], "between the rows");
                        continue;
                    }
                    let sum: f64 = (0..depth).map(|term| at(left, row, term) * at(right, term, column)).sum();
                    let expected = if add { f64::from(before[index]) } else { 0.0 } + sum;
                    prop_assert!((f64::from(c[index]) - expected).abs() < 1e-5, "{} {}", c[index], expected);
                }
            }
        }
    }
}
