// Is memory flat? Outside the normal suite, because it takes its time:
//
//     node tests/browser/soak.mjs cpu 2000
//     node tests/browser/soak.mjs gpu 2000
//
// Trains the benchmark's model ("tiny" on a GPU that is a software adapter) on the site in dist/ and
// prints, ten times on the way, the engine's wasm memory and the bytes of GPU buffers that were created and
// not destroyed. wgpu lets go of a buffer without destroying it (`impl Drop for WebBuffer` in wgpu 30 does
// nothing), so those that are held, not garbage-collected either, are printed too. Fails if any of them is
// larger at the end than after the first tenth.

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
        globalThis.buffers = { held: 0, undestroyed: 0 };
        const collected = new FinalizationRegistry((size) => (globalThis.buffers.held -= size));
        const create = globalThis.GPUDevice?.prototype.createBuffer;
        if (!create) return;
        GPUDevice.prototype.createBuffer = function (descriptor) {
            const buffer = create.call(this, descriptor);
            globalThis.buffers.held += buffer.size;
            globalThis.buffers.undestroyed += buffer.size;
            collected.register(buffer, buffer.size, buffer);
            return buffer;
        };
        const destroy = GPUBuffer.prototype.destroy;
        GPUBuffer.prototype.destroy = function () {
            if (collected.unregister(this)) {
                globalThis.buffers.held -= this.size;
                globalThis.buffers.undestroyed -= this.size;
            }
            return destroy.call(this);
        };
    });
    const seen = [];
    for (let part = 0; part < 10; part += 1) {
        const { mem } = await page.evaluate(
            ([steps, data_url]) => window.__bench("tiny", "train", steps, { data_url }),
            [Number(steps) / 10, `${site}bench-data/`],
        );
        const { held, undestroyed } = await page.workers()[0].evaluate(async () => {
            gc();
            await new Promise((resolve) => setTimeout(resolve, 500)); // what was collected is told later
            return globalThis.buffers;
        });
        seen.push({ mem, held, undestroyed });
        const done = ((part + 1) * steps) / 10;
        console.log(`${done} steps: ${mem} bytes of wasm memory; GPU buffers: ${held} held, ${undestroyed} not destroyed`);
    }
    for (const what of Object.keys(seen[0])) assert.ok(seen.at(-1)[what] <= seen[0][what], what);
});
