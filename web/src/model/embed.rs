//! The page inside another page: what its address asks for after the question mark, and the lines that put it there.
//!
//! `?embed` shows the controls and the great figure; `?embed=scores,credit` shows these panels. `theme=dark` or
//! `theme=light` is the host's choice of colours. The settings stand in the fragment, as ever.

/// The panels of an address that names none.
const PANELS: [&str; 2] = ["controls", "outcomes"];

/// What the host of the page asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Embed {
    panels: Vec<String>,
    /// Dark colours, light ones, or the system's choice.
    pub dark: Option<bool>,
}

impl Embed {
    /// Reads the part of an address from the question mark on; `None` for a page that stands by itself.
    pub fn read(search: &str) -> Option<Self> {
        let parameters = search.trim_start_matches('?').split('&');
        let parameters = parameters.map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")));
        let value = |name| parameters.clone().find(|(found, _)| *found == name).map(|(_, value)| value);
        // Some programs write a comma as its code.
        let named = value("embed")?.replace("%2C", ",").replace("%2c", ",");
        let mut panels: Vec<String> = named.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        if panels.is_empty() {
            panels = PANELS.map(str::to_owned).to_vec();
        }
        let dark = value("theme").and_then(|theme| match theme {
            "dark" => Some(true),
            "light" => Some(false),
            _ => None,
        });
        Some(Embed { panels, dark })
    }

    /// Is this panel among those that are shown? What went wrong is always said.
    pub fn shows(&self, panel: &str) -> bool {
        panel == "notices" || self.panels.iter().any(|shown| shown == panel)
    }
}

/// The address of the page by itself, from one that may be in another page.
pub fn whole_page(link: &str) -> String {
    let (page, fragment) = link.split_once('#').unwrap_or((link, ""));
    let page = page.split('?').next().unwrap_or_default();
    if fragment.is_empty() { page.to_owned() } else { format!("{page}#{fragment}") }
}

/// The lines of HTML that show a run inside another page, with the height that the page asks for.
pub fn snippet(link: &str, title: &str) -> String {
    let whole = whole_page(link);
    let (page, fragment) = whole.split_once('#').unwrap_or((&whole, ""));
    let address = if fragment.is_empty() { format!("{page}?embed") } else { format!("{page}?embed#{fragment}") };
    let address = address.replace('&', "&amp;").replace('"', "&quot;");
    format!(
        "<iframe src=\"{address}\" title=\"{title}\" width=\"100%\" height=\"900\" style=\"border: 0\" \
         sandbox=\"allow-scripts allow-same-origin allow-downloads allow-popups\" allow=\"clipboard-write\"></iframe>\n\
         <script>addEventListener(\"message\", ({{ source, data }}) => {{ for (const frame of \
         document.querySelectorAll(\"iframe\")) if (frame.contentWindow === source && data?.hedgerow === \"height\") \
         frame.height = data.height; }});</script>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_chooses_panels_and_colours() {
        let embed = |search| Embed::read(search).unwrap();
        for (search, shown, hidden) in [
            ("?embed", "outcomes", "answers"),
            ("?embed=", "controls", "method"),
            ("?embed=credit,answers", "answers", "controls"),
            ("?utm_source=x&embed=credit%2Canswers", "credit", "scores"),
        ] {
            assert!(embed(search).shows(shown) && !embed(search).shows(hidden), "{search}");
            assert!(embed(search).shows("notices"), "{search}");
        }
        assert_eq!(embed("?embed&theme=dark").dark, Some(true));
        assert_eq!(embed("?theme=light&embed").dark, Some(false));
        assert_eq!(embed("?embed&theme=purple").dark, None);
        for search in ["", "?", "?theme=dark", "?embedded", "?x=embed"] {
            assert_eq!(Embed::read(search), None, "{search}");
        }
    }

    #[test]
    fn a_snippet_holds_the_settings_and_no_letter_that_ends_it() {
        let html = snippet("https://a.example/lab/?utm_source=x#s=4&rater=\"touchy\"", "Hedgerow");
        assert!(html.contains(r#"src="https://a.example/lab/?embed#s=4&amp;rater=&quot;touchy&quot;""#), "{html}");
        assert!(snippet("https://a.example/", "Hedgerow").contains(r#"src="https://a.example/?embed""#));
    }
}
