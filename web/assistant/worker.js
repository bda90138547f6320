// A worker that answers with a real language model: one of its own, because the model takes hundreds of megabytes and an
// answer seconds. What it is told is done in turn:
//
//   {script, module}                       the engine for it, which the page has fetched and checked
//   {file}                                 the model's file, which the visitor has chosen
//   {address, bytes, sha256}               or the site's, and what the site's list says of it
//   {voice, question, adapters, tokens}    a question, and the adapters of a voice, merged one after the other
//
// It tells first that it is here, and then {loaded, bytes}, {isUnpacking}, {isReady}, {voice, text, isWhole} while an answer
// grows, and {failed, reason} with what failed: "download", "model", "adapters" or "engine".

// Addresses are the site's.
const SITE = new URL("..", self.location.href);
// How long nothing may come of a download.
const PATIENCE_MS = 15_000;

let engine = null;
let assistant = null;
let turn = Promise.resolve();

self.onmessage = ({ data }) => (turn = turn.then(() => told(data)).catch((error) => failed("engine", error)));

self.postMessage({ isHere: true });

async function told({ script, module, file, address, question, ...more }) {
    if (script) {
        engine = await import(new URL(script, SITE));
        await engine.default({ module_or_path: module });
    } else if (file || address) {
        const bytes = await trying("download", () => (file ? file.arrayBuffer() : whole(new URL(address, SITE), more)));
        if (bytes) {
            self.postMessage({ isUnpacking: true });
            assistant = await trying("model", () => new engine.Assistant(new Uint8Array(bytes)));
            if (assistant) self.postMessage({ isReady: true });
        }
    } else if (assistant) {
        const { voice, adapters, tokens } = more;
        const isAdapted = await trying("adapters", () => assistant.adapt(adapters) ?? true);
        if (isAdapted) {
            const text = assistant.answer(question, tokens, (text) => self.postMessage({ voice, text }));
            self.postMessage({ voice, text, isWhole: true });
        }
    }
}

// What comes of it; nothing if it fails because of what was given, which the page is told.
async function trying(what, work) {
    try {
        return await work();
    } catch (error) {
        // No memory, and what ends the engine.
        if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
            throw error;
        }
        failed(what, error);
        return null;
    }
}

function failed(what, error) {
    self.postMessage({ failed: what, reason: String(error?.message ?? error) });
}

// A file as the site's list has it; once more past the caches if it is not.
async function whole(address, { bytes, sha256 }) {
    for (const cache of ["default", "reload"]) {
        const came = await download(address, cache, bytes);
        if (came && (await isListed(came, sha256))) {
            return came.buffer;
        }
    }
    throw new Error(`${address.pathname} is not as the site's list has it`);
}

// Its bytes, unless it is of another length.
async function download(address, cache, bytes) {
    const controller = new AbortController();
    let timer;
    const wait = () => {
        clearTimeout(timer);
        timer = setTimeout(() => controller.abort(new Error("nothing came for 15 s")), PATIENCE_MS);
    };
    wait();
    try {
        const response = await fetch(address, { cache, signal: controller.signal });
        if (!response.ok) {
            throw new Error(`${address.pathname}: ${response.status}`);
        }
        const [came, reader] = [new Uint8Array(bytes), response.body.getReader()];
        for (let loaded = 0; ; ) {
            const { done, value } = await reader.read();
            if (done || loaded + value.length > bytes) {
                return done && loaded === bytes ? came : null;
            }
            wait();
            came.set(value, loaded);
            loaded += value.length;
            self.postMessage({ loaded, bytes });
        }
    } finally {
        clearTimeout(timer);
        controller.abort();
    }
}

// On plain http browsers have no digest; the length must do.
async function isListed(bytes, sha256) {
    const digest = await crypto.subtle?.digest("SHA-256", bytes);
    return !digest || [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("").startsWith(sha256);
}
