//! Rows of numbers as Parquet, for notebooks: pandas, polars, DuckDB.
//!
//! Uncompressed: the columns of names are dictionaries, and the files are small.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use hedgerow::documents::conditions::Condition;
use hedgerow::documents::report::{Row, RunReport};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

/// The columns, as docs/SCHEMA.md documents them.
const COLUMNS: &str = "message rows {
    REQUIRED BINARY experiment (UTF8);
    REQUIRED BINARY condition (UTF8);
    REQUIRED BINARY arm (UTF8);
    REQUIRED INT64 seed;
    REQUIRED INT32 update;
    REQUIRED BINARY metric (UTF8);
    REQUIRED BINARY slice (UTF8);
    REQUIRED DOUBLE value;
    OPTIONAL INT32 count;
    REQUIRED BINARY rewarded_by (UTF8);
    REQUIRED BINARY engine (UTF8);
    REQUIRED BINARY build (UTF8);
    REQUIRED BINARY failure (UTF8);
}";

/// A run of a condition as the bytes of a Parquet file, one row for each number.
pub(crate) fn parquet(condition: &Condition, report: &RunReport) -> Result<Vec<u8>, ParquetError> {
    let rows = report.rows();
    let text = |of: fn(&Row) -> &str| rows.iter().map(|row| ByteArray::from(of(row))).collect::<Vec<_>>();
    let repeated = |text: &str| vec![ByteArray::from(text); rows.len()];
    let (seeds, updates): (Vec<i64>, Vec<i32>) = rows.iter().map(|row| (row.seed as i64, row.update as i32)).unzip();
    let values: Vec<f64> = rows.iter().map(|row| row.value).collect();
    let counts: Vec<i32> = rows.iter().filter_map(|row| row.count).map(|count| count as i32).collect();
    let defined: Vec<i16> = rows.iter().map(|row| i16::from(row.count.is_some())).collect();

    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(parse_message_type(COLUMNS)?), Default::default())?;
    let mut group = writer.next_row_group()?;
    column::<ByteArrayType>(&mut group, &repeated(condition.group.name()), None)?;
    column::<ByteArrayType>(&mut group, &repeated(&condition.name), None)?;
    column::<ByteArrayType>(&mut group, &text(|row| row.arm.id()), None)?;
    column::<Int64Type>(&mut group, &seeds, None)?;
    column::<Int32Type>(&mut group, &updates, None)?;
    column::<ByteArrayType>(&mut group, &text(|row| &row.metric), None)?;
    column::<ByteArrayType>(&mut group, &text(|row| row.slice), None)?;
    column::<DoubleType>(&mut group, &values, None)?;
    column::<Int32Type>(&mut group, &counts, Some(&defined))?;
    column::<ByteArrayType>(&mut group, &text(|row| row.rewarded_by.id()), None)?;
    for same in [&report.engine, &report.build, report.failure.as_ref().unwrap_or(&String::new())] {
        column::<ByteArrayType>(&mut group, &repeated(same), None)?;
    }
    group.close()?;
    writer.into_inner()
}

/// Is this a whole Parquet file? What a reader needs to know of it stands at its end.
pub(crate) fn is_whole(file: &Path) -> bool {
    let reader = File::open(file).map_err(ParquetError::from).and_then(SerializedFileReader::new);
    reader.is_ok_and(|reader| reader.metadata().file_metadata().num_rows() > 0)
}

/// The next column; `defined` says for each row whether it has a value in it.
fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    values: &[T::T],
    defined: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let mut column = group.next_column()?.ok_or_else(|| ParquetError::General("more columns than named".into()))?;
    column.typed::<T>().write_batch(values, defined, None)?;
    column.close()
}
