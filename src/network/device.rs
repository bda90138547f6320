//! Between a device and the host: numbers up, numbers down, and what can go wrong on the way.

use std::marker::PhantomData;

use burn::tensor::{Element, Int, Tensor, TensorData, Transaction};

use crate::facts::error::Error;

/// Tensors that are read from the device together. Each is registered under a handle, and its numbers
/// are had back with that handle.
#[derive(Default)]
pub(crate) struct ReadBack {
    transaction: Transaction,
    registered: usize,
}

/// Which of the tensors of a [`ReadBack`], and what its numbers are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Handle<N> {
    place: usize,
    numbers: PhantomData<N>,
}

/// What was read.
pub(crate) struct OnHost(Vec<TensorData>);

impl ReadBack {
    /// Registers real numbers.
    pub(crate) fn floats<const D: usize>(&mut self, tensor: Tensor<D>) -> Handle<f32> {
        self.transaction = std::mem::take(&mut self.transaction).register(tensor);
        self.next()
    }

    /// Registers whole numbers: tokens or classes.
    pub(crate) fn ints<N: Element, const D: usize>(&mut self, tensor: Tensor<D, Int>) -> Handle<N> {
        self.transaction = std::mem::take(&mut self.transaction).register(tensor);
        self.next()
    }

    /// Reads all of them at once.
    ///
    /// # Errors
    /// [`Error::Device`] if the read fails.
    pub(crate) async fn read(self) -> Result<OnHost, Error> {
        Ok(OnHost(self.transaction.execute_async().await.map_err(device_error)?))
    }

    fn next<N>(&mut self) -> Handle<N> {
        self.registered += 1;
        Handle { place: self.registered - 1, numbers: PhantomData }
    }
}

impl OnHost {
    /// A tensor's numbers, row by row.
    pub(crate) fn get<N: Element>(&self, handle: Handle<N>) -> Vec<N> {
        self.0[handle.place].iter::<N>().collect()
    }
}

/// One tensor's numbers, row by row; one read of the device.
///
/// # Errors
/// [`Error::Device`] if the read fails.
pub(crate) async fn to_host<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, Error> {
    let mut read_back = ReadBack::default();
    let numbers = read_back.floats(tensor);
    Ok(read_back.read().await?.get(numbers))
}

/// What a backend says when it fails.
pub(crate) fn device_error(error: impl std::fmt::Display) -> Error {
    Error::Device(error.to_string())
}
