// What some panels need beside their code, and no first view waits for: what draws charts, words and styles. And what takes
// less of a script than of the page's own code.

// A silence of this length ends a download.
const PATIENCE_MS = 15_000;
// A panel waits so long for what draws its charts; then it has tables.
const LIBRARY_MS = 10_000;

// A press that lasts longer is a drag.
const PRESS_MS = 3_000;

// Resolves when nobody holds the pointer down: what is drawn during a press moves the page away under it, and the click
// meets nothing.
export const released = () => free;
let [free, release] = [Promise.resolve(), () => {}];
addEventListener(
    "pointerdown",
    () => {
        free = new Promise((resolve) => (release = resolve));
        setTimeout(release, PRESS_MS);
    },
    true,
);
for (const end of ["pointerup", "pointercancel"]) {
    // After the click that follows.
    addEventListener(end, () => setTimeout(release, 50), true);
}

// Says whenever an element comes within so many pixels of the view or leaves it, until what this returns is called.
export function watch_view(element, margin, then) {
    const seen = (parts) => then(parts.some((part) => part.isIntersecting));
    const observer = new IntersectionObserver(seen, { rootMargin: `${margin}px` });
    observer.observe(element);
    return () => observer.disconnect();
}

const MOVES = ["scroll", "pointerdown", "keydown"];
const moved = new Promise((resolve) => MOVES.forEach((move) => addEventListener(move, resolve, { capture: true, once: true })));

// Resolves when anybody has moved, or when the element is in the view itself: before that, the page has enough to do with
// what is there.
export async function wanted(element) {
    let stop;
    const seen = new Promise((resolve) => (stop = watch_view(element, 0, (is_seen) => is_seen && resolve())));
    await Promise.race([moved, seen]);
    stop();
}

// What is below the view is fetched when anybody has moved, when some of it is in the view, or when the engine has all that it
// needs to train: on a line that a class shares, it would hold up the engine.
export let wake;
const awake = new Promise((resolve) => (wake = resolve));
moved.then(wake);
export const woken = () => awake;

// The same for a part of the page; if that is in the view, all others may come, too.
export async function called(element) {
    await Promise.race([awake, wanted(element)]);
    wake();
}

let coming = null;

// Fetches a file, for as long as something of it arrives: on a line that a class shares, all of it may take minutes.
export async function watched(address) {
    const stop = new AbortController();
    let silence;
    const heard = () => {
        clearTimeout(silence);
        // In two halves: to a page that was busy, or asleep, the first one ends before what has come meanwhile is heard.
        const half = (then) => (silence = setTimeout(then, PATIENCE_MS / 2));
        half(() => half(() => stop.abort(new DOMException(`nothing came of ${address}`, "TimeoutError"))));
    };
    heard();
    try {
        const response = await fetch(address, { signal: stop.signal });
        const body = response.body?.pipeThrough(
            new TransformStream({
                transform(part, rest) {
                    heard();
                    rest.enqueue(part);
                },
                flush: () => clearTimeout(silence),
            }),
        );
        return new Response(body, response);
    } catch (error) {
        clearTimeout(silence);
        throw error;
    }
}

// SHA-256 in hexadecimal, computed beside the page. Only on https and on this machine itself.
export async function digest(bytes) {
    const found = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return Array.from(found, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Ends the browser's task: what waits for this goes on when the page has been drawn and has heard its reader.
// Not by a timer: those of a page that is not seen wait for a second each.
export const nextTask = () =>
    new Promise((goOn) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => goOn(port1.close());
        port2.postMessage(null);
    });

// Returns the words, and gives the page the styles, once for all panels that ask at the same time. As a sheet of its own
// the text of a file is allowed by the page's policy, and in the edition in one file, too.
export function fetchLater(language) {
    coming ??= fetchAll(language).catch((error) => {
        coming = null;
        throw error;
    });
    return coming;
}

async function fetchAll(language) {
    const [words, style] = await Promise.all(
        [`text/later/${language}.json`, "later.css"].map(async (name) => {
            const response = await watched(new URL(name, import.meta.url));
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
    await released();
    return read;
}

// The charts' library, when the first chart is to be drawn. Without it the page has tables.
export function fetchLibrary() {
    if (globalThis.uPlot) {
        return Promise.resolve();
    }
    return new Promise((resolve) => {
        const [script, style] = [document.createElement("script"), document.createElement("link")];
        script.src = new URL("./vendor/uPlot.iife.min.js", import.meta.url).href;
        style.href = new URL("./vendor/uPlot.min.css", import.meta.url).href;
        style.rel = "stylesheet";
        script.onload = script.onerror = resolve;
        setTimeout(resolve, LIBRARY_MS);
        document.head.append(style, script);
    });
}

// A script that is fetched when it is wanted, by its name.
const SCRIPTS = {
    codap: () => import("./codap.js"),
    offline: () => import("./offline.js"),
    picture: () => import("./picture.js"),
    worlds: () => import("./worlds.js"),
};
// Calls what such a script exports.
export const call = async (script, name, given) => (await SCRIPTS[script]())[name](...given);

// CODAP waits for its plug-ins to speak.
if (parent !== self && /[?&]codap\b/.test(location.search)) {
    SCRIPTS.codap();
}
