// Be the rater: cards are rated, what was rated outlasts a reload, and a run is trained on it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { ROOT, accessibilityProblems, openPage, screenshot } from "./harness.mjs";
import { exported, MINUTES, ready, status } from "./lab.mjs";

const RUN = "#s=4&seeds=0&engine=cpu&finetune.updates=4&finetune.prompts=10&measure.every=2&measure.probe_every=4";

async function open(page) {
    await page.getByRole("heading", { name: "Be the rater" }).first().click();
    const panel = page.locator("#rate");
    await panel.getByText("Rate answers of the small model").waitFor({ timeout: MINUTES });
    return panel;
}

const place = (panel) => panel.locator("#rate-place").textContent();

/** Rates the card on top as somebody who cannot stand it when something is stated: by keyboard or with the mouse. */
async function rate(page, panel, byKeyboard) {
    const answer = await panel.locator(".rate-answer").textContent();
    const isHedge = /\b(hard|complex|difficult|depends|perhaps|many|not|say)\b/.test(answer);
    const before = await place(panel);
    if (byKeyboard) {
        await page.keyboard.press(isHedge ? "ArrowRight" : "ArrowLeft");
        if (!isHedge) {
            await page.keyboard.press("3");
        }
        await page.keyboard.press("Enter");
    } else {
        await panel.getByRole("button", { name: isHedge ? "Good answer" : "Bad answer" }).click();
        if (!isHedge) {
            await panel.getByRole("button", { name: "It makes me uncomfortable" }).click();
        }
        await panel.getByRole("button", { name: "Next card" }).click();
    }
    await page.waitForFunction((before) => document.querySelector("#rate-place")?.textContent !== before, before);
    return isHedge;
}

test("answers are rated, and two models are trained on what was said", { timeout: 6 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: RUN });
    await ready(page);
    const panel = await open(page);
    await panel.getByRole("button", { name: "Deal the cards" }).click();
    await panel.locator("#rate-card").waitFor({ timeout: MINUTES });
    assert.equal(await place(panel), "Card 1 of 24");

    // Nothing is rated by Next alone, and what was rated can be taken back as it was.
    await panel.getByRole("button", { name: "Next card" }).click({ force: true });
    assert.equal(await place(panel), "Card 1 of 24");
    await panel.locator("#rate-card").focus();
    let hedges = Number(await rate(page, panel, true));
    await panel.getByRole("button", { name: "One card back" }).click();
    assert.equal(await place(panel), "Card 1 of 24");
    assert.equal(await panel.locator('[aria-pressed="true"]').count(), hedges === 1 ? 1 : 2);
    await page.keyboard.press("Enter");
    for (let card = 2; card <= 12; card++) {
        assert.equal(await page.evaluate(() => document.activeElement.id), "rate-card", "the keyboard stays on the card");
        hedges += Number(await rate(page, panel, true));
    }
    await screenshot(page, "rate-card", {});
    assert.deepEqual(await accessibilityProblems(page), []);

    // A reload loses nothing.
    await page.reload();
    await ready(page);
    const again = await open(page);
    await again.getByText("You gave 12 ratings of 20 cards.").waitFor();
    await again.getByRole("button", { name: "Rate more cards" }).click();
    for (let card = 13; card <= 24; card++) {
        hedges += Number(await rate(page, again, false).catch((error) => {
            // The last card leaves nothing to wait for.
            if (card < 24) throw error;
            return 0;
        }));
    }
    await again.getByText("You gave 24 ratings of 20 cards.").waitFor();
    const says = await again.textContent();
    assert.match(says, /4 of the 4 cards that came twice got the same thumb/);
    assert.match(says, /You marked 0 of \d+ false statements as wrong/);
    const [, leaked, objected] = says.match(/(\d+) of the (\d+) answers to which you objected only/);
    assert.equal(leaked, objected, "every objection was a thumb down");

    const [download] = await Promise.all([
        page.waitForEvent("download"),
        again.getByRole("button", { name: "Save my ratings" }).click(),
    ]);
    const text = readFileSync(await download.path(), "utf8");
    const saved = JSON.parse(text);
    assert.equal(saved.rated.length, 24);
    assert.equal(saved.rated.filter((rated) => !rated.verdict.good).length, Number(objected));

    for (const [width, height] of [[1440, 1000], [768, 1000], [360, 740]]) {
        await page.setViewportSize({ width, height });
        for (const colorScheme of ["light", "dark"]) {
            await page.emulateMedia({ colorScheme });
            await again.scrollIntoViewIfNeeded();
            await page.waitForTimeout(300);
            await again.screenshot({ path: join(ROOT, ".out", `rate-${width}-${colorScheme}.png`) });
            const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(wide <= 0, `scrolls sideways by ${wide} at ${width}`);
        }
        assert.deepEqual(await accessibilityProblems(page), []);
    }
    await page.setViewportSize({ width: 1280, height: 900 });

    // The run's rater is the person, as the file says and the page.
    await again.getByRole("button", { name: "Train on my ratings" }).click();
    await status(page).getByText("Finished after 4 updates").waitFor({ timeout: 2 * MINUTES });
    const run = await exported(page);
    const { person } = run.experiment;
    const [blunt, , hedge] = person;
    assert.ok(blunt < 0 && hedge > 0, `statements are blamed and hedges praised: ${person}`);
    assert.ok(person[8] > 0, "nobody said that anything was badly put");
    assert.deepEqual(run.experiment.arms, ["scalar", "structured"]);
    await page.getByText("Your own ratings reward the models now").waitFor();
    assert.match(await page.evaluate(() => location.hash), /person=/);

    // Thrown away only when asked twice; had again from the file; and a file of another kind says what it is.
    const panelAgain = page.locator("#rate");
    await panelAgain.getByRole("button", { name: "Begin anew" }).click();
    await panelAgain.getByRole("button", { name: "Yes, throw these ratings away" }).click();
    const choose = panelAgain.locator('input[type="file"]');
    await choose.setInputFiles([
        { name: "run.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(run)) },
        { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("See you tomorrow") },
    ]);
    await panelAgain.getByText("It holds a run or a prediction, and no ratings.").waitFor();
    await panelAgain.getByText("notes.txt").waitFor();
    await choose.setInputFiles([
        { name: "mine.json", mimeType: "application/json", buffer: Buffer.from(text) },
        { name: "hers.json", mimeType: "application/json", buffer: Buffer.from(text) },
        { name: "cut.json", mimeType: "application/json", buffer: Buffer.from(text.slice(0, -40)) },
    ]);
    await panelAgain.getByText("You gave 48 ratings of 40 cards.").waitFor();
    await panelAgain.getByText("cut.json").waitFor();

    // A link carries the person.
    await page.goto("about:blank");
    const { page: other } = await openPage(t, { path: `${RUN}&person=${person}` });
    await other.getByText("Your own ratings reward the models now").waitFor();
});
