//! The command line: pre-train the base models, run experiments headless, write up their results.
//!
//! All input and output of the native side is in `cli`: files, the clock, progress. Here an error becomes
//! an exit code.

mod cli;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;

fn main() -> ExitCode {
    match cli::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
