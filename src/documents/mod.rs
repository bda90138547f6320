//! What is written down and sent: measurements, reports, messages, the published conditions. Plain
//! data, so that the page can hold them without a network.

pub mod conditions;
pub mod course;
pub mod example;
pub mod metrics;
pub mod named_facts;
pub mod own_world;
pub mod protocol;
pub mod quantity;
pub mod questions;
pub mod raters;
pub mod ratings;
pub mod report;
pub mod statistics;
