//! What several panels show of the run that is drawn: parts with stores.

pub mod drawn;
pub mod outcomes;
pub mod report;
pub mod save_picture;
pub mod share;
pub mod to_codap;
