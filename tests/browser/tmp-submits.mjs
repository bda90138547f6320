import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
const DATA = new URL("../bench/data/", import.meta.url);
test("s", async (t) => {
    const { page, site } = await openPage(t, { gpu: true, path: `bench.html?engine=gpu` });
    await page.route("**/bench-data/*", (route) => route.fulfill({ body: readFileSync(new URL(new URL(route.request().url()).pathname.split("/").at(-1), DATA)) }));
    await page.waitForFunction(() => window.__bench_ready || window.__bench_error, null, { timeout: 300_000 });
    const bench = (work, steps, opts = {}) => page.evaluate(([work, steps, opts]) => window.__bench("tiny", work, steps, opts), [work, steps, { data_url: `${site}bench-data/`, ...opts }]);
    const worker = page.workers()[0];
    await bench("train", 1, {});
    await worker.evaluate(() => {
        globalThis.log = [];
        const count = (prototype, method, what) => {
            const original = prototype[method];
            prototype[method] = function (...rest) { globalThis.log.push(what); return original.apply(this, rest); };
        };
        count(GPUComputePassEncoder.prototype, "dispatchWorkgroups", "d");
        count(GPUQueue.prototype, "submit", "S");
        count(GPUQueue.prototype, "writeBuffer", "w");
        count(GPUBuffer.prototype, "mapAsync", "R");
        count(GPUDevice.prototype, "createBuffer", "b");
        count(GPUBuffer.prototype, "destroy", "x");
        count(GPUCommandEncoder.prototype, "copyBufferToBuffer", "c");
    });
    for (const read_every of [1000, 5, 1]) {
        await worker.evaluate(() => { globalThis.log = []; });
        await bench("train", 6, { read_every });
        const log = await worker.evaluate(() => globalThis.log.join(""));
        console.log(read_every, log.replace(/d+/g, (m) => `<${m.length}>`));
    }
    await worker.evaluate(() => { globalThis.log = []; });
    await bench("sample", 2, {});
    console.log(await worker.evaluate(() => globalThis.log.join("")));
});
