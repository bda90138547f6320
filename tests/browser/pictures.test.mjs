// Pictures of charts: files that say by themselves what was computed, and open where nothing of the page is.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { accessibilityProblems, openPage, screenshot } from "./harness.mjs";
import { MINUTES, show } from "./lab.mjs";

/** Opens the sign at a chart and saves it. */
async function saved(page, chart, kind) {
    const sign = chart.locator("summary[aria-label]").first();
    await sign.focus();
    await page.keyboard.press("Enter");
    const coming = page.waitForEvent("download", { timeout: 2 * MINUTES });
    await chart.getByRole("button", { name: kind, exact: true }).click();
    const file = await coming;
    await sign.focus();
    await page.keyboard.press("Enter");
    return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

/** What a viewer makes of a picture that has nothing but the file. */
async function drawn(page, { bytes }) {
    const address = `data:image/svg+xml;base64,${bytes.toString("base64")}`;
    return page.evaluate(async (address) => {
        const image = new Image();
        image.src = address;
        await image.decode();
        return [image.naturalWidth, image.naturalHeight];
    }, address);
}

test("each chart is saved as a drawing and as pixels with its settings and a link", { timeout: 8 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: "#s=4" });
    await show(page, "outcomes", page.locator("#outcomes .layer").first());
    const figure = page.locator("#outcomes");
    const svg = await saved(page, figure, "SVG");
    assert.equal(svg.name, "hedgerow-outcomes.svg");
    const words = svg.bytes.toString("utf8");
    for (const part of ["Settings: A  Uneasy facts", "Scalar", "Structured", "Computed by build", `${new URL(page.url()).origin}/`]) {
        assert.ok(words.includes(part), part);
    }
    const [width, height] = await drawn(page, svg);
    assert.equal(width, 760);
    // The link in it opens the same settings.
    const link = words.match(/<a href="([^"]+)"/)[1].replaceAll("&amp;", "&");
    assert.match(link, /#s=4/);

    const png = await saved(page, figure, "PNG");
    assert.equal(png.name, "hedgerow-outcomes.png");
    assert.equal(png.bytes.subarray(1, 4).toString(), "PNG");
    // Twice as many pixels as the drawing.
    assert.deepEqual([png.bytes.readUInt32BE(16), png.bytes.readUInt32BE(20)], [2 * width, 2 * height]);

    await page.getByRole("heading", { name: "How do we know?" }).click();
    const lies = page.locator("#lies");
    await show(page, "figures", lies.locator(".u-over, canvas").first());
    const lines = await saved(page, lies, "SVG");
    assert.match(lines.name, /^hedgerow-lies-uncomfortable\.svg$/);
    assert.equal((await drawn(page, lines))[0], 760);

    await show(page, "facts", page.locator("#facts .cell").first());
    const facts = await saved(page, page.locator("#facts"), "PNG");
    assert.equal(facts.name, "hedgerow-facts.png");
    await screenshot(page, "pictures");
    assert.deepEqual(await accessibilityProblems(page, "main"), []);
});
