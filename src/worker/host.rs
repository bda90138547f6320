//! What a session and its engine need of the world around them.

use crate::Device;
use crate::documents::protocol::{EngineReason, Event};

/// What a session needs of the world around it.
pub trait Host {
    /// Sends an event to the page.
    fn send(&self, event: &Event);
    /// Milliseconds since some moment.
    fn now(&self) -> f64;
    /// Errors that were logged so far; WebGPU reports a failed kernel only there.
    fn logged_errors(&self) -> usize;
    /// Opens the GPU, once.
    ///
    /// # Errors
    /// Why there is none: [`EngineReason::NotBuilt`], [`EngineReason::NotOffered`],
    /// [`EngineReason::NotOpened`] or [`EngineReason::NotAnswered`].
    fn open_gpu(&self) -> impl Future<Output = Result<Gpu, EngineReason>>;
}

/// An opened GPU.
#[derive(Clone)]
pub struct Gpu {
    /// Where the tensors go.
    pub device: Device,
    /// As far as the browser tells.
    pub adapter: String,
    /// A software renderer.
    pub software: bool,
}
