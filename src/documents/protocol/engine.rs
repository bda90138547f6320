//! The devices that a worker can compute on, and why it took the one it has.

use serde::{Deserialize, Serialize};

/// Which engine the user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnginePreference {
    /// The faster one that agrees with the CPU.
    Auto,
    /// The CPU, whatever there is.
    Cpu,
    /// WebGPU, if it is there and agrees with the CPU.
    Gpu,
}

/// Where the tensors live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineKind {
    /// burn's flex backend with SIMD, in WebAssembly.
    Cpu,
    /// burn's wgpu backend on WebGPU.
    Gpu,
}

/// What came of checking the engines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EngineChoice {
    /// The engine that trains.
    pub kind: EngineKind,
    /// Why this one.
    pub reason: EngineReason,
    /// Milliseconds of the self-check's update on the CPU.
    pub cpu_ms: f64,
    /// Milliseconds of an update of one model on the CPU, at the shapes of the default run.
    pub cpu_model_ms: f64,
    /// What the GPU did in the self-check; `None` if there was none to check.
    pub gpu: Option<GpuCheck>,
}

/// Why an engine was chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum EngineReason {
    /// The CPU: the user wants it.
    ChosenCpu,
    /// The CPU: the worker's file holds no WebGPU. It is loaded where the browser offers none.
    NotBuilt,
    /// The CPU: the browser offers no WebGPU to a worker.
    NotOffered,
    /// The CPU: WebGPU is there and could not be opened. Holds the browser's words.
    NotOpened(String),
    /// The CPU: WebGPU did not answer in time.
    NotAnswered,
    /// The CPU: WebGPU computed something else in the self-check.
    Differs,
    /// WebGPU: the user wants it, and it agrees with the CPU.
    ChosenGpu,
    /// The CPU: WebGPU agrees with it and is a software renderer.
    Software,
    /// WebGPU: it agrees with the CPU and is so many times as fast.
    Faster(f64),
    /// The CPU: WebGPU agrees with it and takes so many times as long.
    Slower(f64),
    /// The CPU: the run's models do not fit into the memory that a kernel of the GPU has for each answer.
    TooLargeForGpu,
}

/// A WebGPU adapter in the self-check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GpuCheck {
    /// As far as the browser tells.
    pub adapter: String,
    /// A software renderer.
    pub software: bool,
    /// Milliseconds of one update.
    pub ms: f64,
    /// Largest difference to the CPU over logits, loss and updated weights.
    pub largest_difference: f32,
    /// Within the tolerance and without a logged error.
    pub correct: bool,
}
