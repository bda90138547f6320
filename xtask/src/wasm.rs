//! From a binary of the page or the engine to the files that a browser loads: cargo, then wasm-split where
//! parts load later, then wasm-bindgen (both in this process, so that their versions cannot differ), then
//! wasm-opt and esbuild when asked.
//!
//! Nothing is done twice: cargo knows what it has built, and the steps after it are skipped when
//! their input is the one they saw last.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, ensure};
use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support::{Options, transform};

use crate::{
    build::{self, BUILD_VARIABLE},
    process, setup,
};

/// The cargo profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    /// Quick to compile, slow to run.
    Debug,
    /// An engine as a visitor gets it.
    Web,
    /// The page as a visitor gets it.
    Page,
}

/// Whether wasm-opt and esbuild go over the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Optimise {
    /// Leave the module as the compiler made it.
    No,
    /// What a host sends is smaller by a hundredth, which more of wasm-opt would undo: of the CPU engine brotli makes
    /// 596 KB as it is, 590 after -O1, 606 after -O3 and 608 after -Oz. Seconds of work, a minute for the WebGPU engine.
    Yes,
}

impl From<bool> for Optimise {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

/// What rustc 1.95 and the flags of `.cargo/config.toml` make use of, in wasm-opt's words. Naming
/// more lets wasm-opt emit instructions that browsers reject.
const WASM_FEATURES: [&str; 8] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// What is said of a module for linkers alone goes: 5 KB of brotli in the page's 40 modules.
/// After -O1 what is set twice and then stands empty: 1 KB of the page's. Functions that are alike stand together when they
/// are sorted by their names, which go then: brotli makes 300.9 KB of the page's first module instead of 305.7, and of one
/// whose order is the compiler's up to 2 KB more or less after a change of a few lines.
const OPTIMISATION: [&str; 6] =
    ["-O1", "--rse", "--vacuum", "--reorder-functions-by-name", "--strip-target-features", "--strip-producers"];

/// What esbuild does to a script that wasm-bindgen wrote: of the page's, brotli makes 8.6 KB instead of 9.7.
const MINIFICATION: [&str; 4] = ["--minify", "--target=es2022", "--allow-overwrite", "--log-level=warning"];

/// Compiles a package's one binary with exactly these features and returns the path of its wasm.
pub(crate) fn compile(package: &str, bin: &str, features: &str, build: Build) -> Result<PathBuf> {
    setup::wasm_target()?;
    let (profile, folder) = match build {
        Build::Debug => ("dev", "debug"),
        Build::Web => ("web", "web"),
        Build::Page => ("page", "page"),
    };
    process::succeed(process::cargo().env(BUILD_VARIABLE, build::id()?).args([
        "build",
        "--config",
        &forget_this_machine(),
        "--target=wasm32-unknown-unknown",
        "--no-default-features",
        "--package",
        package,
        "--bin",
        bin,
        "--features",
        features,
        "--profile",
        profile,
    ]))?;
    let wasm = process::target_dir().join("wasm32-unknown-unknown").join(folder).join(bin).with_extension("wasm");
    Ok(wasm)
}

/// The setting of cargo that takes this machine's folders out of the paths that messages and panics show. Paths of this
/// repository are relative already; named here, they would have every copy of it compile all crates anew.
fn forget_this_machine() -> String {
    let crates = build::cargo_home().join("registry/src");
    let flag = format!("--remap-path-prefix={}=crates", crates.display());
    // A list in cargo's configuration is joined with those of its other files. Debug quotes as TOML does.
    format!("target.wasm32-unknown-unknown.rustflags = [{flag:?}]")
}

/// # Errors
/// Names a path of the machine that built the module, which would travel with the site.
fn hold_no_path_of_this_machine(module: &Path) -> Result<()> {
    let bytes = fs::read(module).with_context(|| format!("cannot read {}", module.display()))?;
    for folder in [build::cargo_home(), process::root()] {
        let folder = folder.to_string_lossy();
        let holds = bytes.windows(folder.len()).any(|part| part == folder.as_bytes());
        ensure!(!holds, "{} holds paths of this machine ({folder})", module.display());
    }
    Ok(())
}

/// What the script that fetches the parts which load later imports.
pub(crate) const WATCHED: &str = r#"import { watched } from "./later.js";"#;

/// Whether a module is cut where its code says `wasm_split`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Parts {
    /// It stays whole.
    One,
    /// What is marked becomes modules of its own, which `late.js` fetches when they are called for.
    Several,
}

