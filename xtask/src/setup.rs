//! What the machine needs before anything is built or tested: the wasm target, the npm packages, and
//! the Python packages of the workflow.
//!
//! Each function does nothing when there is nothing to do, and says so when there is. The browser
//! is set up in `browser.rs`, because only the tests need one.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::process;

/// The oldest Node that the browser tests and wasm-opt run on.
const OLDEST_NODE: u32 = 20;

/// Makes sure that rustc can compile for the browser.
pub(crate) fn wasm_target() -> Result<()> {
    let sysroot = process::read(process::command("rustc").args(["--print", "sysroot"]))?;
    let target = Path::new(sysroot.trim()).join("lib/rustlib/wasm32-unknown-unknown");
    if target.is_dir() {
        return Ok(());
    }
    println!("set-up: adding the wasm32-unknown-unknown target");
    process::succeed(process::command("rustup").args(["target", "add", "wasm32-unknown-unknown"])).context(
        "Hedgerow compiles to WebAssembly; with rustup (https://rustup.rs) this is \
         `rustup target add wasm32-unknown-unknown`",
    )
}

/// Makes sure that `node_modules` holds exactly what `package-lock.json` lists.
pub(crate) fn npm_packages() -> Result<()> {
    let root = process::root();
    let lock = fs::read(root.join("package-lock.json")).context("cannot read package-lock.json")?;
    let installed = root.join("node_modules/.hedgerow-lock.json");
    if fs::read(&installed).is_ok_and(|bytes| bytes == lock) {
        return Ok(());
    }
    node()?;
    println!("set-up: installing the npm packages of package-lock.json");
    process::succeed(npm().args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))
        .context("npm could not install the packages; it needs the npm registry this once")?;
    fs::write(&installed, lock).with_context(|| format!("cannot write {}", installed.display()))
}

/// Node, once it is known to be new enough.
pub(crate) fn node() -> Result<Command> {
    let install = format!("install Node {OLDEST_NODE} or newer (https://nodejs.org), with npm");
    let version = process::read(process::command("node").arg("--version"))
        .with_context(|| format!("Node is missing: {install}"))?;
    match major(&version) {
        Some(found) if found >= OLDEST_NODE => Ok(process::command("node")),
        Some(_) | None => bail!("Node {} is too old: {install}", version.trim()),
    }
}

/// The Python of a virtual environment with exactly what `workflow/requirements.txt` lists.
pub(crate) fn python() -> Result<PathBuf> {
    let root = process::root();
    let lock = fs::read(root.join("workflow/requirements.txt")).context("cannot read workflow/requirements.txt")?;
    let venv = process::target_dir().join("xtask").join("venv");
    let python = venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let installed = venv.join("hedgerow-requirements.txt");
    if fs::read(&installed).is_ok_and(|bytes| bytes == lock) {
        return Ok(python);
    }
    println!("set-up: installing the Python packages of workflow/requirements.txt");
    let create = || process::succeed(process::command(find_python()?).args(["-m", "venv", "--clear"]).arg(&venv));
    if let Err(error) = create() {
        if !may_install() {
            return Err(error.context(format!("{PYTHON} (on Debian `apt-get install python3 python3-venv`)")));
        }
        apt_install(&["python3", "python3-venv"])?;
        create().context(PYTHON)?;
    }
    let mut pip = process::command(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    process::succeed(pip.arg("workflow/requirements.txt"))
        .context("pip could not install the packages; it needs PyPI this once")?;
    fs::write(&installed, lock).with_context(|| format!("cannot write {}", installed.display()))?;
    Ok(python)
}

/// What to say where there is no Python that would do.
const PYTHON: &str = "the workflow needs Python 3.11 or newer with venv: install it";

/// The first Python on the PATH that is new enough.
fn find_python() -> Result<&'static str> {
    const NEW_ENOUGH: &str = "import sys; sys.exit(sys.version_info < (3, 11))";
    let fits = |name: &&str| process::read(process::command(name).args(["-c", NEW_ENOUGH])).is_ok();
    ["python3", "python", "/usr/bin/python3"].into_iter().find(fits).context(PYTHON)
}

/// May packages of the system be installed without asking?
pub(crate) fn may_install() -> bool {
    let root = process::read(process::command("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    root && Path::new("/usr/bin/apt-get").is_file()
}

/// Installs packages of a Debian.
pub(crate) fn apt_install(packages: &[&str]) -> Result<()> {
    // To stderr: `cargo xtask browser` prints the path alone.
    eprintln!("set-up: installing {} with apt-get", packages.join(" "));
    let apt_get = |args: &[&str]| {
        let mut command = process::command("apt-get");
        command.args(args).env("DEBIAN_FRONTEND", "noninteractive").stdout(std::io::stderr());
        process::succeed(&mut command)
    };
    apt_get(&["update"])?;
    apt_get(&[&["install", "--yes", "--no-install-recommends"], packages].concat())
}

/// A file of an installed npm package.
pub(crate) fn npm_file(path: &str) -> PathBuf {
    process::root().join("node_modules").join(path)
}

fn npm() -> Command {
    process::command(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// The 20 of `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    let digits = version.trim().trim_start_matches('v').split('.').next()?;
    digits.parse().ok()
}
