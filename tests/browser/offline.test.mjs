// The service worker of a release: the page without a network, updates that come half or while tabs are open, a full
// storage, and the switch.

import assert from "node:assert/strict";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { DIST, openPage, xtask } from "./harness.mjs";
import { MINUTES, move, ready, status } from "./lab.mjs";
import { run } from "./program.mjs";
import { hostOf, pageFolder, SITE } from "./release.mjs";

const OFFLINE = ["ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_FAILED", "ERR_INTERNET_DISCONNECTED"];
const FILES = ["files.json", "lesson/files.json"].flatMap((name) => Object.entries(JSON.parse(readFileSync(join(SITE, name), "utf8"))));
/** All that is kept on request: the weights of a real language model are many times the rest. */
const WHOLE = FILES.filter(([name]) => !name.startsWith("assistant/"));
const LIST = WHOLE.map(([name]) => name);

const folder = mkdtempSync(join(tmpdir(), "hedgerow-offline-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let other = null;

/** A release of another build: a style has a line more. */
function otherBuild() {
    if (!other) {
        cpSync(DIST, join(folder, "dist"), { recursive: true });
        appendFileSync(join(folder, "dist", "style.css"), "\n.other-build { color: red; }\n");
        const out = join(folder, "release");
        run(...xtask("release", "--site", join(folder, "dist"), "--out", out));
        other = join(out, "hedgerow", "site");
        assert.notEqual(pageFolder(other), pageFolder());
    }
    return other;
}

/** Says something to the service worker and returns its answer. */
const tell = (page, message) =>
    page.evaluate(async (message) => {
        const { active } = await navigator.serviceWorker.ready;
        const { port1, port2 } = new MessageChannel();
        const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
        active.postMessage(message, [port2]);
        return answer;
    }, message);

/** Waits until the page and what this visit has used are kept. */
async function kept(page) {
    await page.waitForFunction(() => navigator.serviceWorker.controller);
    const used = await page.evaluate(() => {
        const names = performance.getEntriesByType("resource").map(({ name }) => name.split(/[?#]/)[0]);
        return names.map((name) => name.slice(new URL(".", location.href).href.length));
    });
    const { missing } = await tell(page, { keep: used.filter((name) => LIST.includes(name)) });
    assert.equal(missing, 0);
}

/** Has the browser look for a new build; resolves to whether there is one that waits. */
const update = (page) =>
    page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready;
        await registration.update().catch(() => {});
        const coming = registration.installing;
        if (coming) {
            await new Promise((resolve) => coming.addEventListener("statechange", resolve, { once: true }));
        }
        return Boolean(registration.waiting);
    });

/** The panel that says what is kept. */
async function offline(page) {
    const panel = page.locator("#offline");
    await panel.scrollIntoViewIfNeeded();
    return panel;
}

/** The folder of the code that a page runs. */
const build = (page) => page.locator('script[src$="boot.js"]').getAttribute("src").then((src) => src.split("/")[0]);

test("a second visit without a network is ready to train", async (t) => {
    const host = await hostOf(t);
    const { page } = await openPage(t, { site: host.address, expected: OFFLINE });
    await ready(page);
    await kept(page);
    host.leave();
    await page.reload();
    await ready(page);
    // What was never asked for is not there, and then all that was asked for is.
    const { missing } = await tell(page, { ask: LIST });
    assert.ok(missing > 1_000_000, `${missing} bytes are missing`);
});

test("all of the site is kept on request, with its size said, the lesson too", async (t) => {
    const host = await hostOf(t);
    const { page } = await openPage(t, { site: host.address, expected: OFFLINE });
    // All that comes by itself is there before it is counted.
    await move(page);
    await ready(page);
    await page.waitForLoadState("networkidle");
    await kept(page);
    const panel = await offline(page);
    await panel.getByText(/keeps what you have used: \d+\.\d MB of/).waitFor();
    const before = await tell(page, { ask: LIST });
    const sizes = WHOLE.map(([, { bytes }]) => bytes);
    assert.equal(before.bytes, sizes.reduce((sum, bytes) => sum + bytes));
    const size = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
    await panel.getByRole("button", { name: `Fetch the rest (${size(before.missing)})` }).click();
    await panel.getByText(`keeps all of Hedgerow, ${size(before.bytes)}`).waitFor({ timeout: MINUTES });
    assert.deepEqual(await tell(page, { ask: LIST }), { bytes: before.bytes, missing: 0 });
    const all = await tell(page, { ask: FILES.map(([name]) => name) });
    assert.equal(all.missing, all.bytes - before.bytes, "and nothing of the real language model");
    host.leave();
    await page.goto(`${host.address}lesson/`);
    await page.getByRole("heading", { level: 1 }).waitFor();
});

test("an update of which half has come changes nothing, and a whole one takes over when no page is open", async (t) => {
    const host = await hostOf(t);
    const expected = ["answered with 404", "status of 404"];
    const { page, context } = await openPage(t, { site: host.address, expected });
    await kept(page);
    host.site = otherBuild();
    host.answer = (name, response) => name.endsWith("app_bg.wasm") && response.writeHead(404).end();
    assert.equal(await update(page), false);
    await page.reload();
    assert.equal(await build(page), pageFolder());
    await status(page).waitFor();

    // What came before is not fetched again; the next file is cut off.
    host.asked.length = 0;
    host.answer = (name, response) => name.endsWith("boot.js") && response.writeHead(200).end("import");
    assert.equal(await update(page), false);
    assert.ok(!host.asked.some((name) => name.endsWith("app.js")), host.asked.join());

    host.answer = null;
    assert.equal(await update(page), true);
    assert.equal(await build(page), pageFolder());
    await page.close();
    // The browser takes a moment to see that no page is left.
    let next = null;
    for (let visit = 0; visit < 10 && (!next || (await build(next)) === pageFolder()); visit++) {
        await next?.close();
        await new Promise((resolve) => setTimeout(resolve, 500));
        next = await context.newPage();
        await next.goto(host.address);
    }
    assert.equal(await build(next), pageFolder(otherBuild()));
    await status(next).waitFor();
    // From what was kept, not from the network.
    host.asked.length = 0;
    await next.reload();
    await status(next).waitFor();
    assert.ok(!host.asked.some((name) => name.startsWith("page-")), host.asked.join());
});

test("tabs that are open while a new build comes stay of one build, and none is reloaded", async (t) => {
    const host = await hostOf(t);
    const { page, context } = await openPage(t, { site: host.address });
    await kept(page);
    await page.evaluate(() => (globalThis.isTheSamePage = true));
    host.site = otherBuild();
    assert.equal(await update(page), true);
    const second = await context.newPage();
    await second.goto(host.address);
    await status(second).waitFor();
    assert.equal(await build(second), pageFolder());
    // The files of the other build are not asked for by either, not even by their old names.
    assert.deepEqual(await tell(second, { replace: true }), { others: 1 });
    await second.close();
    assert.equal(await page.evaluate(() => globalThis.isTheSamePage), true);
    assert.deepEqual(await tell(page, { ask: [] }), { bytes: 0, missing: 0 });
    // Until the visitor wants it.
    await (await offline(page)).getByRole("button", { name: "Use the newer version now" }).click();
    await page.waitForFunction((old) => !document.querySelector(`script[src^="${old}"]`), pageFolder());
    assert.equal(await build(page), pageFolder(otherBuild()));
});

test("a full storage is said, and the page goes on", async (t) => {
    const host = await hostOf(t);
    const { page, context } = await openPage(t, { site: host.address, expected: ["QuotaExceeded"] });
    await kept(page);
    const session = await context.newCDPSession(page);
    const { usage } = await session.send("Storage.getUsageAndQuota", { origin: new URL(host.address).origin });
    await session.send("Storage.overrideQuotaForOrigin", { origin: new URL(host.address).origin, quotaSize: usage + 1000 });
    const panel = await offline(page);
    await panel.getByRole("button", { name: "Fetch the rest" }).click();
    await panel.getByText("The browser has no room for all of it").waitFor();
    await page.reload();
    await status(page).waitFor();
});

const left = (page) =>
    page.evaluate(async () => [await navigator.serviceWorker.getRegistrations(), await caches.keys()].map(({ length }) => length));

/** A browser ends a service worker that has nothing to do, and begins it anew when its page asks for something. */
async function endWorkers(context, page) {
    const session = await context.newCDPSession(page);
    await session.send("ServiceWorker.enable");
    await session.send("ServiceWorker.stopAllWorkers");
}

test("switched off, its page still gets what it asks for, and switched on again it works without a network", async (t) => {
    const host = await hostOf(t);
    const { page, context } = await openPage(t, { site: host.address, expected: OFFLINE });
    await ready(page);
    await kept(page);
    const panel = await offline(page);
    await panel.getByRole("button", { name: "Keep nothing here" }).click();
    await panel.getByText("This browser keeps nothing of Hedgerow").waitFor();
    await endWorkers(context, page);
    // Fetched now, and kept nowhere.
    host.asked.length = 0;
    assert.equal(await page.evaluate(() => fetch("lesson/en.json").then(({ status }) => status)), 200);
    assert.ok(host.asked.some((name) => name.endsWith("lesson/en.json")), host.asked.join());
    assert.deepEqual(await left(page), [0, 0]);
    await panel.getByRole("button", { name: "Keep Hedgerow in this browser" }).click();
    await panel.getByText("This browser keeps what you have used").waitFor();
    await kept(page);
    host.leave();
    await page.reload();
    await ready(page);
});

test("switched off, it is gone and stays away", async (t) => {
    const host = await hostOf(t);
    const { page } = await openPage(t, { site: host.address });
    await kept(page);
    await (await offline(page)).getByRole("button", { name: "Keep nothing here" }).click();
    await page.getByText("This browser keeps nothing of Hedgerow").waitFor();
    await page.reload();
    await status(page).waitFor();
    assert.deepEqual(await left(page), [0, 0]);
    await (await offline(page)).getByRole("button", { name: "Keep Hedgerow in this browser" }).click();
    await page.getByText("This browser keeps what you have used").waitFor();
});
