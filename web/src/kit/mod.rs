//! How things look: components that get data and words, and know no store.

pub mod arm;
pub mod card;
pub mod chart;
pub mod deferred;
pub mod dial;
pub mod disclosure;
pub mod focus;
pub mod icons;
pub mod later;
pub mod marked;
pub mod menu;
pub mod near;
pub mod number_field;
pub mod number_input;
pub mod outcome;
pub mod popover;
pub mod refused;
pub mod seed_menu;
pub mod segmented;
pub mod told;
pub mod waiting;
pub mod width;
