// Is memory flat? Outside the normal suite, because it takes its time:
//
//     node tests/browser/soak.mjs cpu 2000
//     node tests/browser/soak.mjs gpu 2000
//
// Trains the benchmark's model ("tiny" on a GPU that is a software adapter) on the site in dist/ and
// prints, ten times on the way, the engine's wasm memory and the bytes of GPU buffers created and not
// destroyed. Fails if either is larger at the end than after the first tenth.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { openPage } from "./harness.mjs";

const [engine = "cpu", steps = "2000"] = process.argv.slice(2);
const DATA = new URL("../bench/data/", import.meta.url);

test(`memory over ${steps} steps of training, ${engine}`, async (t) => {
    const { page, site } = await openPage(t, { gpu: engine === "gpu", path: `bench.html?engine=${engine}` });
    await page.route("**/bench-data/*", (route) => {
        route.fulfill({ body: readFileSync(new URL(new URL(route.request().url()).pathname.split("/").at(-1), DATA)) });
    });
    await page.waitForFunction(() => window.__bench_ready, null, { timeout: 300_000 });
    await page.workers()[0].evaluate(() => {
        globalThis.alive = 0;
        const create = globalThis.GPUDevice?.prototype.createBuffer;
        if (!create) return;
        GPUDevice.prototype.createBuffer = function (descriptor) {
            globalThis.alive += descriptor.size;
            return create.call(this, descriptor);
        };
        const destroy = GPUBuffer.prototype.destroy;
        GPUBuffer.prototype.destroy = function () {
            globalThis.alive -= this.size;
            return destroy.call(this);
        };
    });
    const seen = [];
    for (let part = 0; part < 10; part += 1) {
        const { mem } = await page.evaluate(
            ([steps, data_url]) => window.__bench("tiny", "train", steps, { data_url }),
            [Number(steps) / 10, `${site}bench-data/`],
        );
        const buffers = await page.workers()[0].evaluate(() => globalThis.alive);
        seen.push({ mem, buffers });
        console.log(`${((part + 1) * steps) / 10} steps: ${mem} bytes of wasm memory, ${buffers} of GPU buffers`);
    }
    assert.ok(seen.at(-1).mem <= seen[0].mem && seen.at(-1).buffers <= seen[0].buffers);
});
