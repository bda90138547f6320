//! Plain data and functions: what the page knows and what follows from it.
//!
//! Tested natively. Leaves out signals (`stores`), the browser and all words.

pub mod answers;
pub mod ask;
pub mod assistant;
pub mod captions;
pub mod class;
pub mod codap;
pub mod credit;
pub mod draft;
pub mod embed;
pub mod exercise;
pub mod fact_cells;
pub mod fields;
pub mod figures;
pub mod files;
pub mod handout;
pub mod labels;
pub mod look;
pub mod notice;
pub mod offline;
pub mod outcomes;
pub mod overlay;
pub mod own_world;
pub mod phase;
pub mod picture;
pub mod plan;
pub mod prediction;
pub mod ratings;
pub mod recorded;
pub mod relearning;
pub mod run;
pub mod saved;
pub mod scores;
pub mod scorm;
pub mod seeds;
pub mod sent;
pub mod sentence;
pub mod series;
pub mod shelf;
pub mod site_files;
pub mod slow;
pub mod states;
pub mod story;
pub mod tuned;
