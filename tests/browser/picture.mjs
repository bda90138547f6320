// The pictures of the page: docs/page.png for the README, public/preview.png for those who share a link. Not a test:
//
//     cargo xtask picture
//
// They are of the site in dist/, with its recorded run, and so the same whenever they are made.

import { test } from "node:test";

import { openPage } from "./harness.mjs";

const recorded = (page) => page.getByText("Recorded run", { exact: true }).first().waitFor();

test("docs/page.png", async (t) => {
    const { page } = await openPage(t, { viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
    await recorded(page);
    await page.evaluate(() => document.getElementById("lab").scrollIntoView());
    await page.locator("#outcomes .layer").first().waitFor();
    await page.screenshot({ path: "docs/page.png" });
});

test("public/preview.png", async (t) => {
    const { page } = await openPage(t, { viewport: { width: 1200, height: 630 }, reducedMotion: "reduce" });
    await page.locator(".example-answers").waitFor();
    await page.screenshot({ path: "public/preview.png" });
});
