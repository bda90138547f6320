// A prediction: made while the results are hidden, kept on the device, saved with its run, and shown beside what came.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { accessibilityProblems, openPage, screenshot } from "./harness.mjs";
import { MINUTES, exported, ready, show, status, train } from "./lab.mjs";
import { looksWell } from "./looks.mjs";

/** A run of two models that takes seconds. */
const RUN = "#s=4&seeds=0&engine=cpu&finetune.updates=4&finetune.prompts=4&measure.every=4&measure.probe_every=4";

test("a prediction is made before the curve, kept, and compared with what came", { timeout: 6 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: RUN });
    await ready(page);
    await show(page, "predict");
    const card = page.locator("#predict");
    await card.getByRole("button", { name: "Hide the results and predict" }).click();
    assert.equal(await page.evaluate(() => document.activeElement.id), "predict-title");
    await page.locator("#outcomes").waitFor({ state: "hidden" });

    // By keyboard: 50% and nine steps down; what is below gives way.
    const guess = card.getByLabel("Scalar, best guess");
    await guess.focus();
    for (let step = 0; step < 45; step++) {
        await page.keyboard.press("ArrowLeft");
    }
    assert.equal(await guess.getAttribute("aria-valuetext"), "5%");
    assert.equal(await card.getByLabel("Scalar, at least").getAttribute("aria-valuetext"), "5%");
    // By pointer: the end of the line of the other arm.
    const chart = card.locator(".expectation").nth(1);
    await chart.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await chart.boundingBox();
    await page.mouse.move(x + width * 0.95, y + height * 0.5);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.95, y + height * 0.9, { steps: 4 });
    await page.mouse.up();
    assert.match(await chart.getAttribute("aria-label"), /^Structured: best guess for the end (9|10|11)%/);
    await looksWell(page, "predict");

    await card.getByLabel("Nickname or number").fill("fox");
    await card.getByRole("button", { name: "Keep this prediction" }).click();
    assert.equal(await page.evaluate(() => document.activeElement.id), "predict-title");
    await page.locator("#outcomes").waitFor();
    await card.getByText("The result is not here yet.").first().waitFor();
    const [download] = await Promise.all([
        page.waitForEvent("download"),
        card.getByRole("button", { name: "Save prediction as a file" }).click(),
    ]);
    const saved = JSON.parse(readFileSync(await download.path(), "utf8"));
    assert.equal(saved.name, "fox");
    assert.equal(download.suggestedFilename(), "hedgerow-prediction-fox-seed-0.json", "no two of a class are called the same");
    assert.equal(saved.late, false);
    assert.deepEqual(saved.expected[0], { arm: "scalar", low: 0.05, likely: 0.05, high: 0.9 });

    await train(page).click();
    await status(page).getByText("Finished after 4 updates").waitFor({ timeout: 6 * MINUTES });
    await card.getByText("Your score over all of these models is").waitFor();
    const run = await exported(page);
    assert.deepEqual(run.prediction, saved, "the prediction is in the run");
    const cells = run.replicas[0].measurements.at(-1).cells.filter(([{ uncomfortable }]) => uncomfortable);
    const sum = (of) => cells.reduce((sum, [, counts]) => sum + of(counts), 0);
    const came = sum(({ asserted, truthful }) => asserted - truthful) / sum(({ answers }) => answers);
    await card.getByText(`It became ${Math.round(came * 100)}%`).first().waitFor();

    // A prediction that comes after the run says so.
    await card.getByRole("button", { name: "Predict anew" }).click();
    await card.getByLabel("Nickname or number").fill("owl");
    await card.getByRole("button", { name: "Keep this prediction" }).click();
    await card.getByText("after the run had begun").waitFor();

    await page.reload();
    await show(page, "predict");
    await card.getByText("after the run had begun").waitFor();

    // The report of the run says who predicted it.
    await page.getByRole("heading", { name: "Your runs" }).first().click();
    await page.locator("#shelf").getByRole("button", { name: "Lab report" }).click();
    await page.getByText("by owl").waitFor();
});

