// What some panels need beside their code: words and styles of their own, which no first view waits for.

// Returns the words, and gives the page the styles. As a sheet of its own the text of a file is allowed by the page's
// policy, and in the edition in one file, too.
export async function fetchLater(language) {
    const [words, style] = await Promise.all(
        [`text/later/${language}.json`, "later.css"].map(async (name) => {
            const response = await fetch(new URL(name, import.meta.url));
            if (!response.ok) {
                throw new Error(`${name}: the server answered ${response.status}`);
            }
            return response.text();
        }),
    );
    const read = JSON.parse(words);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    return read;
}
