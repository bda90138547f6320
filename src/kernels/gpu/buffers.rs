//! How CubeCL keeps the memory of tensors.

use burn_cubecl::cubecl;
use cubecl::config::memory::{MemoryConfig, PersistentMemory};
use cubecl::config::{CubeClRuntimeConfig, RuntimeConfig};

/// Keeps every buffer for the next tensor of its size. CubeCL's pools let go of a page that 5,000 allocations did
/// not need and make another later, and in a browser wgpu drops a buffer without destroying it (`impl Drop for
/// WebBuffer` in wgpu 30 does nothing). The laboratory's tensors have few sizes.
///
/// To be called before the first device is opened; later it changes nothing.
pub fn keep_buffers() {
    let memory = MemoryConfig { persistent_memory: PersistentMemory::Enforced, ..Default::default() };
    CubeClRuntimeConfig::try_set(CubeClRuntimeConfig { memory, ..Default::default() });
}
