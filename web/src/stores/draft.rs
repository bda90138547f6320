//! The settings as the user sees them; a link carries them.

use hedgerow::judgement::experiment::Experiment;
use leptos::prelude::*;

use crate::link::ViewMode;
use crate::model::draft::{Compared, mode_of};

/// What would be run now.
#[derive(Clone, Copy)]
pub struct Draft {
    /// The experiment.
    pub experiment: RwSignal<Experiment>,
    /// One model or several.
    pub mode: RwSignal<ViewMode>,
}

impl Draft {
    /// These settings.
    pub fn new(experiment: Experiment, mode: ViewMode) -> Self {
        Draft { experiment: RwSignal::new(experiment), mode: RwSignal::new(mode) }
    }

    /// Something about the experiment; its readers are told when it changes.
    pub fn memo<T>(self, read: impl Fn(&Experiment) -> T + Send + Sync + 'static) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| self.experiment.with(&read))
    }

    /// Changes the experiment, and looks at one model or several as it then has.
    pub fn change(self, change: impl FnOnce(&mut Experiment)) {
        self.experiment.update(change);
        self.mode.set(mode_of(&self.experiment.read_untracked().arms));
    }

    /// Changes the experiment if it can be run afterwards.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn try_change(self, change: impl FnOnce(&mut Experiment)) -> Result<(), hedgerow::Error> {
        let mut draft = self.experiment.get_untracked();
        change(&mut draft);
        draft.validate()?;
        self.experiment.set(draft);
        Ok(())
    }

    /// Other arms; what does not fit them goes along.
    pub fn compare(self, compared: Compared) {
        self.mode.set(compared.mode());
        self.experiment.update(|draft| draft.set_arms(compared.arms()));
    }
}
