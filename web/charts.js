// The charts' library, fetched when the first chart is to be drawn. Without it the page has tables.

const PATIENCE_MS = 10_000;

export function fetchLibrary() {
    if (globalThis.uPlot) {
        return Promise.resolve();
    }
    return new Promise((resolve) => {
        const script = document.createElement("script");
        script.src = new URL("./vendor/uPlot.iife.min.js", import.meta.url).href;
        script.onload = script.onerror = resolve;
        setTimeout(resolve, PATIENCE_MS);
        document.head.append(script);
    });
}
