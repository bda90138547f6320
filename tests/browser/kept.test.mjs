// Runs that outlast what happens to their page: a reload, a closed tab, a reset by mistake. On the CPU they go on to
// the same bits. Where the browser keeps nothing the page says so and trains all the same.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { exported, MINUTES, move, ready, status, train } from "./lab.mjs";

const UPDATES = 34;
/** A run of two models that takes seconds, and is kept after every tenth update. */
const RUN = `#s=4&seeds=0&engine=cpu&finetune.updates=${UPDATES}&finetune.prompts=10&measure.every=17&measure.probe_every=34`;

const notice = (page, text) => page.locator(".notice").filter({ hasText: text });
const finished = (page) => status(page).getByText(`Finished after ${UPDATES} updates`).waitFor({ timeout: 2 * MINUTES });

/** Trains, and reloads as soon as the storage has the run, before the page is asked anything: the run is short. */
async function reloadHalfway(page) {
    await page.evaluate(() => {
        const reloadOnceKept = (database) => {
            database.transaction("list").objectStore("list").count().onsuccess = ({ target }) =>
                target.result > 0 ? location.reload() : setTimeout(reloadOnceKept, 5, database);
        };
        indexedDB.open("hedgerow").onsuccess = ({ target }) => reloadOnceKept(target.result);
    });
    await Promise.all([page.waitForEvent("load", { timeout: MINUTES }), train(page).click()]);
}

test("a run outlasts a reload, a closed tab and a reset, and ends as if there had been none", { timeout: 5 * MINUTES }, async (t) => {
    const { page, context, site } = await openPage(t, { path: RUN });
    await ready(page);
    await train(page).click();
    await finished(page);
    const { replicas: whole } = await exported(page);

    await page.getByRole("button", { name: "Reset" }).click();
    const aside = notice(page, `stopped at update ${UPDATES} and gave way`);
    await aside.waitFor();
    await status(page).getByText("Ready").waitFor();
    await reloadHalfway(page);
    // What was measured is there before any engine.
    await notice(page, "the run that you had before the page was reloaded").waitFor({ timeout: MINUTES });
    await status(page).getByText(/Paused at update [123]\d/).waitFor({ timeout: MINUTES });
    const { replicas: back } = await exported(page);
    for (const [place, { updates, measurements }] of back.entries()) {
        assert.ok(updates.length >= 10, `${updates.length} updates are back`);
        // Of the last update there are rated answers, too; those of the next one took their place.
        const last = updates.length - 1;
        const expected = whole[place].updates.slice(0, updates.length);
        expected[last] = { ...expected[last], examples: updates[last].examples };
        assert.ok(updates[last].examples.length > 0);
        assert.deepEqual(updates, expected);
        assert.deepEqual(measurements, whole[place].measurements.slice(0, measurements.length));
    }
    await train(page).click();
    await finished(page);
    assert.deepEqual((await exported(page)).replicas, whole);

    await page.getByRole("button", { name: "Reset" }).click();
    await aside.waitFor();
    await status(page).getByText("Ready").waitFor();
    await aside.getByRole("button", { name: "Bring it back" }).click();
    await finished(page);
    assert.deepEqual((await exported(page)).replicas, whole);

    await page.close();
    const later = await context.newPage();
    await later.goto(`${site}#seeds=0&engine=cpu`);
    const left = notice(later, `left at update ${UPDATES} of ${UPDATES}`);
    // Deleted by mistake, and had after all.
    await left.getByRole("button", { name: "Delete it" }).click();
    await left.waitFor({ state: "detached" });
    await notice(later, "The run was deleted").getByRole("button", { name: "Undo" }).click();
    await finished(later);
    assert.deepEqual((await exported(later)).replicas, whole);
    // It is the run of this tab now.
    await later.waitForTimeout(1000);
    await later.reload();
    await finished(later);
    await left.waitFor({ state: "detached" });
});

test("by keyboard the focus stays on the button that trains and on the one that steps", { timeout: 2 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: RUN });
    await ready(page);
    const focused = () => page.evaluate(() => document.activeElement.textContent.trim());
    await page.getByRole("button", { name: "Step" }).focus();
    for (const update of [1, 2]) {
        await page.keyboard.press("Enter");
        await status(page).getByText(`Paused at update ${update}`).waitFor({ timeout: MINUTES });
        assert.equal(await focused(), "Step");
    }
    await train(page).focus();
    await page.keyboard.press("Enter");
    await status(page).getByText(/Update [3-9] /).waitFor({ timeout: MINUTES });
    await page.keyboard.press("Enter");
    await status(page).getByText(/Paused at update/).waitFor({ timeout: MINUTES });
    assert.equal(await focused(), "Train");
});

test("the focus stays near when its holder goes, whatever took it away, and follows nobody who left", { timeout: 2 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: RUN });
    await ready(page);
    await move(page);
    const chart = page.locator("#outcomes [role=slider]").first();
    const isWithin = (place) => page.waitForFunction((place) => document.activeElement.closest(place) !== null, place);
    await chart.focus();
    // Two things that arrive, one after the other: no key and no click has brought them.
    await chart.evaluate((chart) => chart.remove());
    await isWithin("#outcomes .stacks");
    await page.locator("#outcomes .stacks").evaluate((stacks) => stacks.remove());
    await isWithin("#outcomes");
    // Who puts it nowhere, or tabs out of the page, is left there.
    await train(page).focus();
    await page.evaluate(() => document.activeElement.blur());
    await page.waitForTimeout(500);
    assert.equal(await page.evaluate(() => document.activeElement.tagName), "BODY");
});

