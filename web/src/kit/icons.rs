//! The page's few icons, drawn inline. All are decoration beside a text.

use leptos::prelude::*;

/// Which drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// Start.
    Play,
    /// Wait.
    Pause,
    /// One update.
    Step,
    /// Back to the beginning.
    Reset,
    /// A share link.
    Link,
    /// A page in another page.
    Frame,
    /// Light colours.
    Sun,
    /// Dark colours.
    Moon,
    /// An explanation.
    Info,
    /// Close it.
    Close,
    /// Right.
    Check,
    /// Wrong.
    Cross,
    /// Neither.
    Hedge,
    /// Outside the grammar.
    Broken,
    /// The engine.
    Chip,
    /// A file.
    Download,
    /// Something went wrong.
    Warning,
}

/// Draws an icon in the size of the text around it.
#[component]
pub fn Glyph(
    /// Which one.
    icon: Icon,
) -> impl IntoView {
    let path = match icon {
        Icon::Play => "M5 3.2v9.6a.6.6 0 0 0 .9.5l8-4.8a.6.6 0 0 0 0-1l-8-4.8a.6.6 0 0 0-.9.5Z",
        Icon::Pause => "M4 3h3v10H4zM9 3h3v10H9z",
        Icon::Step => "M3 3.2v9.6a.6.6 0 0 0 .9.5l6.6-4.8v4.5h2V3h-2v4.5L3.9 2.7a.6.6 0 0 0-.9.5Z",
        Icon::Reset => "M8 2.5a5.5 5.5 0 1 1-5.3 4h1.6A4 4 0 1 0 8 4v2.3L4.3 3.2 8 .2Z",
        Icon::Link => {
            "M6.6 9.4a.75.75 0 0 1 0-1.06l1.74-1.74a.75.75 0 1 1 1.06 1.06L7.66 9.4a.75.75 0 0 1-1.06 0ZM7.3 4.2l1.4-1.4a3.2 3.2 0 0 1 4.5 4.5l-1.4 1.4-1.06-1.06 1.4-1.4a1.7 1.7 0 0 0-2.4-2.4l-1.38 1.42ZM8.7 11.8l-1.4 1.4a3.2 3.2 0 0 1-4.5-4.5l1.4-1.4 1.06 1.06-1.4 1.4a1.7 1.7 0 0 0 2.4 2.4l1.38-1.42Z"
        }
        Icon::Frame => "M1.5 2.5h13v11h-13zM3 6v6h10V6z",
        Icon::Sun => {
            "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM7.25.5h1.5v2.5h-1.5zM7.25 13h1.5v2.5h-1.5zM.5 7.25H3v1.5H.5zM13 7.25h2.5v1.5H13zM2.2 3.26l1.06-1.06 1.77 1.77-1.06 1.06zM10.97 12.03l1.06-1.06 1.77 1.77-1.06 1.06zM2.2 12.74l1.77-1.77 1.06 1.06-1.77 1.77zM10.97 3.97l1.77-1.77 1.06 1.06-1.77 1.77z"
        }
        Icon::Moon => "M6.2 1.6a.5.5 0 0 1 .5.7A5.2 5.2 0 0 0 13.7 9.3a.5.5 0 0 1 .7.5A6.7 6.7 0 1 1 6.2 1.6Z",
        Icon::Info => {
            "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 1.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11ZM7.25 7.2h1.5v4h-1.5zM8 4.4a.95.95 0 1 1 0 1.9.95.95 0 0 1 0-1.9Z"
        }
        Icon::Close => {
            "m3.5 4.56 1.06-1.06L8 6.94l3.44-3.44 1.06 1.06L9.06 8l3.44 3.44-1.06 1.06L8 9.06 4.56 12.5 3.5 11.44 6.94 8z"
        }
        Icon::Check => "M6.3 12.3 2.2 8.2l1.2-1.2 2.9 2.9 6.3-6.3 1.2 1.2z",
        Icon::Cross => "m3.3 4.5 1.2-1.2L8 6.8l3.5-3.5 1.2 1.2L9.2 8l3.5 3.5-1.2 1.2L8 9.2l-3.5 3.5-1.2-1.2L6.8 8z",
        Icon::Hedge => {
            "M1.8 9.3C3 6.7 4.5 5.7 6.1 6.2c1.3.4 2.1 2 3.3 2.4.9.3 1.7-.2 2.6-1.9l1.9 1c-1.3 2.5-2.9 3.5-4.9 3-1.5-.4-2.3-2-3.4-2.4-.7-.2-1.2.2-1.9 1.8z"
        }
        Icon::Broken => "M6 4.5h4v2.6L8.8 9H7.2L6 7.1zM7 10.5h2v2H7z",
        Icon::Chip => {
            "M5 1h1.5v2h3V1H11v2h2v2h2v1.5h-2v3h2V11h-2v2h-2v2H9.5v-2h-3v2H5v-2H3v-2H1V9.5h2v-3H1V5h2V3h2zM4.5 4.5v7h7v-7zM6.5 6.5h3v3h-3z"
        }
        Icon::Download => "M7.25 1.5h1.5v6.2l2.2-2.2 1.06 1.06L8 10.6 3.99 6.56 5.05 5.5l2.2 2.2zM2.5 12.5h11V14h-11z",
        Icon::Warning => "M8 1.3 15.3 14H.7ZM7.25 6v4h1.5V6zm0 5.2v1.5h1.5v-1.5z",
    };
    view! {
        <svg class="glyph" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path d=path fill="currentColor" fill-rule="evenodd" />
        </svg>
    }
}
