// What a page has a GPU do, counted: times on a software adapter mean nothing, numbers of launches do.

/** From here on counts what a worker asks of its GPU. */
export const count = (worker) =>
    worker.evaluate(() => {
        globalThis.counts = { dispatches: 0, submits: 0, reads: 0, buffers: 0 };
        const count = (prototype, method, what) => {
            const original = prototype[method];
            prototype[method] = function (...rest) {
                globalThis.counts[what] += 1;
                return original.apply(this, rest);
            };
        };
        count(GPUComputePassEncoder.prototype, "dispatchWorkgroups", "dispatches");
        count(GPUComputePassEncoder.prototype, "dispatchWorkgroupsIndirect", "dispatches");
        count(GPUQueue.prototype, "submit", "submits");
        count(GPUBuffer.prototype, "mapAsync", "reads");
        count(GPUDevice.prototype, "createBuffer", "buffers");
    });

/** What was asked of it meanwhile. */
export async function counted(worker, work) {
    await worker.evaluate(() => Object.keys(globalThis.counts).forEach((what) => (globalThis.counts[what] = 0)));
    await work();
    return worker.evaluate(() => globalThis.counts);
}
