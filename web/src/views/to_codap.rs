//! Rows on their way to CODAP, and what has become of them.

use leptos::prelude::*;

use crate::lab::Lab;
use crate::model::codap::{Case, Failure};
use crate::text::codap::message;
use crate::text::later::later;

/// Where they are.
#[derive(Clone, PartialEq)]
enum State {
    /// Nothing was sent.
    None,
    /// They are on their way.
    Busy,
    /// CODAP has as many.
    There(usize),
    /// It has not.
    Failed(Failure),
}

/// The rows of one source.
#[derive(Clone, Copy)]
pub struct ToCodap {
    lab: Lab,
    state: RwSignal<State>,
}

impl ToCodap {
    /// Where CODAP is around the page.
    pub fn new(lab: Lab) -> Option<Self> {
        lab.is_in_codap().then(|| ToCodap { lab, state: RwSignal::new(State::None) })
    }

    /// Are rows on their way? Tracks.
    pub fn is_busy(self) -> bool {
        self.state.with(|state| *state == State::Busy)
    }

    /// Sends rows, in the place of those of the same source.
    pub fn send(self, from: &str, cases: &[Case]) {
        let count = cases.len();
        self.state.set(State::Busy);
        self.lab.send_to_codap(message(from, cases), move |sent| {
            self.state.set(sent.map_or_else(State::Failed, |()| State::There(count)));
        });
    }

    /// What has become of them, for a place that is read aloud.
    pub fn said(self) -> impl IntoView {
        let words = &later().codap;
        let said = move || match self.state.get() {
            State::None => None,
            State::Busy => Some(words.sending.to_owned()),
            State::There(count) => Some(words.sent.count(count)),
            State::Failed(Failure::Silent) => Some(words.silent.to_owned()),
            State::Failed(Failure::Refused(reason)) => Some(words.refused(reason)),
        };
        let failed = move || self.state.with(|state| matches!(state, State::Failed(_)));
        view! { <span class:problem=failed role="status">{said}</span> }
    }
}
