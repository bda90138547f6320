// Starts an engine: says which one it wants, gets it from the page, which has fetched and checked it,
// and hands over to it.
//
// From then on the engine speaks for itself (the protocol in src/documents/protocol): commands come in
// and events go out as bytes. Before that, plain objects are posted: {wants, gpuIsSilent} out,
// {script, module} in, and {crashed: message} out if the engine cannot be started.

// How long a browser may think about whether it has WebGPU.
const GPU_ANSWERS_WITHIN_MS = 4000;

const asked = new URL(self.location.href).searchParams.get("engine");

self.addEventListener("unhandledrejection", (event) => crashed(event.reason));

self.onmessage = async ({ data: { script, module } }) => {
    self.onmessage = null;
    try {
        const engine = await import(new URL(script, self.location.href));
        await engine.default({ module_or_path: module });
    } catch (error) {
        crashed(error);
    }
};

wish().then((wish) => self.postMessage(wish));

async function wish() {
    if (asked === "cpu" || asked === "gpu") {
        return { wants: asked };
    }
    const silence = new Promise((resolve) => setTimeout(resolve, GPU_ANSWERS_WITHIN_MS, "silent"));
    const gpu = await Promise.race([hasGpu(), silence]);
    return { wants: gpu === true ? "gpu" : "cpu", gpuIsSilent: gpu === "silent" };
}

function crashed(error) {
    self.postMessage({ crashed: String(error?.message ?? error) });
}

// Is there WebGPU on real hardware, here, in a worker?
async function hasGpu() {
    try {
        const adapter = await navigator.gpu?.requestAdapter();
        if (!adapter) {
            return false;
        }
        const { isFallbackAdapter, vendor, architecture, description } = adapter.info ?? {};
        const names = `${vendor} ${architecture} ${description}`.toLowerCase();
        const software = ["swiftshader", "llvmpipe", "basic render"].some((name) => names.includes(name));
        return !(isFallbackAdapter || adapter.isFallbackAdapter || software);
    } catch {
        return false;
    }
}
