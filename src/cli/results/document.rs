//! Markdown with tables and figures, as it grows.

/// Markdown, and the figures that it shows.
pub(super) struct Document {
    /// The Markdown.
    pub(super) text: String,
    /// Where the figures go, beside the document.
    folder: String,
    /// Names of files, and SVG.
    pub(super) figures: Vec<(String, String)>,
}

impl Document {
    /// Nothing yet.
    pub(super) fn new(folder: &str) -> Self {
        Document { text: String::new(), folder: folder.to_owned(), figures: Vec::new() }
    }

    /// A line.
    pub(super) fn line(&mut self, line: &str) {
        self.text += line;
        self.text.push('\n');
    }

    /// A heading of the second level.
    pub(super) fn heading(&mut self, title: &str) {
        self.line(&format!("\n## {title}\n"));
    }

    /// A row of a table.
    pub(super) fn row<Cell: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let cells: Vec<String> = cells.into_iter().map(|cell| cell.as_ref().replace('|', "\\|")).collect();
        self.line(&format!("| {} |", cells.join(" | ")));
    }

    /// The head of a table.
    pub(super) fn header(&mut self, cells: &[&str]) {
        self.row(cells);
        self.line(&format!("|{}", "---|".repeat(cells.len())));
    }

    /// A figure with the words that stand for it.
    pub(super) fn figure(&mut self, name: &str, svg: String, caption: &str) {
        let file = format!("{name}.svg");
        self.line(&format!("\n![{caption}]({}/{file})\n", self.folder));
        self.figures.push((file, svg));
    }
}
