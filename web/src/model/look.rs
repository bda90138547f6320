//! How arms look: colour, dash and marker follow from an arm's family and its place in it.
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

const MARKERS: [Marker; 6] =
    [Marker::Circle, Marker::Square, Marker::Triangle, Marker::Diamond, Marker::Wedge, Marker::Plus];

const fn a(colour: &'static str, dash: &'static [f64], marker: Marker) -> Look {
    Look { colour, dash, marker }
}

/// The looks of a family's first arms, and the dash of those after them.
fn family(family: Family) -> (&'static [Look], &'static [f64]) {
    const SCALAR: &[Look] = &[a("arm-scalar", SOLID, Marker::Circle), a("arm-scalar-without", DOTS, Marker::Triangle)];
    const STRUCTURED: &[Look] = &[
        a("arm-structured", LONG, Marker::Square),
        a("arm-structured-with", DASH_DOT, Marker::Diamond),
        a("arm-framing", DASH_DOT, Marker::Wedge),
        a("arm-structured-with", LONG, Marker::Wedge),
        a("arm-structured", DOTS, Marker::Plus),
    ];
    const PENALTY: &[Look] = &[
        a("arm-scalar", LONG, Marker::Triangle),
        a("arm-framing", SOLID, Marker::Square),
        a("arm-framing", DOTS, Marker::Diamond),
    ];
    const NOISE: &[Look] = &[a("arm-noise", SOLID, Marker::Plus)];
    match family {
        Family::Scalar => (SCALAR, &[5.0, 3.0]),
        Family::Structured => (STRUCTURED, &[5.0, 3.0, 2.0, 3.0, 2.0, 3.0]),
        Family::Penalty => (PENALTY, &[14.0, 4.0]),
        Family::Noise => (NOISE, &[1.0, 3.0]),
    }
}

/// The look at a place of a family.
fn at(of: Family, place: usize) -> Look {
    let (looks, dash) = family(of);
    looks.get(place).copied().unwrap_or_else(|| Look {
        colour: looks[place % looks.len()].colour,
        dash,
        marker: MARKERS[place % MARKERS.len()],
    })
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
    at(arm.spec().family, arm.place_in_family())
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
    fn arms_can_be_told_apart_without_their_colours() {
        for (index, arm) in Arm::ALL.into_iter().enumerate() {
            for other in &Arm::ALL[..index] {
                let (look, other) = (look(arm), look(*other));
                assert!((look.dash, look.marker) != (other.dash, other.marker), "{look:?} and {other:?}");
            }
        }
    }

    #[test]
    fn two_lines_of_an_arm_can_be_told_apart() {
        for arm in Arm::ALL {
            assert_ne!(look(arm), look_beside(arm));
        }
    }

    #[test]
    fn the_arms_of_four_runs_can_be_told_apart() {
        let looks: Vec<Look> = (0..4).flat_map(|run| Arm::ALL.map(|arm| look_in_run(arm, run))).collect();
        for (index, look) in looks.iter().enumerate() {
            assert!(!looks[..index].contains(look), "{look:?}");
        }
    }

    #[test]
    fn six_more_arms_of_each_family_could_be_told_apart_as_well() {
        let families = [Family::Scalar, Family::Structured, Family::Penalty, Family::Noise];
        let looks: Vec<Look> =
            families.iter().flat_map(|of| (0..family(*of).0.len() + 6).map(|place| at(*of, place))).collect();
        for (index, look) in looks.iter().enumerate() {
            for other in &looks[..index] {
                assert!((look.dash, look.marker) != (other.dash, other.marker), "{look:?} and {other:?}");
            }
        }
    }
}
