// Links: the settings they carry, the places beside them, and what programs do to them on the way.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { show } from "./lab.mjs";

/** The field "Updates" of the panel "How it learns", which every link of this file sets to 37. */
async function updates(page) {
    await show(page, "settings");
    await page.getByText("How it learns").click();
    return page.getByLabel("Updates", { exact: true }).inputValue();
}

const hash = (page) => page.evaluate(() => location.hash);

/** Waits until the top of this section is where the reader is. */
const atSection = (page, id) =>
    page.waitForFunction((id) => {
        const { top } = document.getElementById(id)?.getBoundingClientRect() ?? {};
        return top > -2 && top < innerHeight / 2;
    }, id);

test("a link that a person can read sets what it says", async (t) => {
    const { page } = await openPage(t, { path: "#s=4&finetune.updates=37&seeds=0,1" });
    assert.equal(await updates(page), "37");
    assert.equal(await page.locator(".notice.warning").count(), 0);
});

test("a link of the first version still opens", async (t) => {
    const first =
        "AT1LyQmAMBCcTXyILxE72ZcP3QYsQ_brwwYCVhGb0QK0J7MJZGCYi2lAzjv4K8YFGY8wswBBShfuVFZvuvWtzcZ9OCdVTZcj5-9d524k0A8";
    const { page } = await openPage(t, { path: `#${first}).` });
    assert.equal(await updates(page), "100");
    assert.equal(await page.locator(".notice.warning").count(), 0);
});

test("an anchor keeps the settings, over a reload too", async (t) => {
    const { page } = await openPage(t, { path: "#s=4&finetune.updates=37" });
    await page.getByRole("link", { name: "Limits" }).click();
    await atSection(page, "limits");
    await page.waitForFunction(() => location.hash === "#s=4&finetune.updates=37&at=limits");
    await page.reload();
    await atSection(page, "limits");
    assert.equal(await updates(page), "37");
});

test("an anchor alone scrolls to its section once the page is drawn", async (t) => {
    for (const id of ["what-to-look-for", "limits"]) {
        const { page } = await openPage(t, { path: `#${id}` });
        await atSection(page, id);
        assert.equal(await hash(page), `#${id}`);
    }
});

test("what a chat program appends to a link is ignored", async (t) => {
    for (const tail of [").", "&utm_source=x&fbclid=y", "%E2%80%8B"]) {
        const { page } = await openPage(t, { path: `#s=4&finetune.updates=37${tail}` });
        assert.equal(await updates(page), "37", tail);
        assert.equal(await page.locator(".notice.warning").count(), 0, tail);
    }
});

test("a bad parameter is named while the rest of the link opens", async (t) => {
    const { page } = await openPage(t, { path: "#s=4&finetune.updates=37&finetune.kl=lots&humour=1" });
    const notice = page.locator(".notice.warning");
    await notice.getByText(/finetune\.kl.*humour/).waitFor();
    assert.equal(await updates(page), "37");
});

test("a seed that the site lacks is replaced and named", async (t) => {
    const { page } = await openPage(t, { path: "#s=4&seeds=999" });
    await page.locator(".notice.warning").getByText("999").waitFor();
    await page.waitForFunction(() => !location.hash.includes("999"));
});

test("settings that nobody recorded have no recording beside them", async (t) => {
    const { page } = await openPage(t, { path: "#s=4&world=everyday&rater.check_probability=0.9" });
    await show(page, "outcomes");
    await page.locator("#outcomes").getByText("No recorded run", { exact: true }).waitFor();
    await page.locator("#outcomes").getByText("No run with these settings was recorded").waitFor();
    assert.equal(await page.locator("#outcomes .layer").count(), 0);
});

test("the address follows a change of the settings", async (t) => {
    const { page } = await openPage(t);
    await show(page, "settings");
    await page.getByText("How it learns").click();
    const field = page.getByLabel("Updates", { exact: true });
    for (const number of ["41", "42", "43"]) {
        await field.fill(number);
        await field.blur();
    }
    await page.waitForFunction(() => location.hash === "#s=4&seeds=3&world=everyday&finetune.updates=43");
    await page.goto(`${page.url().split("#")[0]}#s=4&finetune.updates=44`);
    await page.waitForFunction(() => location.hash === "#s=4&finetune.updates=44");
    assert.equal(await field.inputValue(), "44");
});

test("without a clipboard the link is there to be copied by hand", async (t) => {
    const { page, site } = await openPage(t, {
        path: "#s=4&finetune.updates=37",
        prepare: (context) =>
            context.addInitScript(() => Object.defineProperty(navigator, "clipboard", { value: undefined })),
    });
    await page.getByRole("button", { name: "Copy link" }).click();
    const field = page.getByLabel(/copied by hand/);
    const link = `${site}#s=4&finetune.updates=37`;
    assert.equal(await field.inputValue(), link);
    assert.equal(await page.evaluate(() => getSelection().toString() || document.activeElement.value), link);
    await page.keyboard.press("Escape");
    await field.waitFor({ state: "detached" });
});
