// The charts' library, fetched when the first chart is to be drawn. Without it the page has tables.

const PATIENCE_MS = 10_000;

export function fetchLibrary() {
    return new Promise((resolve) => {
        const script = document.createElement("script");
        script.src = "vendor/uPlot.iife.min.js";
        script.onload = script.onerror = resolve;
        setTimeout(resolve, PATIENCE_MS);
        document.head.append(script);
    });
}