/// Writes `{name}.js` and `{name}_bg.wasm` into the folder, and beside them the parts that load later, unless they
/// are there already and come from the same wasm.
pub(crate) fn bind(wasm: &Path, folder: &Path, name: &str, parts: Parts, optimise: Optimise) -> Result<()> {
    let bytes = fs::read(wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    let stamp = Stamp::new(folder, fingerprint(&(&bytes, parts, optimise, MINIFICATION)));
    let module = folder.join(format!("{name}_bg.wasm"));
    if stamp.is_current() && module.is_file() {
        return Ok(());
    }
    stamp.remove();
    if folder.is_dir() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    let (main, late) = match parts {
        Parts::One => (bytes, Vec::new()),
        Parts::Several => split(&bytes, folder, name)?,
    };
    let mut bindgen = Bindgen::new();
    bindgen
        .input_bytes(name, main)
        .web(true)?
        .typescript(false)
        // What the parts that load later share with this one.
        .keep_lld_exports(parts == Parts::Several)
        .remove_producers_section(true)
        // wasm-opt sorts by them and leaves them out.
        .remove_name_section(optimise == Optimise::No)
        .generate(folder)
        .with_context(|| format!("wasm-bindgen cannot bind {}", wasm.display()))?;
    for module in std::iter::once(&module).chain(&late) {
        self::optimise(module, optimise)?;
        hold_no_path_of_this_machine(module)?;
    }
    if optimise == Optimise::Yes {
        minify(&folder.join(name).with_extension("js"))?;
    }
    stamp.write()
}

/// Writes the parts of a module that load later into the folder, with the script that fetches them. Returns the part
/// that loads first and the files of the others. Those are named by what they were cut from: a page that is open while
/// the site becomes another one must not get parts of that. A fetch of which nothing arrives has failed (`web/later.js`),
/// so that the page can say so and try again.
fn split(wasm: &[u8], folder: &Path, name: &str) -> Result<(Vec<u8>, Vec<PathBuf>)> {
    let first = folder.join("first.wasm");
    let main_module = format!("./{name}.js");
    let mut options = Options::new(wasm);
    options.output_dir = folder;
    options.main_out_path = &first;
    options.main_module = &main_module;
    options.link_name = "./late.js";
    let cut = transform(options).map_err(|error| anyhow!("wasm-split cannot cut the page: {error:#}"))?.split_modules;
    let script = folder.join("late.js");
    let mut fetches = fs::read_to_string(&script).with_context(|| format!("cannot read {}", script.display()))?;
    let mut late = Vec::new();
    for module in cut {
        let stem = module.file_stem().unwrap_or_default().to_string_lossy();
        let named = format!("{stem}-{:016x}.wasm", fingerprint(&wasm));
        let fetch = format!("fetch(new URL(\"./{stem}.wasm\", import.meta.url))");
        ensure!(fetches.contains(&fetch), "{} fetches {stem}.wasm in a way that is not known here", script.display());
        fetches = fetches.replace(&fetch, &format!("watched(new URL(\"./{named}\", import.meta.url))"));
        let named = folder.join(named);
        fs::rename(&module, &named).with_context(|| format!("cannot rename {}", module.display()))?;
        late.push(named);
    }
    fs::write(&script, format!("{WATCHED}\n{fetches}"))
        .with_context(|| format!("cannot write {}", script.display()))?;
    let main = fs::read(&first).with_context(|| format!("cannot read {}", first.display()))?;
    fs::remove_file(&first).with_context(|| format!("cannot remove {}", first.display()))?;
    Ok((main, late))
}

/// Runs wasm-opt over a module, in place. A module that was optimised before comes from a store
/// under `target/`.
fn optimise(module: &Path, optimise: Optimise) -> Result<()> {
    if optimise == Optimise::No {
        return Ok(());
    }
    setup::npm_packages()?;
    let bytes = fs::read(module).with_context(|| format!("cannot read {}", module.display()))?;
    let store = process::target_dir().join("xtask").join("wasm-opt");
    fs::create_dir_all(&store).with_context(|| format!("cannot create {}", store.display()))?;
    let key = fingerprint(&(&bytes, WASM_FEATURES, OPTIMISATION));
    let optimised = store.join(format!("{key:016x}.wasm"));
    if !optimised.is_file() {
        println!("wasm-opt: {} (this takes a while)", module.display());
        let unfinished = optimised.with_extension("unfinished");
        let mut command = setup::node()?;
        command
            .arg(setup::npm_file("binaryen/bin/wasm-opt"))
            .args(WASM_FEATURES)
            .args(OPTIMISATION)
            .arg("--output")
            .arg(&unfinished)
            .arg(module);
        process::succeed(&mut command)?;
        fs::rename(&unfinished, &optimised).context("cannot keep the optimised module")?;
    }
    fs::copy(&optimised, module).with_context(|| format!("cannot write {}", module.display()))?;
    Ok(())
}

/// Takes out of a script, in place, what only people read.
fn minify(script: &Path) -> Result<()> {
    let out = format!("--outfile={}", script.display());
    let mut command = setup::node()?;
    process::succeed(command.arg(setup::npm_file("esbuild/bin/esbuild")).arg(script).args(MINIFICATION).arg(out))
}

/// Remembers, outside the folder itself, what a folder was made from.
struct Stamp {
    file: PathBuf,
    made_from: String,
}

impl Stamp {
    fn new(folder: &Path, made_from: u64) -> Self {
        let file = format!("{:016x}.stamp", fingerprint(&folder));
        Self { file: process::target_dir().join("xtask").join(file), made_from: format!("{made_from:016x}") }
    }

    fn is_current(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|text| text == self.made_from)
    }

    /// From here on, whatever stops the work leaves a folder that will be made again.
    fn remove(&self) {
        // Nothing to remove is as good.
        drop(fs::remove_file(&self.file));
    }

    fn write(&self) -> Result<()> {
        let write = || {
            fs::create_dir_all(self.file.parent().unwrap_or(Path::new(".")))?;
            fs::write(&self.file, &self.made_from)
        };
        write().with_context(|| format!("cannot write {}", self.file.display()))
    }
}

fn fingerprint(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
