//! Where in a text something is wrong.

/// What is wrong, and on which line of the text, counted from 0.
pub(super) type Fault = (usize, String);

/// The line of a byte, counted from 0.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count()
}
