// Registers the service worker of a release, and tells it what this visit has used before it was there.
//
// `localStorage` remembers that someone has switched it off.

const SWITCH = "hedgerow-offline";
const root = new URL("..", import.meta.url);

if (navigator.serviceWorker && !isOff()) {
    // After the page: the first visit is not to wait for what only the second one needs.
    addEventListener("load", () => register().catch((error) => console.warn("offline:", error)));
}

async function register() {
    await navigator.serviceWorker.register(new URL("sw.js", root), { scope: root.href });
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage({ keep: used() });
    navigator.serviceWorker.addEventListener("controllerchange", async () => {
        (await navigator.serviceWorker.ready).active.postMessage({ keep: used() });
    });
}

// Names of the site's files that were fetched so far.
function used() {
    const addresses = performance.getEntriesByType("resource").map(({ name }) => name.split(/[?#]/)[0]);
    return addresses.filter((name) => name.startsWith(root.href)).map((name) => decodeURI(name.slice(root.href.length)));
}

function isOff() {
    try {
        return localStorage.getItem(SWITCH) === "off";
    } catch {
        // No storage, and then no service worker either.
        return true;
    }
}
