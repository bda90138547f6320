// What a visitor's browser keeps of a release, for when there is no network: what the service worker (sw.js) is told
// and asked. Elsewhere than in a release there is none, and then there is nothing to keep.
//
// `localStorage` remembers that someone has switched it off.

const SWITCH = "hedgerow-offline";
const LISTS = ["files.json", "lesson/files.json"];
// How long a service worker may take to be there, and to answer.
const PATIENCE_MS = 20_000;
// The longest that it may take to keep a file, which it may have to fetch twice (sw.js).
const KEEP_MS = 250_000;

// The site around the page's folder. The edition in one file is in none.
const root = () => new URL("..", import.meta.url).href;
const workers = navigator.serviceWorker;

// Registers the service worker unless it is switched off, and tells it what this visit has used before it was there.
export async function register() {
    if (!workers || isOff()) {
        return;
    }
    await workers.register(`${root()}sw.js`, { scope: root() });
    await keepUsed();
}

// So does each one that takes over; a page that keeps nothing has none.
workers?.addEventListener("controllerchange", keepUsed);

async function keepUsed() {
    (await workers.ready).active.postMessage({ keep: used() });
}

// {isAbsent}, {isOff}, or of the whole site {bytes, missing}, and {waits} if a newer build is there.
export async function look() {
    if (!workers || !document.querySelector('script[src$="register.js"]')) {
        return { isAbsent: true };
    }
    if (isOff()) {
        return { isOff: true };
    }
    const registration = await Promise.race([workers.ready, wait(PATIENCE_MS)]);
    if (!registration) {
        return { isAbsent: true };
    }
    const { bytes, missing } = await tell(registration.active, { ask: await names() });
    return { bytes, missing, waits: Boolean(registration.waiting) };
}

// Keeps all of the site; `progress` hears how many bytes are kept.
export async function keepAll(progress) {
    const { active } = await workers.ready;
    let kept = 0;
    for (const name of await names()) {
        kept += (await tell(active, { keep: [name] }, KEEP_MS)).bytes;
        progress(kept);
    }
}

// Lets go of all that is kept, for good.
export async function switchOff() {
    localStorage.setItem(SWITCH, "off");
    const registration = await workers.getRegistration(root());
    await registration?.unregister();
    if (registration?.active) {
        await tell(registration.active, { stop: true });
    }
}

export async function switchOn() {
    localStorage.removeItem(SWITCH);
    await register();
}

// Has the newer build take over, and loads it; returns how many other pages are open if they prevent it.
export async function takeOver() {
    const { waiting } = await workers.ready;
    if (waiting) {
        const { others } = await tell(waiting, { replace: true });
        if (others > 0) {
            return others;
        }
    }
    location.reload();
    return 0;
}

// Says it and returns the answer. What went wrong is thrown, a silence too.
async function tell(worker, message, patience = PATIENCE_MS) {
    const { port1, port2 } = new MessageChannel();
    const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
    worker.postMessage(message, [port2]);
    const silence = { failed: "the service worker does not answer" };
    const { failed, isStorageFull, ...words } = await Promise.race([answer, wait(patience).then(() => silence)]);
    port1.close();
    if (failed) {
        throw Object.assign(new Error(failed), { isStorageFull });
    }
    return words;
}

async function names() {
    const lists = await Promise.all(LISTS.map(async (list) => (await fetch(list)).json()));
    // But for the weights of a real language model, which are many times all the rest: who used them has them.
    return lists.flatMap(Object.keys).filter((name) => !name.startsWith("assistant/"));
}

// Names of the site's files that were fetched so far.
function used() {
    const addresses = performance.getEntriesByType("resource").map(({ name }) => name.split(/[?#]/)[0]);
    return addresses.filter((name) => name.startsWith(root())).map((name) => decodeURI(name.slice(root().length)));
}

function isOff() {
    try {
        return localStorage.getItem(SWITCH) === "off";
    } catch {
        // No storage, and then no service worker either.
        return true;
    }
}

function wait(milliseconds) {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
