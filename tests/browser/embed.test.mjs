// The page inside another page, put there with the lines that it hands out: chosen panels, height, colours, and a run.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { ready, status } from "./lab.mjs";

/** A page of somebody else, on another origin. */
async function hostPage(t, body) {
    const server = createServer((_, response) => {
        response.writeHead(200, { "content-type": "text/html" });
        response.end(`<!doctype html><link rel="icon" href="data:,"><title>A course</title>${body}`);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => server.close());
    return `http://localhost:${server.address().port}/`;
}

test("the lines that the page hands out show its settings in another page, as high as they are", async (t) => {
    const permissions = (context) => context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const { page, context } = await openPage(t, {
        path: "#seeds=1",
        prepare: permissions,
        expected: ["request outside the site: http://localhost"],
    });
    await status(page).waitFor();
    await page.getByRole("button", { name: "Embed" }).click();
    await page.getByText("The HTML was copied.").waitFor();
    const lines = await page.evaluate(() => navigator.clipboard.readText());
    await page.close();

    const host = await context.newPage();
    await host.goto(await hostPage(t, lines));
    const inner = host.frameLocator("iframe");
    await ready(inner);
    const frame = host.frames().find((frame) => frame.url().includes("?embed"));
    assert.match(frame.url(), /\?embed#.*seeds=1/);
    assert.equal(await inner.locator("header.top").count(), 0);
    assert.equal(await inner.locator("#experiments").count(), 0);
    await inner.locator(".status-words").waitFor();
    await host.waitForFunction(() => document.querySelector("iframe").height !== "900");
    const [height, wanted] = [
        Number(await host.locator("iframe").getAttribute("height")),
        await frame.evaluate(() => document.documentElement.scrollHeight),
    ];
    assert.ok(Math.abs(height - wanted) <= 40, `${height} instead of ${wanted}`);
    const whole = await inner.getByRole("link", { name: "Open this in Hedgerow" }).getAttribute("href");
    assert.ok(!whole.includes("embed") && whole.includes("seeds=1"), whole);

    const theme = () => frame.evaluate(() => document.documentElement.dataset.theme);
    for (const wanted of ["dark", "light"]) {
        await host.evaluate((theme) => frames[0].postMessage({ hedgerow: "theme", theme }, "*"), wanted);
        await frame.waitForFunction((wanted) => document.documentElement.dataset.theme === wanted, wanted);
    }
    // Others than the host have no say.
    await frame.evaluate(() => postMessage({ hedgerow: "theme", theme: "dark" }, "*"));
    await frame.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
    assert.equal(await theme(), "light");
    const kept = () => {
        try {
            return localStorage.getItem("hedgerow-theme");
        } catch {
            // A browser that gives a page in another one no storage.
            return null;
        }
    };
    assert.equal(await frame.evaluate(kept), null);
});

test("a host chooses the panels and the colours in the address", async (t) => {
    const { page } = await openPage(t, { path: "?embed=rater,limits&theme=dark" });
    await page.locator("#limits").waitFor();
    assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
    assert.equal(await page.locator("#rater").count(), 1);
    assert.equal(await page.locator("#scores, .status-words, #method").count(), 0);
});

test("the states can be chosen by themselves, and the way to the whole page keeps the language", async (t) => {
    const { page } = await openPage(t, { path: "?embed=controls,states&lang=de#seeds=1" });
    await page.locator("#states").waitFor();
    assert.equal(await page.locator("#facts").count(), 0);
    const whole = await page.locator("footer a").getAttribute("href");
    assert.match(whole, /\/school\/\?lang=de#.*seeds=1/);
});
