// The WebGPU engine on whatever adapter the browser has, a software one if need be: its results
// count, its times do not. A small run, because a software adapter computes it in minutes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { hasEngine, openPage, screenshot } from "./harness.mjs";

const MINUTES = 60_000;
const skip = hasEngine("gpu") ? false : "the site was built without the WebGPU engine";

async function setField(page, label, value) {
    const field = page.getByLabel(label, { exact: true });
    await field.fill(String(value));
    await field.blur();
}

async function smallRun(page, engine) {
    await page.locator(".status-words").getByText(/Ready/).waitFor({ timeout: 5 * MINUTES });
    await page.getByRole("button", { name: /CPU|WebGPU|engine/i }).first().click();
    if (engine === "WebGPU") {
        await page.locator("#engine-details").getByText("WebGPU", { exact: true }).last().click();
        await page.getByText(/You chose WebGPU, and it agrees with the CPU/).waitFor({ timeout: 10 * MINUTES });
    }
    const details = await page.locator("#engine-details").innerText();
    await page.keyboard.press("Escape");
    await page.getByText("How it learns").click();
    await setField(page, "Updates", 2);
    await setField(page, "Prompts an update", 2);
    await setField(page, "Answers a prompt", 2);
    await page.getByText("Scalar", { exact: true }).first().click();
    await page.locator(".buttons .primary").click();
    await page.locator(".status-words").getByText("Finished").waitFor({ timeout: 15 * MINUTES });
    const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "JSON" }).click(),
    ]);
    return { details, run: JSON.parse(readFileSync(await download.path(), "utf8")) };
}

test("the WebGPU engine passes its self-check and computes what the CPU computes", { skip }, async (t) => {
    const gpu = await openPage(t, { gpu: true });
    const { details, run } = await smallRun(gpu.page, "WebGPU");
    assert.match(run.engine, /WebGPU/);
    assert.match(details, /agrees with the CPU; largest difference \d\.\d+e-\d/);
    await screenshot(gpu.page, "gpu");

    const cpu = await openPage(t, { gpu: false });
    const expected = (await smallRun(cpu.page, "CPU")).run;
    for (const [index, update] of run.replicas[0].updates.entries()) {
        const other = expected.replicas[0].updates[index];
        for (const name of ["scalar", "hedging", "kl", "entropy", "gradient_norm"]) {
            const tolerance = 1e-3 * (1 + Math.abs(other[name]));
            assert.ok(Math.abs(update[name] - other[name]) < tolerance, `${name}: ${update[name]} against ${other[name]}`);
        }
    }
    const counts = ({ cells }) => cells.map(([, tally]) => [tally.right_choices, tally.right_verdicts, tally.hedged]);
    assert.deepEqual(counts(run.replicas[0].measurements[0]), counts(expected.replicas[0].measurements[0]));
});

test("without WebGPU the page says so and trains on the CPU", async (t) => {
    const { page } = await openPage(t, { gpu: false });
    const { details, run } = await smallRun(page, "CPU");
    assert.match(details, /CPU/);
    assert.match(run.engine, /CPU/);
    assert.equal(run.replicas[0].updates.length, 2);
});