test("where the browser keeps nothing the page says so and trains on", { timeout: 3 * MINUTES }, async (t) => {
    const { page } = await openPage(t, {
        path: RUN,
        prepare: (context) =>
            context.addInitScript(() => {
                IDBFactory.prototype.open = () => {
                    throw new DOMException("The user forbids it.", "SecurityError");
                };
            }),
    });
    await ready(page);
    await train(page).click();
    const told = notice(page, "does not keep a copy of your run");
    await told.waitFor({ timeout: MINUTES });
    await finished(page);
    const [download] = await Promise.all([
        page.waitForEvent("download"),
        told.getByRole("button", { name: "Save as a file" }).click(),
    ]);
    assert.match(download.suggestedFilename(), /json$/);
});

/** Pages of the site that start no engine, and what they do with the storage. */
async function storages(t, count) {
    const { page, context, site } = await openPage(t, { path: "files.json", expected: ["Content Security Policy", "favicon"] });
    const tabs = [page];
    while (tabs.length < count) {
        const tab = await context.newPage();
        await tab.goto(`${site}files.json`);
        tabs.push(tab);
    }
    return { tabs, site };
}

const keep = (page, size) =>
    page.evaluate(async (size) => {
        const runs = await import(new URL("runs.js", location));
        globalThis.found ??= [await runs.find()];
        await runs.keep({ build: "x", head: new Uint8Array(size), states: [], file: null });
    }, size);

/** What is kept, the oldest first. */
const sizes = (page, store = "list") =>
    page.evaluate(
        (store) =>
            new Promise((resolve) => {
                indexedDB.open("hedgerow").onsuccess = ({ target: { result } }) => {
                    result.transaction(store).objectStore(store).getAll().onsuccess = ({ target: { result } }) =>
                        resolve(result.sort((a, b) => a.at - b.at).map(({ bytes }) => bytes));
                };
            }),
        store,
    );

/** The storage of a tab is full for so many writes. */
const fill = (page, times) =>
    page.evaluate((times) => {
        const put = IDBObjectStore.prototype.put;
        let left = times;
        IDBObjectStore.prototype.put = function (...what) {
            if (left-- > 0) {
                throw new DOMException("full", "QuotaExceededError");
            }
            return put.apply(this, what);
        };
    }, times);

test("ten open tabs keep their runs; a full storage gives away those of closed ones, the oldest first, and no more than it has to", { timeout: 3 * MINUTES }, async (t) => {
    const { tabs } = await storages(t, 10);
    for (const [place, tab] of tabs.entries()) {
        await keep(tab, place + 1);
    }
    const last = tabs.at(-1);
    assert.deepEqual(await sizes(last), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (const tab of [tabs[1], tabs[4], tabs[6]]) {
        await tab.close();
    }
    await last.waitForFunction(async () => (await navigator.locks.query()).held.length === 7);
    await fill(last, 2);
    await keep(last, 11);
    assert.deepEqual(await sizes(last), [1, 3, 4, 6, 7, 8, 9, 11], "the two that were left first are gone");
    await fill(last, 2);
    await assert.rejects(keep(last, 12), /full/);
    assert.deepEqual(await sizes(last), [1, 3, 4, 6, 8, 9, 11], "what is open stays, and the last that was kept");
    await keep(last, 13);
    assert.deepEqual(await sizes(last), [1, 3, 4, 6, 8, 9, 13]);
});

test("of the runs of closed tabs the latest two dozen stay", { timeout: 3 * MINUTES }, async (t) => {
    const { tabs, site } = await storages(t, 1);
    const [page] = tabs;
    const other = await page.context().newPage();
    for (let size = 1; size <= 27; size += 1) {
        // A tab of its own each time: a tab's own run is not among those that were left.
        await other.goto(`${site}files.json`);
        await other.evaluate(() => sessionStorage.clear());
        await other.reload();
        await keep(other, size);
    }
    await keep(page, 100);
    const kept = await sizes(page);
    assert.deepEqual([kept.length, kept[0], kept.at(-1)], [26, 3, 100], "24 were left, one is open, and this one's");
});

test("a full storage takes from the shelf what it has to, the oldest first, and nothing that is pinned", { timeout: 2 * MINUTES }, async (t) => {
    const { tabs } = await storages(t, 1);
    const [page] = tabs;
    const shelve = (size) =>
        page.evaluate(async (size) => {
            const runs = await import(new URL("runs.js", location));
            await runs.shelve(`run ${size}`, 1, "line", new Uint8Array(size));
            await new Promise((resolve) => setTimeout(resolve, 5));
        }, size);
    for (const size of [1, 2, 3, 4]) {
        await shelve(size);
    }
    await page.evaluate(async () => (await import(new URL("runs.js", location))).label("run 1", "pinned", true));
    await fill(page, 1);
    await shelve(5);
    assert.deepEqual(await sizes(page, "shelf"), [1, 3, 4, 5]);
});
