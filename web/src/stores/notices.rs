//! Messages to the user.

use leptos::prelude::*;

use crate::model::notice::{Notice, NoticeCode};

/// The messages that are shown.
#[derive(Clone, Copy)]
pub struct Notices {
    /// The latest last.
    pub list: RwSignal<Vec<Notice>>,
}

impl Notices {
    /// None.
    #[expect(clippy::new_without_default, reason = "a signal belongs to the owner that makes it")]
    pub fn new() -> Self {
        Notices { list: RwSignal::new(Vec::new()) }
    }

    /// Tells the user something; the same message is not shown twice.
    pub fn tell(self, code: NoticeCode) {
        self.list.update(|notices| {
            notices.retain(|notice| notice.code != code);
            let id = notices.iter().map(|notice| notice.id + 1).max().unwrap_or(0);
            notices.push(Notice { id, code });
        });
    }

    /// Takes a message away.
    pub fn close(self, id: usize) {
        self.list.update(|notices| notices.retain(|notice| notice.id != id));
    }

    /// Takes all messages away.
    pub fn clear(self) {
        self.list.set(Vec::new());
    }
}
