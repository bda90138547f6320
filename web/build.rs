//! Asks the linker to leave in the page's wasm what `cargo xtask` needs to take panels out of it
//! (`xtask/src/wasm.rs`).

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
}
