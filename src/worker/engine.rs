//! Which device a worker computes on: the CPU, or a GPU that was found to agree with it.

use std::rc::Rc;

use crate::documents::protocol::{EngineChoice, EngineKind, EnginePreference, EngineReason, GpuCheck};
use crate::judgement::experiment::Experiment;
use crate::kernels::fits_gpu;
use crate::rl::finetune::{BaseModel, largest_batches};
use crate::worker::host::{Gpu, Host};
use crate::worker::self_check::{self, Load, Outputs, TOLERANCE};
use crate::{Device, Error};

/// A device, and why it is this one.
pub(super) struct Engine {
    pub(super) device: Device,
    pub(super) choice: EngineChoice,
    /// If it is a GPU.
    pub(super) watch: Option<Rc<Watch>>,
    /// Of the engine that the page last heard of.
    pub(super) told: EngineReason,
}

impl Engine {
    /// Checks what there is against the CPU, and takes what the user wants of what is correct.
    ///
    /// # Errors
    /// [`Error::Device`] if the CPU fails.
    pub(super) async fn choose(
        host: &impl Host,
        preference: EnginePreference,
        replicas: usize,
    ) -> Result<Engine, Error> {
        let cpu = Device::flex();
        let load = Load { replicas, prompts: 16, completions: 8 };
        let one = Load { replicas: 1, ..load };
        let opened = match preference {
            EnginePreference::Cpu => Err(EngineReason::ChosenCpu),
            EnginePreference::Auto | EnginePreference::Gpu => host.open_gpu().await,
        };
        let Gpu { device, adapter, software } = match opened {
            Ok(gpu) => gpu,
            Err(reason) => {
                let (_, cpu_ms) = timed(host, one, &cpu).await?;
                let (kind, cpu_model_ms) = (EngineKind::Cpu, cpu_ms);
                return Ok(Engine::new(cpu, EngineChoice { kind, reason, cpu_ms, cpu_model_ms, gpu: None }));
            }
        };
        // A software adapter computes a full update in minutes: it gets a small one.
        let load = if software { Load { replicas, prompts: 1, completions: 2 } } else { load };
        let errors = host.logged_errors();
        let (expected, cpu_ms) = timed(host, load, &cpu).await?;
        let cpu_model_ms = if software { timed(host, one, &cpu).await?.1 } else { cpu_ms / replicas as f64 };
        let (largest_difference, ms) = match timed(host, load, &device).await {
            Ok((outputs, ms)) => (outputs.largest_difference(&expected).0, ms),
            Err(_) => (f32::INFINITY, f64::INFINITY),
        };
        let correct = largest_difference <= TOLERANCE && host.logged_errors() == errors;
        let (kind, reason) = if !correct {
            (EngineKind::Cpu, EngineReason::Differs)
        } else if preference == EnginePreference::Gpu {
            (EngineKind::Gpu, EngineReason::ChosenGpu)
        } else if software {
            (EngineKind::Cpu, EngineReason::Software)
        } else if ms < cpu_ms {
            (EngineKind::Gpu, EngineReason::Faster(cpu_ms / ms))
        } else {
            (EngineKind::Cpu, EngineReason::Slower(ms / cpu_ms))
        };
        let device = match kind {
            EngineKind::Cpu => cpu,
            EngineKind::Gpu => device,
        };
        let watch = match kind {
            EngineKind::Cpu => None,
            EngineKind::Gpu => Some(Rc::new(Watch::new(device.clone(), errors).await?)),
        };
        let gpu = Some(GpuCheck { adapter, software, ms, largest_difference, correct });
        Ok(Engine { watch, ..Engine::new(device, EngineChoice { kind, reason, cpu_ms, cpu_model_ms, gpu }) })
    }

    fn new(device: Device, choice: EngineChoice) -> Self {
        Engine { device, told: choice.reason.clone(), choice, watch: None }
    }

    /// The device for a run of these models, and what watches it. A GPU computes only what fits its kernels; the rest
    /// is for the CPU.
    pub(super) fn for_run(
        &self,
        experiment: &Experiment,
        models: &[BaseModel],
    ) -> (Device, Option<Rc<Watch>>, EngineChoice) {
        let fits = |model: &BaseModel| {
            largest_batches(experiment, &model.corpus).into_iter().all(|batch| fits_gpu(&model.config, batch).is_ok())
        };
        match self.choice.kind == EngineKind::Gpu && !models.iter().all(fits) {
            true => {
                let (kind, reason) = (EngineKind::Cpu, EngineReason::TooLargeForGpu);
                (Device::flex(), None, EngineChoice { kind, reason, ..self.choice.clone() })
            }
            false => (self.device.clone(), self.watch.clone(), self.choice.clone()),
        }
    }
}

/// Compares a GPU with the CPU again and again while it computes: a device that was right when it was chosen can begin
/// to return anything. The work is the smallest that uses every kernel.
pub(super) struct Watch {
    device: Device,
    /// What the CPU makes of it.
    expected: Outputs,
    /// Errors that were logged before the device was chosen.
    errors: usize,
}

impl Watch {
    const LOAD: Load = Load { replicas: 1, prompts: 1, completions: 2 };

    async fn new(device: Device, errors: usize) -> Result<Watch, Error> {
        Ok(Watch { device, expected: self_check::run(Watch::LOAD, &Device::flex()).await?, errors })
    }

    /// # Errors
    /// [`Error::Differs`] if the GPU computes something else, or if an error was logged; [`Error::Device`] if it fails.
    pub(super) async fn look(&self, host: &impl Host) -> Result<(), Error> {
        let (difference, what) = self_check::run(Watch::LOAD, &self.device).await?.largest_difference(&self.expected);
        if host.logged_errors() != self.errors {
            return Err(Error::Differs("log".into()));
        }
        if difference <= TOLERANCE { Ok(()) } else { Err(Error::Differs(what.into())) }
    }
}

/// The second of two passes: the first one compiles kernels.
async fn timed(host: &impl Host, load: Load, device: &Device) -> Result<(self_check::Outputs, f64), Error> {
    self_check::run(load, device).await?;
    let before = host.now();
    let outputs = self_check::run(load, device).await?;
    Ok((outputs, host.now() - before))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pollster::block_on;

    struct Quiet;

    impl Host for Quiet {
        fn send(&self, _: &crate::documents::protocol::Event) {}

        fn now(&self) -> f64 {
            0.0
        }

        fn logged_errors(&self) -> usize {
            0
        }

        async fn open_gpu(&self) -> Result<Gpu, EngineReason> {
            Err(EngineReason::NotOffered)
        }
    }

    #[test]
    fn a_device_that_goes_wrong_later_is_found_out() {
        let mut watch = block_on(Watch::new(Device::flex(), 0)).unwrap();
        assert_eq!(block_on(watch.look(&Quiet)), Ok(()));
        let (what, numbers) = watch.expected.numbers.last_mut().unwrap();
        let what = what.to_string();
        numbers[0] += 1.0;
        assert_eq!(block_on(watch.look(&Quiet)), Err(Error::Differs(what)));
    }
}
