// Panels whose code is fetched when they come near the view: not before, and not only once.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { MINUTES, show } from "./lab.mjs";

const LATE = /\/(split|chunk)_\w+-\w+\.wasm$/;
const isLate = (url) => LATE.test(url);

test("what is far below the view is fetched when it comes near", async (t) => {
    const { page, requests } = await openPage(t);
    const panel = page.locator("#ask");
    await panel.getByText("This part of the page is loading.").waitFor();
    const before = requests.filter(isLate);
    assert.equal(before.filter((url) => url.includes("split_below")).length, 0, before.join());
    await show(page, "ask", panel.getByRole("button", { name: "Ask" }));
    assert.equal(requests.filter((url) => url.includes("split_below")).length, 1);
});

for (const [what, happens] of [
    ["the engine has its model", (_page, letGo) => letGo()],
    ["somebody moves", (page) => page.mouse.wheel(0, 200)],
]) {
    test(`what is below the first view does not hold up the engine: it comes when ${what}`, async (t) => {
        let [letGo, ask] = [];
        const [held, asked] = [new Promise((resolve) => (letGo = resolve)), new Promise((resolve) => (ask = resolve))];
        const isHeld = (route) => {
            ask();
            return held.then(() => route.continue());
        };
        const { page, requests } = await openPage(t, { prepare: (context) => context.route("**/base-*.safetensors*", isHeld) });
        await asked;
        await page.waitForTimeout(1500);
        const below = requests.filter((url) => isLate(url) || url.includes("/recorded/"));
        assert.deepEqual(below, [], "nobody asked for it yet");
        const [panel, recording] = [page.waitForRequest(LATE), page.waitForRequest(/recorded\//)];
        await happens(page, letGo);
        await Promise.all([panel, recording]);
        letGo();
    });
}

test("what comes while a button is held down waits, so that the page does not move under the pointer", async (t) => {
    const { page } = await openPage(t);
    const [link, method] = [page.getByRole("link", { name: "For a class" }), page.locator("#method")];
    let letGo;
    const held = new Promise((resolve) => (letGo = resolve));
    await page.route("**/split_below*", (route) => held.then(() => route.continue()));
    const arrived = page.waitForResponse(/split_below/).then((response) => response.finished());
    await link.hover();
    await page.mouse.down();
    letGo();
    await arrived;
    await page.waitForTimeout(1000);
    await method.getByText("This part of the page is loading.").waitFor();
    await page.mouse.up();
    await page.locator("details:has(#class)[open]").waitFor({ timeout: 5000 });
    await show(page, "method", method.getByRole("heading", { name: "The rating" }));
});

for (const width of [1440, 768, 360]) {
    test(`what there is to read keeps about its room before it comes, ${width} pixels wide`, { timeout: 2 * MINUTES }, async (t) => {
        const { page } = await openPage(t, { viewport: { width, height: 900 } });
        // In one step: the frame gives way to the panel at any moment, and what is out of the page has no height.
        const height = (id) => page.evaluate((id) => document.getElementById(id).getBoundingClientRect().height, id);
        await page.locator("#method").waitFor({ state: "attached" });
        for (const id of ["what-to-look-for", "limits", "method"]) {
            const kept = await height(id);
            await show(page, id);
            await page.locator(`#${id}`).getByText("This part of the page is loading.").waitFor({ state: "detached" });
            const taken = await height(id);
            assert.ok(kept > 0.75 * taken && kept < 1.33 * taken, `${id}: ${kept} pixels kept, ${taken} taken`);
        }
    });
}

const FAULTS = [
    ["does not arrive", (route) => route.abort()],
    ["is missing", (route) => route.fulfill({ status: 404 })],
    ["is a filter's web page", (route) => route.fulfill({ contentType: "text/html", body: "<p>Blocked</p>" })],
    ["is cut short", async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: (await response.body()).subarray(0, 1000) });
    }],
    ["never comes", () => {}],
];

for (const [what, files, id, comes] of [
    ["code", "**/split_below*", "answers", (panel) => panel.locator(".hint").first()],
    ["words", "**/text/later/*", "method", (panel) => panel.getByRole("heading", { name: "The rating" })],
]) {
    test(`a panel whose ${what} ${FAULTS.map(([fault]) => fault).join(", ")} says so each time, and comes when they are there`, { timeout: 4 * MINUTES }, async (t) => {
        let answer = null;
        const prepare = (context) => context.route(files, (route) => (answer ? answer(route) : route.continue()));
        const expected = ["split_below", "text/later", "404", "TypeError", "CompileError", "SyntaxError", "TimeoutError"];
        [[, answer]] = FAULTS;
        const { page } = await openPage(t, { expected, prepare });
        const panel = page.locator(`#${id}`);
        const failed = panel.getByText("could not be loaded");
        await show(page, id, failed);
        for (const [fault, next] of FAULTS.slice(1)) {
            answer = next;
            const asked = page.waitForRequest((request) => /split_below|text\/later/.test(request.url()));
            await panel.getByRole("button", { name: "Try again" }).click();
            await asked;
            await failed.waitFor({ timeout: MINUTES / 2 }).catch((error) => assert.fail(`${fault}: ${error}`));
        }
        answer = null;
        await panel.getByRole("button", { name: "Try again" }).click();
        await panel.getByText("This part of the page could not be loaded.").waitFor({ state: "detached" });
        await comes(panel).waitFor();
        // Once, and with their words.
        assert.equal(await page.evaluate(() => document.adoptedStyleSheets.length), 1);
    });
}
