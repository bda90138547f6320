// The WebGPU engine on whatever adapter the browser has, a software one if need be: its results
// count, its times do not. A software adapter needs minutes for a measurement, so that the work
// that is compared here is the self-check's: sampling, log-probabilities, gradient, optimiser.

import assert from "node:assert/strict";
import { test } from "node:test";

import { hasEngine, openPage, screenshot } from "./harness.mjs";

const MINUTES = 60_000;
const TOLERANCE = 1e-3; // hedgerow::self_check::TOLERANCE
const skip = hasEngine("gpu") ? false : "the site was built without the WebGPU engine";

async function engineDetails(page) {
    await page.locator(".status-words").getByText(/Ready/).waitFor({ timeout: 5 * MINUTES });
    await page.getByRole("button", { name: /^(CPU|WebGPU)/ }).first().click();
    return page.locator("#engine-details");
}

test("the WebGPU engine computes what the CPU computes", { skip }, async (t) => {
    const { page } = await openPage(t, { gpu: true });
    const details = await engineDetails(page);
    await details.getByText("WebGPU", { exact: true }).last().click();
    await details.getByText(/largest difference/).waitFor({ timeout: 15 * MINUTES });
    const text = await details.innerText();
    const difference = Number(/largest difference (\S+)/.exec(text)[1]);
    assert.ok(difference > 0 && difference < TOLERANCE, text);
    assert.match(text, /You chose WebGPU, and it agrees with the CPU/);
    await screenshot(page, "gpu");
});

test("without WebGPU the page says so and computes on the CPU", async (t) => {
    const { page } = await openPage(t, { gpu: false });
    const details = await engineDetails(page);
    await details.getByText("WebGPU", { exact: true }).last().click();
    await details.getByText(/this browser offers no WebGPU here/).waitFor({ timeout: 2 * MINUTES });
});
