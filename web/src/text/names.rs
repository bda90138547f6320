//! Names of what errors and files speak of by its id, and the numbers that have one.

use hedgerow::documents::metrics::Number;
use hedgerow::judgement::experiment::Arm;
use hedgerow::judgement::settings;

use super::text;

/// Numbers of an update that the page draws.
pub(super) const NUMBERS: [Number; 5] =
    [Number::Scalar, Number::Proxy, Number::FlatGroups, Number::Kl, Number::Entropy];

/// The name of one of the core's settings, or the path itself if there is no such setting.
pub(super) fn setting_named(path: &str) -> &str {
    settings::setting(path).map_or(path, |known| text().setting_names.get(known.path))
}

/// The arm's name for people, or the id itself if this page does not have it.
pub(super) fn arm_named(id: &str) -> &str {
    Arm::from_id(id).map_or(id, |known| text().arms.get(known.id()).name)
}
