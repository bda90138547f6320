//! Text in HTML and XML.

/// Text as HTML and XML hold it, in attributes too.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
