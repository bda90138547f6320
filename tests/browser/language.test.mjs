// The page in its visitor's language: that of the link, of an earlier choice, or of the browser. It can be changed in the
// middle of a run.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { WITHOUT_CODE, openPage } from "./harness.mjs";
import { MINUTES, ready, show, status, train } from "./lab.mjs";

const UPDATES = 34;
/** A run of two models that takes seconds, and is kept after every tenth update. */
const RUN = `#s=4&seeds=0&engine=cpu&finetune.updates=${UPDATES}&finetune.prompts=10&measure.every=17&measure.probe_every=34`;

const spoken = (page) => page.evaluate(() => document.documentElement.lang);
/** The languages that the header offers, once it is there. */
async function offered(page) {
    await page.locator("header.top .language").first().waitFor();
    return page.locator(".language").allTextContents();
}
const number = (page) => page.locator(".pay-value").first().textContent();

test("the page speaks the browser's language unless the link names one", async (t) => {
    const { page, site, requests } = await openPage(t, { locale: "de-DE" });
    assert.deepEqual(await offered(page), ["English"]);
    assert.equal(await spoken(page), "de");
    await page.getByRole("heading", { level: 1, name: "Was lehrt eine Belohnung?" }).waitFor();
    assert.match(await page.title(), /Belohnung/);
    assert.match(await number(page), /^[+−]\d+,\d\d$/);
    // Those of panels may be on their way already.
    const words = requests.filter((address) => /\/text\/\w+\.json/.test(address));
    assert.deepEqual(words, [`${site}text/de.json`]);
    // Once a German spreadsheet read "0.25" as a date.
    const save = page.getByRole("button", { name: "CSV", exact: true });
    const [download] = await Promise.all([page.waitForEvent("download"), save.click()]);
    assert.match(download.suggestedFilename(), /-semicolon\.csv$/);
    assert.match(readFileSync(await download.path(), "utf8"), /^arm;seed;update;metric;slice;value;[^]*;0,\d+;/);

    await page.goto(`${site}?lang=en`);
    assert.deepEqual(await offered(page), ["Deutsch"]);
    assert.equal(await spoken(page), "en");
    await page.getByRole("heading", { level: 1, name: "What does a reward teach?" }).waitFor();
    assert.match(await number(page), /^[+−]\d+\.\d\d$/);
});

test("a browser whose languages the page lacks gets English", async (t) => {
    const { page } = await openPage(t, { locale: "fi-FI" });
    assert.deepEqual(await offered(page), ["Deutsch"]);
    assert.equal(await spoken(page), "en");
});

test("what stops the page is said in German before its words have come", async (t) => {
    const { page } = await openPage(t, { locale: "de-DE", ...WITHOUT_CODE });
    await page.getByText("Die Seite konnte nicht gestartet werden").waitFor();
    assert.equal(await page.locator("#shell h1").textContent(), "Was lehrt eine Belohnung?");
});

for (const locale of ["en-GB", "de-DE"]) {
    test(`what there is to see before the page's code is here is what the page then says (${locale})`, async (t) => {
        const seen = (root) => root.locator(".story-words > p, h1, .example-question, .example-answers").allInnerTexts();
        const { page: shell } = await openPage(t, { locale, ...WITHOUT_CODE });
        await shell.locator("#boot-error").waitFor();
        const before = await seen(shell.locator("#shell"));
        assert.equal(before.length, 6, before.join("\n"));

        const { page } = await openPage(t, { locale });
        await page.locator("#story .example-number").nth(2).waitFor();
        assert.deepEqual(await seen(page.locator("#story")), before);
        assert.equal(await page.title(), await shell.title());
    });
}

test("a link with another rater shows no number of the first one", async (t) => {
    const { page } = await openPage(t, { path: "#s=4&rater.check_probability=1", ...WITHOUT_CODE });
    await page.locator("#shell h1").waitFor();
    assert.equal(await page.locator("#shell .example-number:visible").count(), 0);
});

test("another language keeps the exercise and what a teacher's link asks for", { timeout: 3 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: "?lang=en&exercise=thumb&lock=seeds&answers=hidden" });
    await page.locator("#exercise").getByText(/^Step 1 of/).waitFor();
    await page.getByRole("button", { name: "Deutsch" }).click();
    await page.locator("#exercise").getByText(/^Teil 1 von/).waitFor();
    const { search } = new URL(page.url());
    assert.equal(search, "?exercise=thumb&lock=seeds&answers=hidden");
    assert.equal(await spoken(page), "de");
});

test("numbers in fields are those of the page's language, and both decimal signs are read", { timeout: 3 * MINUTES }, async (t) => {
    const { page, site } = await openPage(t, { path: "#s=4&rater.check_probability=0.15", locale: "de-DE" });
    await page.locator("header.top .language").first().waitFor();
    const field = page.locator("[data-setting='rater.check_probability'] input[type=text]");
    const inLink = (value) => page.waitForFunction((value) => location.hash.includes(`check_probability=${value}`), value);
    assert.equal(await field.inputValue(), "0,15");
    for (const [typed, shown, value] of [["0,35", "0,35", "0.35"], ["0.45", "0,45", "0.45"]]) {
        await field.fill(typed);
        await field.blur();
        await inLink(value);
        assert.equal(await field.inputValue(), shown);
    }
    await field.focus();
    await page.keyboard.press("ArrowUp");
    await inLink("0.5");
    assert.equal(await field.inputValue(), "0,5");
    // Thousands are not taken for decimals.
    await show(page, "settings");
    await page.locator("#settings > .more > summary").click();
    const updates = page.locator("[data-setting='finetune.updates'] input");
    await updates.fill("1.000");
    await updates.blur();
    await page.locator("#settings .problem:not(:empty)").waitFor();
    await page.goto(`${site}?lang=en#s=4&rater.check_probability=0.15`);
    await page.reload();
    await page.locator("header.top .language").first().waitFor();
    assert.equal(await field.inputValue(), "0.15");
});

test("the language changes in the middle of a run, and settings and run are kept", { timeout: 4 * MINUTES }, async (t) => {
    const { page, site } = await openPage(t, { path: `?lang=en${RUN}` });
    await ready(page);
    await train(page).click();
    await status(page).getByText(/Update (1[3-9]|2\d) /).waitFor({ timeout: MINUTES });
    await page.getByRole("button", { name: "Deutsch" }).click();
    await page.locator(".notice").filter({ hasText: "den du vor dem Neuladen der Seite hattest" }).waitFor({ timeout: MINUTES });
    await status(page).getByText(/Pause bei Schritt [123]\d/).waitFor({ timeout: MINUTES });
    assert.ok(page.url().includes(`finetune.updates=${UPDATES}`), page.url());
    assert.ok(!page.url().includes("lang="), page.url());
    await train(page).click();
    await status(page).getByText(`Fertig nach ${UPDATES} Schritten`).waitFor({ timeout: 2 * MINUTES });

    await page.goto(`${site}?a=b`);
    assert.deepEqual(await offered(page), ["English"], "the choice is remembered");
});
