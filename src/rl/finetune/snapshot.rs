//! A run as plain numbers, and back.

use burn::tensor::{Device, Tensor, TensorData};

use super::{BaseModel, Finetune};
use crate::documents::protocol::Snapshot;
use crate::facts::error::{CheckpointFault, Error};
use crate::network::device::to_host;

impl Finetune {
    /// The state as plain numbers; reads the device.
    ///
    /// # Errors
    /// [`Error::NotFinite`] if the last update went wrong; the state before it is restored.
    /// [`Error::Device`] if a read fails.
    pub async fn snapshot(&mut self) -> Result<Snapshot, Error> {
        let gradient_norms = to_host(self.state.gradient_norm.clone()).await?;
        self.require_finite(&gradient_norms)?;
        let moments = self.state.optimiser.read_moments().await?;
        let weights = to_host(self.state.weights.clone()).await?;
        let (experiment, replicas, arms) = (self.experiment.clone(), self.replicas.clone(), self.arms.clone());
        Ok(Snapshot {
            experiment,
            replicas,
            arms,
            rater: self.rater,
            person: self.person.clone(),
            judge: self.judge,
            update: self.state.update,
            weights,
            moments,
            gradient_norms,
        })
    }

    /// Goes on from a snapshot.
    ///
    /// # Errors
    /// As [`Finetune::new`]; [`Error::Checkpoint`] if the snapshot
    /// does not fit the base models.
    pub fn restore(snapshot: Snapshot, bases: &[BaseModel], device: &Device) -> Result<Self, Error> {
        let Snapshot { experiment, replicas, arms, rater, person, judge, update, weights, moments, gradient_norms } =
            snapshot;
        let mut run = Finetune::new(experiment, replicas, bases, device)?;
        let shape = [run.replicas.len(), run.model.parameters()];
        let length = shape[0] * shape[1];
        if weights.len() != length || [arms.len(), gradient_norms.len()] != [shape[0]; 2] {
            return Err(CheckpointFault::OtherModels.into());
        }
        run.fit_base_probes();
        run.change_reward(rater, arms, person)?;
        run.set_judge(judge)?;
        run.state.update = update;
        run.state.weights = Tensor::from_data(TensorData::new(weights, shape), device);
        run.state.gradient_norm = Tensor::from_data(TensorData::new(gradient_norms, [shape[0]]), device);
        run.state.optimiser.restore(moments, &run.state.weights)?;
        Ok(run)
    }
}
