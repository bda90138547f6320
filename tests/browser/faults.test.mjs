// What goes wrong between a site and its page, and inside the page's workers: a table of faults and of what
// the page says and does then. Nothing waits for ever, nothing that was measured is lost, and what can be
// tried again works as soon as the fault is gone.
//
// The suite takes the rows marked `quick`. HEDGEROW_FAULTS=all takes every fault of every file as well.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { after, test } from "node:test";

import { DIST, openPage } from "./harness.mjs";
import { exported, MINUTES, ready, show, status, train } from "./lab.mjs";

const ALL = process.env.HEDGEROW_FAULTS === "all";
const FOLDER = "/some/school/";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".wasm": "application/wasm", ".svg": "image/svg+xml" };
/** Longer than the page waits for a byte, for a worker to start and for an answer. */
const PATIENCE_MS = 60_000;

// ---- a server that answers as it is told ----

const FAULTS = {
    404: { answer: (_, response) => response.writeHead(404).end(), says: /the server answered 404|has no file/ },
    500: { answer: (_, response) => response.writeHead(500).end(), says: /the server answered 500/ },
    html: {
        answer: (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><h1>Blocked</h1>"),
        says: /Your network sent a web page instead of/,
    },
    empty: { answer: (file, response) => send(file, response, Buffer.alloc(0)), says: /arrived with 0 bytes|cannot be used/ },
    half: {
        answer: (file, response) => send(file, response, file.bytes.subarray(0, file.bytes.length / 2)),
        says: /arrived with [\d,]+ bytes instead of|cannot be used/,
    },
    cut: {
        answer: (file, response) => {
            response.writeHead(200, { ...headers(file), "content-length": file.bytes.length });
            response.write(file.bytes.subarray(0, file.bytes.length / 2), () => response.destroy());
        },
        says: /could not be fetched/,
    },
    flipped: { answer: (file, response) => send(file, response, flipped(file.bytes)), says: /was altered on its way|cannot be used/ },
    stalled: {
        answer: (file, response) => {
            response.writeHead(200, { ...headers(file), "content-length": file.bytes.length });
            response.write(file.bytes.subarray(0, file.bytes.length / 2));
        },
        waits: true,
        says: /came to a standstill/,
    },
    silent: { answer: () => {}, waits: true, says: /came to a standstill/ },
    // What a host sends that does not know the name's ending.
    "of another type": {
        answer: (file, response) => response.writeHead(200, { "content-type": "text/plain" }).end(file.bytes),
        says: /could not be|cannot be used|did not arrive/,
    },
};

function flipped(bytes) {
    const copy = Buffer.from(bytes);
    copy[Math.floor(copy.length / 2)] ^= 1;
    return copy;
}

const headers = (file) => ({ "content-type": TYPES[extname(file.path)] ?? "application/octet-stream", "cache-control": "no-cache" });

function send(file, response, bytes = file.bytes) {
    response.writeHead(200, { ...headers(file), "content-length": bytes.length }).end(bytes);
}

/** Serves the site; `faults` holds the fault of each path, and can be changed at any time. */
async function faultyServer() {
    const faults = new Map();
    const server = createServer((request, response) => {
        const path = new URL(request.url, "http://x").pathname.slice(FOLDER.length) || "index.html";
        const place = join(DIST, path);
        if (!existsSync(place)) {
            response.writeHead(404).end();
            return;
        }
        const file = { path, bytes: readFileSync(place) };
        const fault = faults.get(path);
        fault ? FAULTS[fault].answer(file, response) : send(file, response);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    after(() => {
        server.closeAllConnections();
        server.close();
    });
    return { faults, site: `http://127.0.0.1:${server.address().port}${FOLDER}` };
}

// ---- workers that do as they are told ----

/** Keeps the page's workers at hand, and does to the next ones what `window.fateOfWorkers` says. */
function atHand() {
    const Own = window.Worker;
    window.workers = [];
    window.fates = {
        crash: (worker) => {
            worker.terminate();
            worker.dispatchEvent(new ErrorEvent("error", { message: "made to crash" }));
        },
        "out of memory": (worker) => {
            worker.terminate();
            worker.dispatchEvent(new ErrorEvent("error", { message: "RangeError: out of memory" }));
        },
        rejection: (worker) => {
            worker.terminate();
            worker.dispatchEvent(new MessageEvent("message", { data: { crashed: "made to reject" } }));
        },
        garbage: (worker) => {
            worker.terminate();
            worker.dispatchEvent(new MessageEvent("message", { data: new Uint8Array(64).fill(255).buffer }));
        },
        nonsense: (worker) => {
            worker.terminate();
            worker.dispatchEvent(new MessageEvent("message", { data: { hello: "world" } }));
        },
        hang: (worker) => worker.terminate(),
    };
    window.Worker = class extends Own {
        constructor(...how) {
            super(...how);
            window.workers.push(this);
            const fate = window.fateOfWorkers;
            if (fate) {
                setTimeout(() => window.fates[fate](this), 0);
            }
        }
        terminate() {
            this.ended = true;
            super.terminate();
        }
    };
}

const strike = (page, fate) => page.evaluate((fate) => window.fates[fate](window.workers.findLast(({ ended }) => !ended)), fate);

/** A page whose clock can be put forward, and whose workers are at hand. */
const faultyPage = (t, options) =>
    openPage(t, {
        expected: ["404", "500", "ERR_", "Failed to load", "files.json", "worker", "engine", "net::", "MIME", "SyntaxError"],
        ...options,
        prepare: async (context) => {
            await context.clock.install();
            await context.addInitScript(atHand);
            await options.prepare?.(context);
        },
    });

/** Puts the page's clock forward, in steps between which what came of them has its turn. */
async function passes(page, milliseconds) {
    for (let step = 0; step < milliseconds; step += 5000) {
        await page.clock.runFor(5000);
        await page.waitForTimeout(50);
    }
}

const notice = (page) => page.locator(".notice.warning");

// ---- files ----

const SEED = 0;
/** A run of one model that takes seconds, with snapshots after every tenth update. */
const RUN = `#seeds=${SEED}&engine=cpu&arms=scalar&finetune.updates=34&finetune.prompts=8&measure.every=34&measure.probe_every=34`;
const FILES = [
    "files.json",
    "worker.js",
    "engine/cpu/engine.js",
    "engine/cpu/engine_bg.wasm",
    `base/world-${SEED}.json`,
    "base/tokenizer.json",
    `base/base-${SEED}.safetensors`,
];
const QUICK = [
    ["files.json", "html"],
    ["worker.js", "404"],
    ["worker.js", "silent"],
    ["engine/cpu/engine.js", "html"],
    ["engine/cpu/engine_bg.wasm", "stalled"],
    ["engine/cpu/engine_bg.wasm", "cut"],
    [`base/world-${SEED}.json`, "html"],
    [`base/base-${SEED}.safetensors`, "flipped"],
    [`base/base-${SEED}.safetensors`, "half"],
];
const pairs = ALL ? FILES.flatMap((file) => Object.keys(FAULTS).map((fault) => [file, fault])) : QUICK;

/** As on plain http. */
const withoutDigests = (context) => context.addInitScript(() => Object.defineProperty(Crypto.prototype, "subtle", { value: undefined }));
const ways = [...pairs.map((pair) => [...pair, "", () => {}]), [FILES.at(-1), "flipped", ", where the browser has no digests", withoutDigests]];

for (const [file, fault, where, prepare] of ways) {
    test(`${file} ${fault}${where}: named, and fetched again once it is there`, { timeout: 5 * MINUTES }, async (t) => {
        const { faults, site } = await faultyServer();
        faults.set(file, fault);
        const { page } = await faultyPage(t, { site, path: `#seeds=${SEED}&engine=cpu`, prepare });
        await page.getByRole("heading", { level: 1 }).waitFor();
        if (FAULTS[fault].waits) {
            await page.waitForTimeout(2000);
            await passes(page, PATIENCE_MS);
        }
        await notice(page).getByText(FAULTS[fault].says).waitFor({ timeout: MINUTES });
        faults.delete(file);
        await notice(page).getByRole("button", { name: "Try again" }).click();
        await ready(page);
    });
}

// ---- what the page draws without its engine ----

/** How to get there, where it is then, what is said there, and what stands there once the file came. */
const PARTS = {
    "recorded/everyday/attribution.postcard": {
        go: (page) => show(page, "outcomes"),
        place: "#outcomes",
        says: "The recorded run could not be loaded.",
        there: ".layer",
        also: (page) => status(page).getByText("Ready. The recorded run could not be loaded.").waitFor({ timeout: 5 * MINUTES }),
    },
    "story/examples.postcard": { go: () => {}, place: ".story", says: "could not be loaded", there: ".example-number" },
    "story/real.postcard": {
        go: async (page) => {
            await page.getByLabel("Hedge", { exact: true }).check();
            await page.getByRole("button", { name: "What is in the number?" }).click();
            await page.getByRole("button", { name: "Train a model on it" }).click();
        },
        place: ".story",
        says: "This part of the page could not be loaded.",
        there: ".quotes li",
    },
    "lesson/en.json": { path: "?exercise=thumb", go: () => {}, place: "#exercise", says: "This part of the page could not be loaded.", there: ".exercise-nav" },
    "story/everyday.postcard": { go: (page) => show(page, "facts"), place: "#facts", says: "could not be loaded", there: ".cell" },
};
const QUICK_PARTS = [
    ["recorded/everyday/attribution.postcard", "html"],
    ["story/examples.postcard", "404"],
    ["story/real.postcard", "flipped"],
    ["lesson/en.json", "half"],
    ["story/everyday.postcard", "stalled"],
];

for (const [file, fault] of ALL ? Object.keys(PARTS).flatMap((file) => Object.keys(FAULTS).map((fault) => [file, fault])) : QUICK_PARTS) {
    test(`${file} ${fault}: said where it would stand, and drawn once it is there`, { timeout: 5 * MINUTES }, async (t) => {
        const { go, place, says, there, also, path = "" } = PARTS[file];
        const { faults, site } = await faultyServer();
        faults.set(file, fault);
        const { page } = await faultyPage(t, { site, path });
        await page.locator("header.top").waitFor();
        await go(page);
        if (FAULTS[fault].waits) {
            await page.waitForTimeout(2000);
            await passes(page, PATIENCE_MS);
        }
        await page.locator(place).getByText(says).waitFor({ timeout: MINUTES });
        await also?.(page);
        faults.delete(file);
        await page.locator(place).getByRole("button", { name: "Try again" }).click();
        await page.locator(place).locator(there).first().waitFor({ timeout: MINUTES });
    });
}

test("a site without the recorded run does not speak of one", async (t) => {
    const { site } = await faultyServer();
    const nothing = async (context) => {
        await context.route("**/recorded/everyday/attribution.postcard*", (route) => route.fulfill({ body: "" }));
        await context.route("**/files.json", async (route) => {
            const listed = await (await route.fetch()).json();
            listed["recorded/everyday/attribution.postcard"] = { bytes: 0, sha256: createHash("sha256").update("").digest("hex") };
            return route.fulfill({ json: listed });
        });
    };
    const { page } = await faultyPage(t, { site, prepare: nothing });
    await ready(page);
    await show(page, "outcomes");
    await page.locator("#outcomes").getByText("No recorded run", { exact: true }).waitFor();
    await page.locator("#outcomes").getByText("No run with these settings was recorded. Press Train").waitFor();
    assert.doesNotMatch(await status(page).textContent(), /recorded/);
});

// ---- the page itself ----

const START = [
    ["boot.js", "404", /one of its scripts did not arrive/],
    ["boot.js", "html", /one of its scripts did not arrive/],
    ["boot.js", "silent", /The page is still loading/],
    ["app_bg.wasm", "stalled", /The page is still loading/],
];

for (const [file, fault, says] of START) {
    test(`${file} ${fault}: the page says so instead of nothing`, async (t) => {
        const { faults, site } = await faultyServer();
        faults.set(file, fault);
        const { page } = await faultyPage(t, { site, waitUntil: "commit" });
        await page.locator("#shell").waitFor();
        if (FAULTS[fault].waits) {
            await passes(page, 30_000);
        }
        await page.locator("#boot-error").getByText(says).waitFor();
    });
}

test("a page that is opened from the disk says what it needs", async (t) => {
    const { page } = await faultyPage(t, { site: `file://${DIST}/index.html`, expected: ["file:", "CORS", "ERR_FAILED"] });
    await page.getByText("the page needs a web server").waitFor();
});

test("without its charts the page has their numbers as tables, and trains", { timeout: 2 * MINUTES }, async (t) => {
    const { faults, site } = await faultyServer();
    faults.set("vendor/uPlot.iife.min.js", "404");
    const { page } = await faultyPage(t, { site, path: RUN, expected: ["404", "the chart cannot be drawn"] });
    await ready(page);
    await page.getByRole("button", { name: "Step" }).click();
    await status(page).getByText("Paused at update 1").waitFor({ timeout: MINUTES });
    await page.getByText("How do we know?").first().click();
    await page.getByText("The chart cannot be drawn here").first().waitFor({ timeout: MINUTES });
});

test("an error of the page's own code leaves a box with a way out", async (t) => {
    const { site } = await faultyServer();
    const { page } = await faultyPage(t, { site, expected: ["unreachable"] });
    await page.locator("header.top").waitFor();
    // A module whose one function is `unreachable`, called as the page's own would be: by the browser.
    await page.evaluate(async () => {
        const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 5, 1, 3, 0, 0, 11];
        const { instance } = await WebAssembly.instantiate(new Uint8Array(bytes));
        document.body.addEventListener("stop", instance.exports.f);
        document.body.dispatchEvent(new Event("stop"));
    });
    await page.getByText("The page stopped because of an error of its own").waitFor();
    await page.getByRole("button", { name: "Reload the page" }).click();
    await page.getByText("The page stopped because of an error of its own").waitFor({ state: "detached" });
});

// ---- workers ----

const finished = (page) => status(page).getByText("Finished after 34 updates").waitFor({ timeout: 5 * MINUTES });

const updates = (replica) => replica.updates.map(({ update }) => update);
const undisturbed = Array.from({ length: 34 }, (_, update) => update + 1);

test("workers that crash, speak nonsense or hang in training cost nothing that was measured", { timeout: 10 * MINUTES }, async (t) => {
    const { site } = await faultyServer();
    const { page } = await faultyPage(t, { site, path: RUN });
    await ready(page);
    await train(page).click();
    await finished(page);
    const { replicas: whole } = await exported(page);
    // After the end: the run stays, and its models answer as soon as they are back.
    await strike(page, "crash");
    // The last snapshot is of update 30, or of a later one if the page asked for it late.
    await notice(page).getByText(/What was measured is kept, and \d updates? (is|are) made again|The models are as they were/).first().waitFor();
    await finished(page);
    assert.deepEqual((await exported(page)).replicas, whole);
    const fates = ALL ? ["crash", "rejection", "garbage", "nonsense", "out of memory", "hang"] : ["garbage", "hang"];
    for (const fate of fates) {
        await page.getByRole("button", { name: "Reset" }).click();
        await status(page).getByText(/Ready/).waitFor();
        await train(page).click();
        await status(page).getByText(/Update ([5-9]|1\d) /).waitFor();
        await strike(page, fate);
        const told = notice(page).getByText(/The engine stopped .* and was started again/);
        // The patience with a worker grows with what its updates take, and so with what else the machine does.
        // No further than that: the next worker starts in real time.
        for (let step = 0; step < 240 && fate === "hang" && !(await told.isVisible()); step++) {
            await passes(page, 5000);
        }
        await told.waitFor();
        await finished(page);
        const { replicas } = await exported(page);
        assert.deepEqual(replicas.map(updates), replicas.map(() => undisturbed), fate);
        // On the CPU the updates that were made again came out to the same bits.
        assert.deepEqual(replicas, whole, fate);
    }
});

test("workers that crash twice in a row stop the run, and trying again restores it", { timeout: 5 * MINUTES }, async (t) => {
    const { site } = await faultyServer();
    const { page } = await faultyPage(t, { site, path: RUN });
    await ready(page);
    await page.getByRole("button", { name: "Step" }).click();
    await status(page).getByText("Paused at update 1").waitFor();
    const before = await exported(page);
    await page.evaluate(() => (window.fateOfWorkers = "crash"));
    await strike(page, "crash");
    const failed = notice(page).filter({ has: page.getByRole("button", { name: "Try again" }) });
    await failed.waitFor({ timeout: MINUTES });
    assert.match(await failed.innerText(), /measured is kept|did not start/);
    assert.deepEqual((await exported(page)).replicas, before.replicas);
    await page.evaluate(() => (window.fateOfWorkers = null));
    await failed.getByRole("button", { name: "Try again" }).click();
    await status(page).getByText("Paused at update 1").waitFor({ timeout: MINUTES });
    assert.deepEqual((await exported(page)).replicas, before.replicas);
});

test("workers that crash while they are measured, before a run and as its reward changes cost nothing", { timeout: 5 * MINUTES }, async (t) => {
    const { site } = await faultyServer();
    const { page } = await faultyPage(t, { site, path: RUN });
    const again = notice(page).getByText(/The engine stopped .* and was started again/);
    const close = () => notice(page).getByRole("button", { name: "Close" }).first().click();
    await status(page).getByText(/Measuring/).waitFor({ timeout: MINUTES });
    await strike(page, "crash");
    await again.waitFor();
    await ready(page);
    await close();
    await strike(page, "crash");
    await again.waitFor();
    await ready(page);
    await close();

    await train(page).click();
    await status(page).getByText(/Update ([5-9]|1\d) /).waitFor();
    await page.locator(".controls .segment").getByText("Structured", { exact: true }).click();
    await page.getByRole("button", { name: "Change it now, keep the models" }).click();
    await strike(page, "crash");
    await again.waitFor();
    await finished(page);
    const { replicas, changes } = await exported(page);
    assert.deepEqual(replicas.map(updates), replicas.map(() => undisturbed));
    assert.deepEqual(changes.map(({ arms }) => arms), [["structured"]]);
});

test("a WebGPU engine that does not arrive is left for the CPU, with a sentence", { timeout: 2 * MINUTES }, async (t) => {
    const { faults, site } = await faultyServer();
    faults.set("engine/gpu/engine_bg.wasm", "404");
    const { page } = await faultyPage(t, { site, path: `#seeds=${SEED}&engine=gpu`, gpu: true });
    await notice(page).getByText("The WebGPU engine could not be loaded").waitFor({ timeout: MINUTES });
    await ready(page);
});

test("WebGPU that never answers is left for the CPU, with a sentence", { timeout: 2 * MINUTES }, async (t) => {
    const { site } = await faultyServer();
    // The page's own worker.js, in a worker whose adapter is never found.
    const never = "Object.defineProperty(navigator, 'gpu', { value: { requestAdapter: () => new Promise(() => {}) } });\n";
    const { page } = await faultyPage(t, {
        site,
        path: `#seeds=${SEED}`,
        prepare: (context) =>
            context.route("**/worker.js*", (route) =>
                route.fulfill({ contentType: "text/javascript", body: never + readFileSync(join(DIST, "worker.js"), "utf8") }),
            ),
    });
    await notice(page).getByText("WebGPU did not answer in time").waitFor({ timeout: MINUTES });
    await ready(page);
});
