//! Between a device and the host: numbers up, numbers down, and what can go wrong on the way.

use burn::tensor::Tensor;

use crate::facts::error::Error;

/// A tensor's numbers, row by row; one read of the device.
///
/// # Errors
/// [`Error::Device`] if the read fails.
pub(crate) async fn to_host<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, Error> {
    let data = tensor.into_data_async().await.map_err(device_error)?;
    data.try_to_vec().map_err(|error| Error::Device(format!("{error:?}")))
}

/// What a backend says when it fails.
pub(crate) fn device_error(error: impl std::fmt::Display) -> Error {
    Error::Device(error.to_string())
}
