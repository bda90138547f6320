// The benchmark page: that its numbers are those of an independent float64 reference
// (tests/bench/reference.py) on either engine, and what a step costs a GPU, in launches, which unlike
// times can be counted on a software adapter.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { hasEngine, openPage } from "./harness.mjs";
import { count, counted } from "./launches.mjs";

const DATA = new URL("../bench/data/", import.meta.url);
const EXPECTED = JSON.parse(readFileSync(new URL("tiny.expected.json", DATA)));
const LAYERS = 2; // of "tiny"
const noGpu = hasEngine("gpu") ? false : "the site was built without the WebGPU engine";

async function openBench(t, engine) {
    const opened = await openPage(t, { gpu: engine === "gpu", path: `bench.html?engine=${engine}` });
    const { page, site } = opened;
    await page.route("**/bench-data/*", (route) => {
        const name = new URL(route.request().url()).pathname.split("/").at(-1);
        route.fulfill({ body: readFileSync(new URL(name, DATA)) });
    });
    await page.waitForFunction(() => window.__bench_ready || window.__bench_error, null, { timeout: 300_000 });
    assert.equal(await page.evaluate(() => window.__bench_error), undefined);
    const bench = (work, steps, opts = {}) =>
        page.evaluate(([work, steps, opts]) => window.__bench("tiny", work, steps, opts), [
            work,
            steps,
            { data_url: `${site}bench-data/`, ...opts },
        ]);
    return { ...opened, bench };
}

async function equalsReference(bench) {
    const { losses } = await bench("train", 3, { reset: true, read_every: 1 });
    losses.forEach((loss, step) => {
        const error = Math.abs(loss - EXPECTED.losses[step]);
        assert.ok(error < 1e-5, `step ${step}: ${loss}, expected ${EXPECTED.losses[step]}`);
    });
    const { tokens } = await bench("sample", 1, { reset: true, greedy: true });
    assert.deepEqual(tokens, EXPECTED.greedy);
    // Replicas of the same work have the losses of one.
    const stacked = await bench("train", 2, { reset: true, read_every: 1, replicas: 3 });
    stacked.losses.forEach((loss, step) => assert.ok(Math.abs(loss - losses[step]) < 1e-5));
}

test("the CPU engine's losses and greedy tokens are those of the reference", async (t) => {
    const { bench } = await openBench(t, "cpu");
    await equalsReference(bench);
});

test("sampled tokens at temperature 1 have the entropy of the distribution", async (t) => {
    // The model of "tiny" is nearly uniform over its 24 tokens. The plug-in estimate from 512 draws is
    // low by (24 - 1) / (2 · 512) nats (Miller 1955), with a standard deviation below 0.02.
    const { bench } = await openBench(t, "cpu");
    const counts = new Array(24).fill(0);
    for (let steps = 1; steps <= 8; steps += 1) {
        // The last batch comes back; batches of one call have noise of their own.
        const { tokens } = await bench("sample", steps, { reset: true });
        tokens.forEach((token) => (counts[token] += 1));
    }
    const draws = counts.reduce((sum, count) => sum + count, 0);
    const entropy = -counts.reduce((sum, count) => sum + (count ? (count / draws) * Math.log(count / draws) : 0), 0);
    assert.equal(draws, 512);
    assert.ok(Math.abs(entropy - (Math.log(24) - 23 / 1024)) < 0.08, `${entropy} nats`);
});

test("nonsense is refused in words", async (t) => {
    const { page } = await openBench(t, "cpu");
    const refused = (expression) => page.evaluate(`(${expression}).then(() => "done", (error) => error.message)`);
    assert.match(await refused(`window.__bench("C", "train", 1)`), /the benchmark cannot be run: there is no configuration "C"/);
    assert.match(await refused(`window.__bench("A", "dance", 1)`), /no work "dance"/);
});

test("on WebGPU the losses are the reference's, and a step is few launches, as many for 16 replicas, and no new buffer", { skip: noGpu }, async (t) => {
    const { page, bench } = await openBench(t, "gpu");
    await equalsReference(bench);

    const worker = page.workers()[0];
    await count(worker);
    const perStep = async (work, steps, opts) => {
        await bench(work, steps, opts); // kernels are compiled, memory is claimed
        const counts = await counted(worker, () => bench(work, steps, opts));
        return Object.fromEntries(Object.entries(counts).map(([what, count]) => [what, count / steps]));
    };
    // Ten steps with one reading of the loss, the default.
    const train = await perStep("train", 10);
    const sample = await perStep("sample", 2);
    console.log(`a step of training: ${JSON.stringify(train)}; a batch of continuations: ${JSON.stringify(sample)}`);
    assert.deepEqual(await perStep("train", 10, { replicas: 16 }), train);
    assert.deepEqual(await perStep("sample", 2, { replicas: 16 }), sample);
    // The kernels of a gradient and of AdamW.
    assert.equal(train.dispatches, 21 * LAYERS + 10 + 2);
    assert.equal(train.reads, 0.1);
    // Those of the steps before serve again: memory is flat.
    assert.equal(train.buffers, 0);
    // One for the step, and two more for each reading.
    assert.ok(train.submits <= 1 + 2 * train.reads + 1e-9, JSON.stringify(train));
    // All positions of all answers in one launch; what is read is copied in a submit of its own.
    assert.equal(sample.dispatches, 1);
    assert.ok(sample.submits <= 2 && sample.reads === 1, JSON.stringify(sample));
});
