// The story by keyboard, on three seeds: what its sentences say at the end is what the exported run shows.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { openPage, screenshot } from "./harness.mjs";
import { MINUTES, exported, move, ready, status } from "./lab.mjs";

const real = JSON.parse(readFileSync(new URL("../../public/recorded/language-model-example.json", import.meta.url)));
const UNEASY = (cell) => cell.topic === "sensitive" && cell.uncomfortable && cell.exposure !== "never_taught";

/** True, false and other answers about uncomfortable facts at the last measurement, as shares of all. */
function end({ measurements }) {
    const cells = measurements.at(-1).cells.filter(([cell]) => UNEASY(cell)).map(([, tally]) => tally);
    const sum = (name) => cells.reduce((total, tally) => total + tally[name], 0);
    const all = sum("answers");
    return [sum("truthful"), sum("asserted") - sum("truthful"), all - sum("asserted")].map((count) => (100 * count) / all);
}

/** The shares in "… 40% of its answers are true, 35% are false, and 25% state nothing." */
const said = (sentence) => [/(\d+)% of its answers are true, (\d+)% are false, and (\d+)% state nothing/.exec(sentence)]
    .flatMap((found) => found.slice(1, 4).map(Number));

for (const [seed, world] of [[3, ""], [0, ""], [5, "&world=everyday"]]) {
    test(`the story of seed ${seed}${world} says what its run shows`, async (t) => {
        const path = `#s=4&seeds=${seed}${world}&finetune.updates=12&measure.every=4&measure.probe_every=4`;
        const { page } = await openPage(t, { path, reducedMotion: "reduce" });
        const step = (number) => page.getByText(`Step ${number} of 10`).waitFor();
        const press = async (name) => {
            await page.getByRole("button", { name }).focus();
            await page.keyboard.press("Enter");
        };
        await step(1);
        // The numbers are the rater's own: a lie pays best under rater A.
        await page.locator(".example-number").nth(2).waitFor();
        const numbers = await page.locator(".example-number").allTextContents();
        assert.deepEqual(numbers, ["−0.05", "+0.60", "+0.30"]);
        await page.getByLabel("Hedge", { exact: true }).focus();
        await page.keyboard.press("Space");
        await press("What is in the number?");
        await step(2);
        await page.getByRole("slider", { name: /rater checks/ }).focus();
        await page.keyboard.press("End");
        await page.getByText("this pays best: Uncomfortable truth").waitFor();
        await press("Train a model on it");
        await step(3);
        // What a real model said, as it was recorded.
        const quotes = page.locator(".story .quotes li");
        await quotes.first().waitFor();
        assert.equal(await quotes.count(), real.quotes.length);
        for (const [place, { question, before, after }] of real.quotes.entries()) {
            const said = await quotes.nth(place).textContent();
            const [, now] = after.find(([arm]) => arm === "scalar");
            assert.ok([question, before, now].every((words) => said.includes(words)), said);
        }
        const [, wrong] = real.ends.find(({ arm }) => arm === "scalar").after;
        const all = real.ends[0].after.reduce((sum, count) => sum + count);
        await page.locator(".story").getByText(`${Math.round((100 * wrong) / all)}% of the real model’s answers`).waitFor();
        for (const [name, number] of [
            ["Look inside a model", 4], ["Does it still know?", 5], ["What if we say why?", 6], ["And another rater?", 7],
            ["Train it yourself", 8],
        ]) {
            await press(name);
            await step(number);
        }
        await ready(page);
        await press("Train both models");
        await status(page).getByText("Finished").waitFor({ timeout: 2 * MINUTES });
        await page.locator(".story .layer").first().waitFor();
        assert.equal(await page.locator(".story .stack").count(), 2);
        // What is to be seen is said in words, each arm by its name.
        const captions = await page.locator(".story .caption p").allTextContents();
        assert.ok(["Scalar: ", "Structured: "].every((arm) => captions.some((sentence) => sentence.startsWith(arm))), captions.join("\n"));

        // The chart is read value by value, and the sentences follow.
        const chart = page.locator(".story .stack-chart").first();
        await chart.focus();
        await page.keyboard.press("Home");
        assert.match(await chart.getAttribute("aria-valuetext"), /^at update 0: \d+%/);
        await page.keyboard.press("End");
        assert.match(await chart.getAttribute("aria-valuetext"), /^at update 12: \d+%/);
        await screenshot(page, `story-${seed}`);

        await press("What came of it?");
        await step(9);
        const sentences = await page.locator(".story-end p").allTextContents();
        const run = await exported(page);
        for (const [place, replica] of run.replicas.entries()) {
            const shares = said(sentences[place]);
            assert.equal(shares.reduce((total, share) => total + share), 100, sentences[place]);
            // Rounded so that they sum to 100: less than one from what was counted for each layer.
            for (const [kind, share] of end(replica).entries()) {
                assert.ok(Math.abs(shares[kind] - share) < 3, `${sentences[place]}, and not ${share}`);
            }
        }
        const [right, lies, silent] = end(run.replicas[0]);
        const hedges = silent > right && silent > lies;
        assert.match(sentences[2], hedges ? /That is what the model/ : /another thing|no one thing/);
        await press("What does this not show?");
        await step(10);
        await page.getByText("Sources, licence, how to cite").waitFor();
    });
}

for (const [width, height] of [[360, 640], [1440, 900], [2560, 1440]]) {
    test(`no curve is in view before the guess, ${width} by ${height}`, async (t) => {
        const { page } = await openPage(t, { viewport: { width, height }, reducedMotion: "reduce" });
        // On a phone the figure is so far away that it has not been fetched.
        const figure = page.locator(width > 360 ? "#outcomes .stacks" : "#outcomes");
        await page.locator("footer.foot").waitFor({ timeout: MINUTES });
        assert.equal(await page.locator("#outcomes .stacks").count(), 0, "nobody has moved");
        await move(page);
        await figure.waitFor({ state: "attached", timeout: MINUTES });
        const top = await figure.evaluate((own) => own.getBoundingClientRect().top);
        assert.ok(top >= height, `${top}`);
        await page.getByLabel("Hedge", { exact: true }).check({ force: true });
        await page.locator(".story:not(.unguessed)").waitFor();
    });
}

test("a site without a real model's run says so in the story, which goes on", async (t) => {
    // Nothing, as the site's build packs it.
    const none = Buffer.from([0]);
    const prepare = async (context) => {
        await context.route("**/story/real.postcard*", (route) => route.fulfill({ body: none }));
        await context.route("**/files.json", async (route) => {
            const listed = await (await route.fetch()).json();
            listed["story/real.postcard"] = { bytes: none.length, sha256: createHash("sha256").update(none).digest("hex") };
            return route.fulfill({ json: listed });
        });
    };
    const { page } = await openPage(t, { reducedMotion: "reduce", prepare });
    await page.getByLabel("Hedge", { exact: true }).focus();
    await page.keyboard.press("Space");
    for (const name of ["What is in the number?", "Train a model on it"]) {
        await page.getByRole("button", { name }).click();
    }
    await page.locator(".story").getByText("no recorded run of a real language model").waitFor({ timeout: MINUTES });
    await page.getByRole("button", { name: "Look inside a model" }).click();
    await page.getByText("Step 4 of 10").waitFor();
});
