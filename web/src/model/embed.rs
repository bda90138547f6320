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

    /// Is this panel among those that are shown? What went wrong is always said. The states stand in the panel of facts.
    pub fn shows(&self, panel: &str) -> bool {
        panel == "notices" || self.names(panel) || (panel == "facts" && self.names("states"))
    }

    /// Does the address name this part of the page?
    pub fn names(&self, part: &str) -> bool {
        self.panels.iter().any(|shown| shown == part)
    }
}

/// Of the part of an address from the question mark on: the language, or else all the rest.
pub fn parameters(search: &str, is_language: bool) -> String {
    let mut kept = String::new();
    for parameter in search.trim_start_matches('?').split('&') {
        if parameter.starts_with("lang=") == is_language && !parameter.is_empty() {
            add_parameter(&mut kept, parameter);
        }
    }
    kept
}

/// Adds a parameter to an address without a fragment.
pub fn add_parameter(address: &mut String, parameter: &str) {
    address.push(if address.contains('?') { '&' } else { '?' });
    *address += parameter;
}

/// The address of the page by itself, from one that may be in another page. A language that it asks for stays.
pub fn whole_page(link: &str) -> String {
    with_fragment(page_of(link), link)
}

/// The address without its fragment and all that it asks for but a language.
pub fn page_of(link: &str) -> String {
    let page = link.split('#').next().unwrap_or_default();
    let (page, search) = page.split_once('?').unwrap_or((page, ""));
    page.to_owned() + &parameters(search, true)
}

fn with_fragment(page: String, link: &str) -> String {
    match link.split_once('#') {
        Some((_, fragment)) if !fragment.is_empty() => page + "#" + fragment,
        Some(_) | None => page,
    }
}

/// The lines of HTML that show a run inside another page, with the height that the page asks for.
pub fn snippet(link: &str, title: &str) -> String {
    let mut page = page_of(link);
    add_parameter(&mut page, "embed");
    let address = with_fragment(page, link).replace('&', "&amp;").replace('"', "&quot;");
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
            ("?embed=states", "facts", "credit"),
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
    fn the_states_can_be_chosen_without_the_facts_and_the_facts_without_the_states() {
        let names = |search: &str| ["facts", "states"].map(|part| Embed::read(search).unwrap().names(part));
        assert_eq!(names("?embed=states"), [false, true]);
        assert_eq!(names("?embed=facts"), [true, false]);
        assert_eq!(names("?embed=facts,states"), [true, true]);
    }

    /// Another language once took the exercise out of the address, and the way out of a frame the language.
    #[test]
    fn a_language_and_all_else_that_an_address_asks_for_are_kept_apart() {
        let search = "?exercise=thumb&lang=de&lock=seeds";
        assert_eq!(parameters(search, false), "?exercise=thumb&lock=seeds");
        assert_eq!(parameters(search, true), "?lang=de");
        for search in ["", "?", "?&"] {
            assert_eq!(
                (parameters(search, false), parameters(search, true)),
                (String::new(), String::new()),
                "{search}"
            );
        }
        assert_eq!(whole_page("https://a.example/?embed&lang=de#s=4"), "https://a.example/?lang=de#s=4");
        assert_eq!(whole_page("https://a.example/?embed=credit"), "https://a.example/");
        assert!(
            snippet("https://a.example/?lang=de#s=4", "T")
                .contains(r#"src="https://a.example/?lang=de&amp;embed#s=4""#)
        );
    }

    #[test]
    fn a_snippet_holds_the_settings_and_no_letter_that_ends_it() {
        let html = snippet("https://a.example/lab/?utm_source=x#s=4&rater=\"touchy\"", "Hedgerow");
        assert!(html.contains(r#"src="https://a.example/lab/?embed#s=4&amp;rater=&quot;touchy&quot;""#), "{html}");
        assert!(snippet("https://a.example/", "Hedgerow").contains(r#"src="https://a.example/?embed""#));
    }
}
