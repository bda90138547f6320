//! `cargo xtask`: everything one does with the repository that plain `cargo` cannot do alone.
//!
//! It sets the machine up, builds the page and its engines, serves them, and runs every check. It
//! holds no rule of the laboratory itself: that is `src/`.

mod browser;
mod build;
mod checks;
mod compress;
mod counts;
mod directives;
mod engines;
mod exercises;
mod listing;
mod markup;
mod pack;
mod process;
mod recorded;
mod release;
mod scorm;
mod serve;
mod setup;
mod shell;
mod site;
mod size;
mod story;
mod style;
mod trunk;
mod wasm;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::{
    checks::Suites,
    engines::Kinds,
    trunk::Hook,
    wasm::{Build, Optimise},
};

/// Builds, serves and tests Hedgerow.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Set up, build the page and its engines, and serve them on this machine.
    Demo {
        /// The port to serve on; the next free one is taken when it is busy.
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Build without the WebGPU engine: a third of the time, the first time.
        #[arg(long)]
        no_gpu: bool,
    },
    /// Run every check and every test; the last line counts them.
    Test {
        /// Leave the page, the engines and the browser out.
        #[arg(long, conflicts_with = "browser_only")]
        native_only: bool,
        /// Only build the site and test it in a browser.
        #[arg(long)]
        browser_only: bool,
        /// Build and test the site without the WebGPU engine.
        #[arg(long, conflicts_with = "native_only")]
        no_gpu: bool,
    },
    /// Build the engine workers into web/generated/engine/.
    Engines {
        /// Leave the WebGPU engine out, and remove an old one.
        #[arg(long)]
        cpu_only: bool,
        /// Build with the debug profile: quicker to compile, far slower to train.
        #[arg(long, conflicts_with = "release")]
        debug: bool,
        /// Run wasm-opt over them as well: smaller, and a minute slower to build.
        #[arg(long)]
        release: bool,
    },
    /// Build the whole site without serving it.
    Site {
        /// Run wasm-opt over the engines as well: smaller by a hundredth, and a minute slower to build.
        #[arg(long)]
        release: bool,
        /// Leave the WebGPU engine out.
        #[arg(long)]
        cpu_only: bool,
        /// The folder to write.
        #[arg(long, default_value = "dist")]
        out: PathBuf,
    },
    /// Write what is handed on: the site with packed files and licences, its archive, and the edition in one file.
    Release {
        /// A site that is built already; without it, one is built, with wasm-opt over the engines.
        #[arg(long)]
        site: Option<PathBuf>,
        /// The folder to write.
        #[arg(long, default_value = "release")]
        out: PathBuf,
        /// Where the site will be hosted: those who show a preview of a link want the picture's whole address.
        #[arg(long)]
        address: Option<String>,
        /// SmolLM2-135M-Instruct as a GGUF file: visitors who want to ask the real language model then fetch it from the site.
        #[arg(long)]
        language_model: Option<PathBuf>,
    },
    /// Write an exercise as packages for learning management systems, by SCORM 1.2 and by SCORM 2004.
    Scorm {
        /// The exercise's name in its address: `thumb`.
        exercise: String,
        /// The language that it is in.
        #[arg(long, default_value = "en")]
        language: String,
        /// Where the site is hosted, or a link to hand out from there: the packages then open it instead of holding the site.
        #[arg(long)]
        address: Option<String>,
        /// A site that is built already.
        #[arg(long, default_value = "dist")]
        site: PathBuf,
        /// The folder to write to.
        #[arg(long, default_value = "scorm")]
        out: PathBuf,
    },
    /// Check the lesson and write its sheets and files into web/generated/lesson/.
    Lesson,
    /// Serve a folder that is already built.
    Serve {
        /// The port to serve on; 0 takes any free one.
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// The folder to serve.
        #[arg(long, default_value = "dist")]
        dir: PathBuf,
        /// The path to serve it under, as a host with many sites would: /some/school/.
        #[arg(long, default_value = "/")]
        base: String,
    },
    /// Print the size of every wasm, script and style in a built site, raw and as brotli.
    Size {
        /// The folder to measure.
        #[arg(long, default_value = "dist")]
        dir: PathBuf,
    },
    /// Time the kernels on this machine: `hedgerow bench`, with its options.
    Bench {
        /// `--replicas 16`, `--device wgpu`; a device other than the CPU is compiled first.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// Print the path of the browser that the tests use, installing it where that is possible.
    Browser,
    /// Make the pictures of the page, docs/page.png and public/preview.png, from the site in dist/.
    Picture,
    /// What Trunk.toml calls; not for use by hand.
    #[command(hide = true)]
    Trunk {
        /// The stage that Trunk is at.
        hook: Hook,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<ExitCode> {
    match task {
        Task::Demo { port, no_gpu } => {
            let root = process::root();
            let out = root.join("dist");
            site::build(&out, Kinds::without_gpu(no_gpu), Optimise::No)?;
            serve::serve(&out, "/", port)?;
        }
        Task::Test { native_only, browser_only, no_gpu } => {
            let suites = Suites::from_flags(native_only, browser_only);
            return Ok(checks::run(suites, Kinds::without_gpu(no_gpu)));
        }
        Task::Engines { cpu_only, debug, release } => {
            let build = if debug { Build::Debug } else { Build::Web };
            engines::build(Kinds::without_gpu(cpu_only), build, release.into())?;
        }
        Task::Site { release, cpu_only, out } => {
            site::build(&out, Kinds::without_gpu(cpu_only), release.into())?;
        }
        Task::Release { site, out, address, language_model } => {
            release::write(site, &out, &release::Extras { address, language_model })?;
        }
        Task::Scorm { exercise, language, address, site, out } => {
            scorm::write(&exercise, &language, address.as_deref(), &site, &out)?;
        }
        Task::Lesson => {
            setup::npm_packages()?;
            recorded::pack()?;
            exercises::build()?;
        }
        Task::Serve { port, dir, base } => serve::serve(&dir, &base, port)?,
        Task::Size { dir } => size::print(&dir)?,
        Task::Bench { options } => {
            let device = options.iter().skip_while(|option| *option != "--device").nth(1);
            let features = device.filter(|device| *device != "flex").map(|device| format!("--features={device}"));
            let mut bench = process::cargo();
            bench.args(["run", "--release", "--package=hedgerow"]).args(features).args(["--", "bench"]).args(options);
            process::succeed(&mut bench)?;
        }
        Task::Browser => println!("{}", browser::find_or_install()?.display()),
        Task::Picture => {
            let browser = browser::find_or_install()?;
            process::succeed(setup::node()?.arg("tests/browser/picture.mjs").env("CHROMIUM", browser))?;
        }
        Task::Trunk { hook } => trunk::run(hook)?,
    }
    Ok(ExitCode::SUCCESS)
}
