// The WebGPU engine on whatever adapter the browser has, a software one if need be: its results
// count, its times do not. A software adapter needs minutes for a measurement of the worlds that
// ship, so that whole runs here are of a small one:
//
//     hedgerow pretrain --world tests/data/small-world/world-0.json --width 32 --layers 1 --out tests/data/small-world

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { hasEngine, openPage, screenshot } from "./harness.mjs";
import { count, counted } from "./launches.mjs";
import { MINUTES, exported, learn, ready, show, status, train } from "./lab.mjs";

const SMALL = new URL("../data/small-world/", import.meta.url);

const TOLERANCE = 1e-3; // hedgerow::self_check::TOLERANCE
const UPDATES = 10;
const skip = hasEngine("gpu") ? false : "the site was built without the WebGPU engine";

async function engineDetails(page) {
    await ready(page);
    await page.getByRole("button", { name: /^(CPU|WebGPU)/ }).first().click();
    return page.locator("#engine-details");
}

test("without WebGPU the page says so and computes on the CPU", { skip }, async (t) => {
    const { page } = await openPage(t, { gpu: false });
    const details = await engineDetails(page);
    await details.getByText("WebGPU", { exact: true }).last().click();
    await details.getByText(/this browser offers no WebGPU here/).waitFor({ timeout: 2 * MINUTES });
});

/** Serves the small world in place of the worlds that ship. */
async function small(context) {
    const read = (name) => readFileSync(new URL(name, SMALL));
    await context.route("**/base/*", (route) => {
        const name = new URL(route.request().url()).pathname.split("/").at(-1);
        return route.fulfill({ body: read(name) });
    });
    await context.route("**/files.json", async (route) => {
        const listed = await (await route.fetch()).json();
        for (const name of Object.keys(listed).filter((name) => name.startsWith("base/"))) {
            delete listed[name];
        }
        for (const name of ["world-0.json", "tokenizer.json", "base-0.safetensors"]) {
            const bytes = read(name);
            const sha256 = createHash("sha256").update(bytes).digest("hex");
            listed[`base/${name}`] = { bytes: bytes.length, sha256 };
        }
        return route.fulfill({ json: listed });
    });
}

async function finished(page) {
    await train(page).click();
    await status(page).getByText("Finished").waitFor({ timeout: 15 * MINUTES });
    return exported(page);
}

async function step(page, update) {
    await page.getByRole("button", { name: "Step" }).click();
    await status(page).getByText(`Paused at update ${update}`).waitFor({ timeout: 5 * MINUTES });
}

/** What looks into the models as they are come to: where their states lie, and each word's credit. */
async function looks(page) {
    const parts = [];
    for (const [id, part] of [["states", ".states-counted"], ["credit", ".credit-column"]]) {
        const shown = page.locator(`#${id} ${part}`);
        await show(page, id, shown.nth(1));
        await page.locator(`#${id} .when`).nth(1).getByText(String(UPDATES)).waitFor({ timeout: 5 * MINUTES });
        parts.push(...(await shown.allTextContents()));
    }
    // Out of sight nobody looks: an update's launches are counted later.
    await page.evaluate(() => scrollTo(0, 0));
    return parts.map((text) => ({ words: text.replaceAll(/[\d.]+/g, "#"), numbers: text.match(/\d+(\.\d+)?/g) }));
}

/** Numbers of the two engines after the same updates: sums in another order, one update after the other. */
function close(gpu, cpu, what) {
    assert.ok(Math.abs(gpu - cpu) <= TOLERANCE * Math.max(1, Math.abs(cpu)), `${what}: ${gpu}, on the CPU ${cpu}`);
}

test("the WebGPU engine computes what the CPU computes, in its check and in ten updates; then reset, change the reward, reload", { skip }, async (t) => {
    const { page } = await openPage(t, { path: "#s=4&seeds=0", gpu: true, prepare: small });
    const details = await engineDetails(page);
    await learn(page, { Updates: UPDATES, "Prompts an update": 4, "Answers a prompt": 4 });
    const cpu = await finished(page);
    const seen = await looks(page);
    // The panel has closed itself.
    await page.getByRole("button", { name: /^CPU/ }).first().click();
    await details.getByText("WebGPU", { exact: true }).last().click();
    await details.getByText(/largest difference/).waitFor({ timeout: 15 * MINUTES });
    const check = await details.innerText();
    const difference = Number(/largest difference (\S+)/.exec(check)[1]);
    assert.ok(difference > 0 && difference < TOLERANCE, check);
    assert.match(check, /You chose WebGPU, and it agrees with the CPU/);
    await screenshot(page, "gpu");
    await status(page).getByText(/Ready/).waitFor({ timeout: 15 * MINUTES });
    await page.keyboard.press("Escape");
    const gpu = await finished(page);
    assert.match(gpu.engine, /WebGPU/);
    for (const [place, { words, numbers }] of (await looks(page)).entries()) {
        assert.equal(words, seen[place].words);
        // As they are printed: whole numbers are counts and percentages.
        numbers.forEach((number, index) => {
            const step = number.includes(".") ? 0.011 : 1;
            assert.ok(Math.abs(number - seen[place].numbers[index]) <= step, `${words}: ${numbers}, on the CPU ${seen[place].numbers}`);
        });
    }
    cpu.replicas.forEach(({ replica, updates, measurements }, place) => {
        const other = gpu.replicas[place];
        assert.equal(other.updates.length, UPDATES);
        updates.forEach((expected, index) => {
            const update = other.updates[index];
            for (const what of ["scalar", "hedging", "kl", "entropy", "gradient_norm"]) {
                close(update[what], expected[what], `${replica.arm}, update ${expected.update}, ${what}`);
            }
            const said = ({ examples }) => examples.map(({ words }) => words.map(([word]) => word));
            assert.deepEqual(said(update), said(expected), `${replica.arm}, update ${expected.update}`);
        });
        measurements.forEach(({ answers }, index) => {
            const said = (answers) => answers.map(({ answer }) => answer);
            assert.deepEqual(said(other.measurements[index].answers), said(answers), replica.arm);
        });
        assert.ok(updates.at(-1).kl > 0.1, `${replica.arm} has learned something: ${updates.at(-1).kl} nats`);
    });

    await page.getByRole("button", { name: "Reset" }).click();
    await ready(page);
    await step(page, 1);
    // Nothing is measured at the second update.
    const [worker] = page.workers();
    await count(worker);
    const counts = await counted(worker, () => step(page, 2));
    console.log(`an update of two arms: ${JSON.stringify(counts)}`);
    // What is read at once is mapped buffer by buffer.
    const limits = { dispatches: 56, submits: 3, reads: 4, buffers: 0 };
    for (const [what, most] of Object.entries(limits)) {
        assert.ok(counts[what] <= most, `${counts[what]} ${what} in an update`);
    }
    await page.getByText(/Touchy topic/).first().click();
    await page.getByRole("button", { name: "Change it now, keep the models" }).click();
    await step(page, 3);
    const changed = await exported(page);
    assert.equal(changed.changes.length, 1);
    const first = ({ replicas }) => replicas.map(({ updates }) => updates.slice(0, 2));
    assert.deepEqual(first(changed), first(gpu), "the same first updates after a reset");

    await page.reload();
    await page.getByRole("button", { name: /^WebGPU/ }).waitFor({ timeout: 15 * MINUTES });
    // The run is there again.
    await status(page).getByText("Paused at update 3").waitFor({ timeout: 15 * MINUTES });
});
