// Keeps the site for when there is no network: the service worker of a release (xtask/src/release/offline.rs).
//
// It belongs to one build, whose list of files it knows by digest, and keeps a file only if it has the digest that
// the list names. A file is kept under its name and its digest together: nothing of another build can be taken for
// it. A new build takes the place of an old one when all that its page needs is there and no page of the old one is
// open any more. It is told, by messages, what to keep beyond that: {keep: names},
// {ask: names}, {replace: true}, {stop: true}; it answers with {bytes, missing}, {failed, isStorageFull} or {others}.

// Put in by the release.
const LIST_DIGEST = "";
const INDEX_DIGEST = "";

const SCOPE = self.registration.scope;
const LIST = "files.json";
// Of the lesson's files and others that few pages ask for, and itself a file that the list names.
const LESSON = "lesson/files.json";
const INDEX = "index.html";
// What the page cannot start without, beside its own folder.
const FIRST = [LESSON, "worker.js", "hedgerow.webmanifest", "favicon.svg"];
// A host may hold several sites.
const CACHE = `hedgerow ${SCOPE}`;
// The longest that one file may take.
const PATIENCE_MS = 120_000;

let listed = null;

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));

self.addEventListener("fetch", (event) => {
    const { method, url } = event.request;
    if (method === "GET" && url.startsWith(SCOPE)) {
        // Whatever is wrong with what is kept, the network has it.
        event.respondWith(answer(event).catch(() => fetch(event.request)));
    }
});

self.addEventListener("message", (event) => {
    event.waitUntil(hear(event.data).then((words) => words && event.ports[0]?.postMessage(words)));
});

async function install() {
    const list = await read(LIST, LIST_DIGEST);
    await keep(INDEX, INDEX_DIGEST);
    for (const name of Object.keys(list)) {
        if (name.startsWith("page-") || FIRST.includes(name)) {
            await keep(name, list[name].sha256);
        }
    }
}

async function activate() {
    const cache = await caches.open(CACHE);
    const list = await files();
    const current = new Set(Object.keys(list).map((name) => key(name, list[name].sha256)));
    current.add(key(LIST, LIST_DIGEST)).add(key(INDEX, INDEX_DIGEST));
    for (const { url } of await cache.keys()) {
        if (!current.has(url)) {
            await cache.delete(url);
        }
    }
    // The page of the first visit, which came before its service worker.
    await self.clients.claim();
}

async function answer(event) {
    const { request } = event;
    const { name, digest } = (await isKeeping()) ? await wanted(request) : {};
    if (!digest) {
        return fetch(request);
    }
    // The page asks past the caches for what came damaged.
    const kept = request.cache === "reload" ? null : await find(name, digest);
    if (kept) {
        return kept;
    }
    const response = await fetch(request);
    if (response.ok && (await isKeeping())) {
        // What a visit has used is there at the next one. Where it cannot be kept, the network is asked again.
        event.waitUntil(store(name, digest, response.clone()).catch(() => {}));
    }
    return response;
}

// The file of this build that a request is for. An address that ends in a digest is for that very file.
async function wanted({ url, mode }) {
    const { origin, pathname, search } = new URL(url);
    const path = decodeURI(`${origin}${pathname}`.slice(SCOPE.length));
    const name = path === "" || path.endsWith("/") ? `${path}${INDEX}` : path;
    if (name === INDEX) {
        return mode === "navigate" ? { name, digest: INDEX_DIGEST } : { name };
    }
    if (name === LIST) {
        return { name, digest: LIST_DIGEST };
    }
    const digest = (await files())[name]?.sha256;
    const isOther = /^\?[0-9a-f]{12}$/.test(search) && !digest?.startsWith(search.slice(1));
    return isOther ? { name } : { name, digest };
}

async function hear({ keep: names, ask, replace, stop }) {
    if (stop) {
        await caches.delete(CACHE);
        return {};
    }
    if (replace) {
        const pages = await self.clients.matchAll({ includeUncontrolled: true });
        const others = pages.filter(({ url }) => url.startsWith(SCOPE)).length - 1;
        if (others > 0) {
            return { others };
        }
        await self.skipWaiting();
        return { others: 0 };
    }
    try {
        if (names && !(await find(INDEX, INDEX_DIGEST))) {
            // Told to keep nothing, and then again to keep something, by a page that was there all the time.
            await install();
        }
        const list = await files();
        const known = (names ?? ask).filter((name) => list[name]);
        for (const name of names ? known : []) {
            await keep(name, list[name].sha256);
        }
        return await measure(list, known);
    } catch (error) {
        return { failed: String(error.message ?? error), isStorageFull: error.name === "QuotaExceededError" };
    }
}

// Is there a copy? Told to let go of it, a service worker still serves its pages, begun anew whenever the browser likes.
const isKeeping = () => caches.has(CACHE);

async function measure(list, names) {
    const words = { bytes: 0, missing: 0 };
    for (const name of names) {
        const { bytes, sha256 } = list[name];
        words.bytes += bytes;
        words.missing += (await find(name, sha256)) ? 0 : bytes;
    }
    return words;
}

// Fetches a file unless it is kept; once more past the caches of the network if it is not what the list names.
async function keep(name, digest) {
    if (await find(name, digest)) {
        return;
    }
    // Some hosts send a browser on from index.html to the folder.
    const address = `${SCOPE}${name === INDEX ? "" : name}`;
    for (const cache of ["no-cache", "reload"]) {
        const response = await fetch(address, { cache, signal: AbortSignal.timeout(PATIENCE_MS) });
        if (response.ok && (await store(name, digest, response))) {
            return;
        }
    }
    throw new Error(`${name} could not be had as this build has it`);
}

// Keeps what came if it is the file with this digest.
async function store(name, digest, response) {
    const bytes = await response.arrayBuffer();
    const found = [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))];
    if (!found.map((byte) => byte.toString(16).padStart(2, "0")).join("").startsWith(digest)) {
        return false;
    }
    // The policy and the type are the server's; how it packed the bytes is over.
    const headers = new Headers(response.headers);
    headers.delete("content-encoding");
    headers.set("content-length", bytes.byteLength);
    const cache = await caches.open(CACHE);
    await cache.put(key(name, digest), new Response(bytes, { headers }));
    return true;
}

function find(name, digest) {
    return caches.match(key(name, digest), { cacheName: CACHE, ignoreVary: true });
}

async function files() {
    if (!listed) {
        const list = await read(LIST, LIST_DIGEST);
        listed = { ...list, ...(await read(LESSON, list[LESSON].sha256)) };
    }
    return listed;
}

async function read(name, digest) {
    await keep(name, digest);
    return (await find(name, digest)).json();
}

function key(name, digest) {
    return `${SCOPE}${encodeURI(name)}?${digest}`;
}
