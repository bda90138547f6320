//! How arms look: colour, dash and marker follow from an arm's family and its place in it. Each family has looks for
//! three more arms than there are.
//!
//! Arms of one kind share a colour, and dash and marker tell every arm without its colour. Leaves
//! out the colours' values (style/tokens.css) and the drawing (`kit`).

use hedgerow::judgement::arms::Family;
use hedgerow::judgement::experiment::Arm;

/// How an arm's line looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Names the class and, after two dashes, the custom property of its colour.
    pub colour: &'static str,
    /// Lengths of dashes and gaps in CSS pixels; empty for a solid line.
    pub dash: &'static [f64],
    /// The shape on its points.
    pub marker: Marker,
}

/// A shape on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// A disc.
    Circle,
    /// A square.
    Square,
    /// A triangle.
    Triangle,
    /// A square on its corner.
    Diamond,
    /// A triangle on its corner.
    Wedge,
    /// A cross with upright arms.
    Plus,
}

impl Marker {
    /// Its corners around its middle, where a disc would have the radius 1; none of a disc.
    pub fn corners(self) -> &'static [(f64, f64)] {
        match self {
            Marker::Circle => &[],
            Marker::Square => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
            Marker::Triangle => &[(0.0, -1.2), (1.1, 0.9), (-1.1, 0.9)],
            Marker::Diamond => &[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)],
            Marker::Wedge => &[(0.0, 1.2), (1.1, -0.9), (-1.1, -0.9)],
            Marker::Plus => &[
                (-0.4, -1.2),
                (0.4, -1.2),
                (0.4, -0.4),
                (1.2, -0.4),
                (1.2, 0.4),
                (0.4, 0.4),
                (0.4, 1.2),
                (-0.4, 1.2),
                (-0.4, 0.4),
                (-1.2, 0.4),
                (-1.2, -0.4),
                (-0.4, -0.4),
            ],
        }
    }
}

const SOLID: &[f64] = &[];
const LONG: &[f64] = &[9.0, 4.0];
const DOTS: &[f64] = &[2.0, 4.0];
const DASH_DOT: &[f64] = &[9.0, 3.0, 2.0, 3.0];

const fn a(colour: &'static str, dash: &'static [f64], marker: Marker) -> Look {
    Look { colour, dash, marker }
}

/// The looks of a family's arms, in their order.
fn family(family: Family) -> &'static [Look] {
    const SHORT: &[f64] = &[5.0, 3.0];
    const DASH_DOTS: &[f64] = &[5.0, 3.0, 2.0, 3.0, 2.0, 3.0];
    const LONGER: &[f64] = &[14.0, 4.0];
    const DENSE: &[f64] = &[1.0, 3.0];
    const SCALAR: &[Look] = &[
        a("arm-scalar", SOLID, Marker::Circle),
        a("arm-scalar-without", DOTS, Marker::Triangle),
        a("arm-scalar-without", SHORT, Marker::Circle),
        a("arm-scalar", SHORT, Marker::Diamond),
        a("arm-scalar", SHORT, Marker::Wedge),
    ];
    const STRUCTURED: &[Look] = &[
        a("arm-structured", LONG, Marker::Square),
        a("arm-structured-with", DASH_DOT, Marker::Diamond),
        a("arm-framing", DASH_DOT, Marker::Wedge),
        a("arm-structured-with", LONG, Marker::Wedge),
        a("arm-structured", DOTS, Marker::Plus),
        a("arm-structured", DASH_DOTS, Marker::Circle),
        a("arm-structured-with", DASH_DOTS, Marker::Triangle),
        a("arm-structured", DASH_DOTS, Marker::Diamond),
    ];
    const PENALTY: &[Look] = &[
        a("arm-scalar", LONG, Marker::Triangle),
        a("arm-framing", SOLID, Marker::Square),
        a("arm-framing", DOTS, Marker::Diamond),
        a("arm-framing", LONGER, Marker::Circle),
        a("arm-framing", LONGER, Marker::Triangle),
        a("arm-framing", LONGER, Marker::Plus),
    ];
    const NOISE: &[Look] = &[
        a("arm-noise", SOLID, Marker::Plus),
        a("arm-noise", DENSE, Marker::Circle),
        a("arm-noise", DENSE, Marker::Square),
        a("arm-noise", DENSE, Marker::Triangle),
    ];
    match family {
        Family::Scalar => SCALAR,
        Family::Structured => STRUCTURED,
        Family::Penalty => PENALTY,
        Family::Noise => NOISE,
    }
}

/// An arm's look among those of several runs: colour and marker tell the arm, and the dash tells the run.
pub fn look_in_run(arm: Arm, run: usize) -> Look {
    const DASHES: [&[f64]; 4] = [SOLID, LONG, DOTS, DASH_DOT];
    Look { dash: DASHES[run % DASHES.len()], ..look(arm) }
}

/// An arm's look where the same chart has another line of it.
pub fn look_beside(arm: Arm) -> Look {
    let own = look(arm);
    Look { dash: if own.dash == DOTS { SOLID } else { DOTS }, ..own }
}

/// An arm's look.
pub fn look(arm: Arm) -> Look {
    let looks = family(arm.spec().family);
    looks[arm.place_in_family() % looks.len()]
}

impl Look {
    /// The class that carries the arm's colour.
    pub fn class(self) -> String {
        format!("arm {}", self.colour)
    }

    /// The custom property that holds the arm's colour.
    pub fn property(self) -> String {
        format!("--{}", self.colour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lines_of_an_arm_can_be_told_apart() {
        for arm in Arm::ALL {
            assert_ne!(look(arm), look_beside(arm));
        }
    }

    /// In one run by dash and marker, without the colour; in four runs by colour and marker.
    #[test]
    fn arms_can_be_told_apart_and_so_can_those_that_there_may_be() {
        let families = [Family::Scalar, Family::Structured, Family::Penalty, Family::Noise];
        let looks: Vec<Look> = families.into_iter().flat_map(family).copied().collect();
        for (index, look) in looks.iter().enumerate() {
            for other in &looks[..index] {
                assert!((look.dash, look.marker) != (other.dash, other.marker), "{look:?} and {other:?}");
                assert!((look.colour, look.marker) != (other.colour, other.marker), "{look:?} and {other:?}");
            }
        }
        for arm in Arm::ALL {
            assert!(arm.place_in_family() < family(arm.spec().family).len(), "its family needs a look for {arm:?}");
        }
    }
}
