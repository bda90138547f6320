//! The engine worker: a [`Session`] behind the message port of a dedicated module worker.

#[cfg(target_arch = "wasm32")]
fn main() {
    hedgerow_web::engine::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("the engine runs in a browser's worker; `cargo xtask demo` serves it");
}
