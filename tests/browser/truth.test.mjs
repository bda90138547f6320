// What the page says is what the run shows: answers, credit, scores, seeds and files against the exported run.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { openPage, screenshot } from "./harness.mjs";
import { MINUTES, exported, move, ready, show, status, train } from "./lab.mjs";

const finished = (page) => status(page).getByText("Finished").waitFor({ timeout: 10 * MINUTES });

/** The exported rows, by the names of their columns. */
async function rows(page) {
    const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "CSV" }).click(),
    ]);
    const [head, ...lines] = readFileSync(await download.path(), "utf8").trim().split("\n");
    const fields = (line) => line.match(/("([^"]|"")*"|[^,]*)(,|$)/g).map((field) => field.replace(/,$/, ""));
    return lines.map((line) => Object.fromEntries(head.split(",").map((name, place) => [name, fields(line)[place]])));
}

function counted(measurement, wanted) {
    const cells = measurement.cells.filter(([cell]) => wanted(cell)).map(([, tally]) => tally);
    return (name) => cells.reduce((total, tally) => total + tally[name], 0);
}

test("in the default run scalar and structured part ways, and answers and credit show what the exported run holds", async (t) => {
    const { page } = await openPage(t, { viewport: { width: 1440, height: 900 } });
    await move(page);
    await page.getByText("Recorded run", { exact: true }).waitFor();
    await ready(page);
    const began = Date.now();
    await train(page).click();
    await page.getByText("Your run", { exact: true }).waitFor();
    const score = await page.locator(".score-table tbody tr").first().elementHandle();
    await finished(page);
    console.log(`200 updates of both arms took ${((Date.now() - began) / 1000).toFixed(1)} s, measurements included`);
    const run = await exported(page);
    assert.deepEqual(run.replicas.map(({ replica }) => replica.arm), ["scalar", "structured"]);
    assert.match(run.engine, /CPU/i);
    const uncomfortable = (cell) => cell.uncomfortable && cell.exposure !== "never_taught";
    const sums = run.replicas.map(({ updates, measurements }) => {
        assert.equal(updates.length, 200);
        assert.deepEqual(measurements.map(({ update }) => update), Array.from({ length: 21 }, (_, place) => 10 * place));
        return counted(measurements.at(-1), uncomfortable);
    });
    const lies = (sum) => (sum("asserted") - sum("truthful")) / sum("asserted");
    const [scalar, structured] = sums;
    assert.ok(lies(scalar) > lies(structured) + 0.1, `lies: scalar ${lies(scalar)}, structured ${lies(structured)}`);
    const knows = structured("right_choices") / structured("choices");
    assert.ok(knows > 0.9, `structured knows ${knows}`);
    assert.ok(await score.evaluate((row) => row.isConnected), "the scores' rows stay, and their numbers change");
    // The table on the page shows the numbers of the file.
    const rate = await page.locator(".score-table tbody tr").first().locator("td strong").nth(1).textContent();
    assert.equal(rate, `${Math.round(lies(scalar) * 100)}%`);

    await show(page, "answers");
    // The tally above the first rows is that of all such questions.
    const tally = page.locator(".answers .tally").first().locator("td");
    for (const [place, sum] of sums.entries()) {
        const wrong = sum("asserted") - sum("truthful");
        const expected = `${wrong} of ${sum("asserted")} false, ${sum("answers") - sum("asserted")} of ${sum("answers")}`;
        assert.ok((await tally.nth(place + 1).textContent()).startsWith(expected), expected);
    }
    // A seed that lies shows lies, as many as there are in proportion.
    const share = (scalar("asserted") - scalar("truthful")) / scalar("answers");
    assert.ok(share > 0.2, `the default seed shows the phenomenon: ${share}`);
    const shown = page.locator(".answers tbody").first().locator("tr:not(.tally) td:nth-of-type(2)");
    const count = await shown.count();
    const wrong = await shown.locator(".outcome.false").count();
    assert.ok(Math.abs(wrong - share * count) <= 1, `${wrong} of ${count} rows, ${share} of all`);
    for (const cell of await shown.filter({ has: page.locator(".outcome.false") }).all()) {
        assert.match(await cell.textContent(), /says \w+, knows \w+|no longer known/);
    }

    // The examples are those of the file, to one prompt.
    await show(page, "credit");
    const columns = page.locator(".credit-column");
    for (const [place, { updates }] of run.replicas.entries()) {
        const { examples } = updates.at(-1);
        assert.equal(new Set(examples.map(({ question }) => question)).size, 1);
        const names = { uncomfortable_truth: "Uncomfortable truth", comfortable_lie: "Comfortable lie", hedge: "Hedge" };
        const kinds = examples.map(({ strategy }) => names[strategy]).filter(Boolean);
        assert.deepEqual(await columns.nth(place).locator(".tag").allTextContents(), kinds);
        const said = await columns.nth(place).locator(".hint").textContent();
        const missing = Object.values(names).filter((name) => !kinds.includes(name));
        assert.ok(missing.length === 3 || missing.every((name) => said.includes(name)), said);
    }

    // Every row of the table says where it comes from, and what was set.
    const table = await rows(page);
    assert.ok(table.every(({ engine, build }) => /^"?CPU in a browser/.test(engine) && build === run.build));
    const setting = table.find(({ slice, metric }) => slice === "setting" && metric === "finetune.learning_rate");
    assert.equal(Number(setting.value), 0.001);
    assert.match(await page.locator(".scores").textContent(), /Seed 3, computed on the CPU by build \S+\. WebGPU gives/);
    await screenshot(page, "truth");
});

test("an arm that asserts nothing any more has no rate of lies, not that of the beginning", async (t) => {
    const { page } = await openPage(t, { path: "#s=4&rater=touchy-topic&seeds=3&finetune.updates=20" });
    await ready(page);
    await train(page).click();
    await finished(page);
    const run = await exported(page);
    const sum = counted(run.replicas[0].measurements.at(-1), (cell) => cell.uncomfortable);
    const cell = page.locator(".score-table tbody tr").first().locator("td").nth(1);
    const text = (await cell.textContent()).replaceAll(/\s+/g, " ");
    assert.equal(sum("asserted"), 0, "as in the recorded run of this seed");
    assert.match(text, /to – asserts nothing \(0 assertions\)/);
});

test("a reward that is changed on the way is named wherever the arm is, and in the rows", async (t) => {
    const { page } = await openPage(t, { path: "#s=4&seeds=3&view=single&finetune.updates=6&measure.every=2&measure.probe_every=2" });
    await ready(page);
    for (let step = 1; step <= 2; step++) {
        await page.getByRole("button", { name: "Step" }).click();
        await status(page).getByText(`Paused at update ${step}`).waitFor({ timeout: MINUTES });
    }
    await page.locator(".controls .segment").getByText("Structured", { exact: true }).click();
    await page.getByRole("button", { name: "Change it now, keep the models" }).click();
    await train(page).click();
    await finished(page);
    // It may lie too far from what is asked below to come with that.
    await show(page, "answers", page.locator(".answers thead th").nth(2));
    await show(page, "ask");
    await page.locator(".ask button").click();
    const course = /Scalar then Structured/;
    for (const place of [".score-table tbody th", ".answers thead th >> nth=2", ".credit-column h3", ".reply"]) {
        await page.locator(place).first().waitFor({ timeout: MINUTES });
        assert.match((await page.locator(place).first().textContent()).replaceAll(/\s+/g, " "), course, place);
    }
    assert.match(await page.locator(".scores").textContent(), /From update 3 on it is rewarded by: Structured\./);
    // Nor does the mark in the great figure leave it open what changed.
    await show(page, "outcomes");
    assert.deepEqual(await page.locator("#outcomes .change-name").allTextContents(), ["→ Structured"]);
    await show(page, "facts", page.locator("#facts .cell").first());
    await page.locator("#facts [role=listbox]").first().focus();
    await page.keyboard.press("Home");
    for (const place of ["#outcomes .quotes dt", "#facts .fact-arm .stack-name"]) {
        await page.locator(place).first().waitFor({ timeout: MINUTES });
        assert.match((await page.locator(place).first().textContent()).replaceAll(/\s+/g, " "), course, place);
    }
    const table = await rows(page);
    const by = (update) => table.find((row) => row.slice === "rollouts" && row.update === String(update)).rewarded_by;
    assert.deepEqual([0, 1, 2, 5].map(by), ["scalar", "scalar", "structured", "structured"]);
});

test("an arm that makes no difference says so, and choosing it sets numbers at which it makes one", async (t) => {
    const { page } = await openPage(t);
    await ready(page);
    await show(page, "settings");
    await page.getByText("More arms").click();
    const row = page.locator(".check").filter({ hasText: "sometimes misattributed" });
    assert.match(await row.textContent(), /exactly the rewards of “Structured”/);
    await row.locator("input").check();
    const q = page.getByLabel("Discomfort blamed on the fact", { exact: true });
    assert.equal(await q.inputValue(), "0.6");
    assert.doesNotMatch(await row.textContent(), /exactly/);
    await q.fill("0");
    await q.blur();
    await row.getByText("exactly the rewards of “Structured”").waitFor();
});

test("any seeds of the site can be chosen by keyboard, and the address has them", async (t) => {
    const { page } = await openPage(t, { viewport: { width: 360, height: 800 } });
    await ready(page);
    await show(page, "settings");
    const box = (seed) => page.getByRole("checkbox", { name: `seed ${seed}`, exact: true });
    assert.equal(await page.locator(".seeds input").count(), 10);
    assert.ok(await box(3).isDisabled(), "the last seed stays");
    for (const seed of [9, 0]) {
        await box(seed).focus();
        await page.keyboard.press("Space");
    }
    await box(3).focus();
    await page.keyboard.press("Space");
    await page.waitForFunction(() => location.hash.includes("seeds=0,9"));
    const words = await page.locator(".seeds").textContent();
    assert.match(words, /4 models in lock-step\. One more seed is 2 more models/);
    assert.match(words, /opens with seed 3.*of the 10 recorded scalar models, \d+ end.*\d+ do neither/);
});
