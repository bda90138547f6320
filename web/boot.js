// Fetches the page's code and, beside it, its words, and starts it with them; or says plainly why it
// cannot be started. What is said here is all that there is to say before the words have come. It is a
// file of its own because the page's content security policy allows no inline script.

// A language without an entry says it in English.
const SAYS = {
    en: {
        old: "This browser is too old. Chrome, Edge and Firefox from 2023 on, and Safari 16.4 and later, will do.",
        noWasm: "This browser cannot run WebAssembly, or it is switched off (some strict privacy modes do that).",
        notStarted: "The page could not be started.",
        fromDisk: "The page was opened as a file. It needs a web server, even a local one.",
        reload: "Reload the page. If that does not help, a filter keeps some of the site's files back, or they are missing.",
    },
    de: {
        old: "Dieser Browser ist zu alt. Chrome, Edge und Firefox ab 2023 und Safari ab 16.4 genügen.",
        noWasm: "Dieser Browser kann kein WebAssembly, oder es ist abgeschaltet (manche strengen Privatsphäre-Einstellungen tun das).",
        notStarted: "Die Seite konnte nicht gestartet werden.",
        fromDisk: "Sie wurde als Datei geöffnet. Sie braucht einen Webserver, und sei es auf dem eigenen Rechner.",
        reload: "Lade sie neu. Hilft das nicht, so hält ein Filter Dateien der Website zurück, oder sie fehlen.",
    },
};
const language = document.documentElement.lang;
const says = SAYS[language] ?? SAYS.en;

const reason = missingFeature();
if (reason) {
    explain(reason);
} else {
    start();
}

async function start() {
    try {
        const loading = Promise.all([loadApp(), loadWords()]);
        // The first of these takes a slow machine a tenth of a second, which it has now.
        new Intl.NumberFormat(language);
        const [app, words] = await loading;
        // In a task of its own, so that none is long on a slow machine.
        await new Promise((resolve) => setTimeout(resolve));
        app.start(language, words);
        for (const event of ["error", "unhandledrejection"]) {
            window.addEventListener(event, ({ error, reason }) => sayIfStopped(error ?? reason, words.page));
        }
    } catch (error) {
        console.error(error);
        explain(`${says.notStarted} ${location.protocol === "file:" ? says.fromDisk : says.reload}`, error);
    }
}

// An error in the page's module leaves nothing that could go on.
function sayIfStopped(error, { crashed, reload }) {
    const box = document.getElementById("boot-error");
    if (!(error instanceof WebAssembly.RuntimeError) || !box) {
        return;
    }
    const button = document.createElement("button");
    button.textContent = reload;
    button.addEventListener("click", () => location.reload());
    box.replaceChildren(crashed, button);
    box.classList.add("stopped");
    box.hidden = false;
}

async function loadApp() {
    const app = await import("./app.js");
    await app.default({ module_or_path: new URL("./app_bg.wasm", import.meta.url) });
    return app;
}

async function loadWords() {
    const file = `text/${language}.json`;
    const response = await fetch(new URL(file, import.meta.url));
    if (!response.ok) {
        throw new Error(`${file}: the server answered ${response.status}`);
    }
    try {
        return await response.json();
    } catch {
        // Some filters answer with a web page of their own.
        throw new Error(`${file} is not what the site holds under that name`);
    }
}

// What this browser lacks, in words for its user; nothing when it lacks nothing.
function missingFeature() {
    if (typeof WebAssembly !== "object") {
        return says.noWasm;
    }
    // The smallest module with a 128-bit instruction: the page and its engines use them.
    const simd = new Uint8Array([
        0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253,
        15, 253, 98, 11,
    ]);
    if (!WebAssembly.validate(simd) || typeof Worker !== "function") {
        return says.old;
    }
    return null;
}

function explain(message, error) {
    const box = document.getElementById("boot-error");
    if (!box) {
        return;
    }
    box.textContent = error ? `${message} (${error.message ?? error})` : message;
    box.hidden = false;
}
