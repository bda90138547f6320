// The page loads at all: from a sub-folder, from one origin, without a complaint; and where it cannot,
// it says why.

import assert from "node:assert/strict";
import { test } from "node:test";

import { WITHOUT_CODE, openPage, screenshot } from "./harness.mjs";

test("the page loads from a sub-folder of one origin without a complaint", async (t) => {
    const { page, site, requests } = await openPage(t);
    const heading = page.getByRole("heading", { level: 1 });
    await heading.waitFor();
    assert.notEqual((await heading.textContent()).trim(), "");
    assert.notEqual((await page.title()).trim(), "");
    assert.equal(await page.locator("#boot-error").isVisible(), false);
    await page.waitForLoadState("networkidle");
    const elsewhere = requests.filter((url) => !url.startsWith(site) && !/^(data|blob):/.test(url));
    assert.deepEqual(elsewhere, []);
    await screenshot(page, "smoke");
});

test("on a phone the question comes first, then what trains, the figure, and the rest", async (t) => {
    const { page } = await openPage(t, { viewport: { width: 360, height: 640 } });
    const parts = ["#experiments", ".buttons", ".status", "#outcomes", "#rater", "#settings", "#scores", "#answers"];
    await page.locator("footer.foot").waitFor();
    const tops = await page.evaluate(
        (parts) => parts.map((part) => document.querySelector(part).getBoundingClientRect().top),
        parts,
    );
    assert.deepEqual(tops, tops.toSorted((one, other) => one - other), parts.join());
});

test("a page whose wasm does not arrive says so", async (t) => {
    const { page } = await openPage(t, WITHOUT_CODE);
    await page.getByText("The page could not be started").waitFor();
    // An anchor that is clicked now would take the settings out of the address.
    assert.equal(await page.locator("a, button").count(), 0);
});

for (const [what, answer] of [
    ["do not arrive", { status: 404, body: "" }],
    ["are a filter's web page", { contentType: "text/html", body: "<h1>Blocked</h1>" }],
    ["are those of another page", { contentType: "application/json", body: '{"header": {"motto": "Hedge no more."}}' }],
]) {
    test(`a page whose words ${what} says what to do`, async (t) => {
        const { page } = await openPage(t, {
            expected: ["text/en.json", "404", "text.page"],
            prepare: (context) => context.route("**/text/en.json", (route) => route.fulfill(answer)),
        });
        const box = page.locator("#boot-error");
        await box.getByText("Reload the page").waitFor();
        assert.match(await box.textContent(), /text/);
    });
}

test("a browser without WebAssembly is told so", async (t) => {
    const { page } = await openPage(t, {
        prepare: (context) => context.addInitScript(() => delete globalThis.WebAssembly),
    });
    await page.getByText("This browser cannot run WebAssembly").waitFor();
});
