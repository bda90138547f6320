//! `hedgerow bench`: times the kernels.

use std::time::Instant;

use burn::tensor::Device;
use hedgerow::network::bench::{Bench, Workload};
use pollster::block_on;

/// Prints the fastest of some steps of each kind, in milliseconds and as a multiple of what burn
/// takes for the matrix products of a training step alone.
pub(super) fn bench(replicas: usize, steps: u32, device: &Device) -> anyhow::Result<()> {
    println!("fastest of {steps}, {replicas} replica(s)");
    println!("{:<12}{:>12}{:>12}{:>14}", "work", "ms", "ratio", "tokens/s");
    for config in ["A", "B"] {
        let mut bench = Bench::new(Workload::generate(config)?, replicas, device);
        let products = fastest(steps, || block_on(bench.products()))?;
        let train = fastest(steps, || block_on(bench.train(true)).map(drop))?;
        let sample = fastest(steps, || block_on(bench.sample(false, 0)).map(drop))?;
        for (work, ms, tokens) in
            [("products", products, None), ("train", train, Some(2048)), ("sample", sample, Some(1024))]
        {
            let pace = tokens.map_or(String::new(), |tokens| format!("{:.0}", 1e3 * (tokens * replicas) as f64 / ms));
            println!("{:<12}{ms:>12.2}{:>12.2}{pace:>14}", format!("{config} {work}"), ms / products);
        }
    }
    Ok(())
}

/// Milliseconds of the fastest of some calls, after one that does not count.
fn fastest(calls: u32, mut call: impl FnMut() -> Result<(), hedgerow::Error>) -> anyhow::Result<f64> {
    call()?;
    let mut best = f64::INFINITY;
    for _ in 0..calls {
        let began = Instant::now();
        call()?;
        best = best.min(began.elapsed().as_secs_f64() * 1e3);
    }
    Ok(best)
}