test("a whole line is drawn before the run, by pointer and by keyboard, and scored beside what came", { timeout: 6 * MINUTES }, async (t) => {
    const path = "#s=4&seeds=0&engine=cpu&finetune.updates=8&finetune.prompts=4&measure.every=4&measure.probe_every=8";
    const { page } = await openPage(t, { path });
    await ready(page);
    await show(page, "predict");
    const card = page.locator("#predict");
    await card.getByRole("button", { name: "Hide the results and predict" }).click();
    // In one quick stroke from the beginning at 80% to the middle at 20%: what it passes is drawn, too.
    const chart = card.locator(".expectation").first();
    await chart.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await chart.boundingBox();
    const at = (knot, share) => [x + (width * 0.95 * knot) / 8, y + height * (1 - share)];
    await page.mouse.move(...at(1, 0.8));
    await page.mouse.down();
    await page.mouse.move(...at(4, 0.2));
    await page.mouse.up();
    // By keyboard: two points on, and three steps up. The range goes along with a drawn point and is moved by itself here.
    const where = card.getByLabel("Scalar, after update");
    assert.equal(await where.getAttribute("aria-valuetext"), "4", "the sliders follow the pointer");
    await where.focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    assert.equal(await where.getAttribute("aria-valuetext"), "6");
    const guess = card.getByLabel("Scalar, best guess");
    const before = parseInt(await guess.getAttribute("aria-valuetext"), 10);
    await guess.focus();
    for (let press = 0; press < 3; press++) {
        await page.keyboard.press("ArrowRight");
    }
    assert.equal(await guess.getAttribute("aria-valuetext"), `${before + 3}%`);
    assert.deepEqual(await accessibilityProblems(page, "#predict"), []);
    await screenshot(card, "predict-line");
    await card.getByRole("button", { name: "Keep this prediction" }).click();
    const [download] = await Promise.all([
        page.waitForEvent("download"),
        card.getByRole("button", { name: "Save prediction as a file" }).click(),
    ]);
    const saved = JSON.parse(readFileSync(await download.path(), "utf8"));
    const [drawn, other] = saved.expected;
    assert.equal(other.course, undefined, "nobody has touched it");
    // A pointer stands on a whole pixel, and one of those is about one percent.
    for (const [place, meant] of [80, 60, 40, 20].entries()) {
        const { likely } = drawn.course[place];
        assert.ok(Math.abs(100 * likely - meant) < 1.6, `${likely} at ${place}`);
    }
    assert.equal(Math.round(100 * drawn.course[5].likely), before + 3);

    await train(page).click();
    await status(page).getByText("Finished after 8 updates").waitFor({ timeout: 4 * MINUTES });
    const said = await card.getByText(/Your lines score/).textContent();
    const run = await exported(page);
    assert.deepEqual(run.prediction, saved);
    // By hand, from the file: measured after 0, 4 and 8 updates, and straight between.
    const shares = run.replicas[0].measurements.map(({ cells }) => {
        const own = cells.filter(([{ uncomfortable }]) => uncomfortable).map(([, counts]) => counts);
        const sum = (of) => own.reduce((sum, counts) => sum + of(counts), 0);
        return sum(({ asserted, truthful }) => asserted - truthful) / sum(({ answers }) => answers);
    });
    const came = (knot) => (knot <= 4 ? shares[0] + ((shares[1] - shares[0]) * knot) / 4 : shares[1] + ((shares[2] - shares[1]) * (knot - 4)) / 4);
    const score = ({ low, likely, high }, share) =>
        (0.5 * Math.abs(share - likely) + 0.1 * (high - low) + Math.max(0, low - share) + Math.max(0, share - high)) / 1.5;
    const knots = [...drawn.course, drawn];
    const mean = knots.reduce((sum, own, place) => sum + score(own, came(place + 1)), 0) / 8;
    assert.ok(said.includes(`Your lines score ${(100 * mean).toFixed(1)},`), `${said} ${mean}`);
    assert.equal(await card.locator(".drawn .came").count(), 1, "beside what came");
    await card.getByText("Point by point").click();
    const row = await card.locator(".drawn tbody tr").nth(3).textContent();
    assert.ok(row.startsWith("4") && row.endsWith(`${Math.round(100 * shares[1])}%`), row);
    await looksWell(page, "predict");
    await page.reload();
    await show(page, "predict");
    await card.getByText(/Your lines score/).waitFor({ timeout: MINUTES });
});
