// The edition in one file, opened from the disk: it trains, asks no server for anything, and says what it lacks; a
// language that it lacks it does not offer.

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { MINUTES, ready, show, status, train } from "./lab.mjs";
import { oneFile } from "./release.mjs";

test("the edition in one file trains from a disk and says what it lacks", async (t) => {
    const site = pathToFileURL(oneFile()).href;
    const { page, requests } = await openPage(t, { site, locale: "de-DE" });
    await page.getByText("This is Hedgerow in one file").waitFor();
    await ready(page);
    assert.equal(await page.locator(".language").count(), 0);
    // Of the other worlds no run is recorded here, and nobody is asked to try again.
    await page.getByText("invented groups", { exact: true }).click();
    await page.locator("#outcomes").getByText("Train to see charts").waitFor();
    assert.equal(await page.getByText("could not be loaded").count(), 0);
    await page.getByText("everyday things", { exact: true }).click();
    await train(page).click();
    await status(page).getByText(/Update [1-9]/).waitFor({ timeout: 2 * MINUTES });
    await show(page, "facts", page.locator("#facts .cell").first());
    // Their models are in it.
    await page.getByText("invented groups", { exact: true }).click();
    await status(page).getByText("Ready").waitFor({ timeout: MINUTES });
    await page.getByRole("radio", { name: "invented groups", checked: true }).waitFor({ state: "attached" });
    await train(page).click();
    await status(page).getByText(/Update [1-9]/).waitFor({ timeout: 2 * MINUTES });
    const others = requests.filter((address) => address !== site && !/^(data|blob):/.test(address));
    assert.deepEqual(others, []);
});
