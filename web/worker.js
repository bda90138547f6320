// Starts an engine: chooses its file, fetches it with progress, and hands over to it.
//
// From then on the engine speaks for itself (the protocol in src/protocol.rs): commands come in
// and events go out as bytes. Before that this file posts plain objects:
// {progress: [loaded, total]}, {downloadFailed: message}, {crashed: message}.

const wanted = new URL(self.location.href).searchParams;

self.addEventListener("unhandledrejection", (event) => {
    self.postMessage({ crashed: String(event.reason?.message ?? event.reason) });
});

start();

async function start() {
    const asked = wanted.get("engine");
    let kind = asked === "cpu" || asked === "gpu" ? asked : (await hasGpu()) ? "gpu" : "cpu";
    let bytes;
    try {
        bytes = await fetchEngine(kind);
    } catch (error) {
        // A site may ship without the larger engine.
        if (kind === "gpu") {
            kind = "cpu";
            bytes = await fetchEngine(kind).catch(giveUp);
        } else {
            giveUp(error);
        }
    }
    if (!bytes) {
        return;
    }
    let engine;
    try {
        engine = await import(address(kind, "engine.js"));
    } catch (error) {
        giveUp(error);
        return;
    }
    await engine.default({ module_or_path: bytes });
}

function giveUp(error) {
    self.postMessage({ downloadFailed: String(error?.message ?? error) });
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

function address(kind, file) {
    const url = new URL(`engine/${kind}/${file}`, self.location.href);
    url.searchParams.set("build", wanted.get("build") ?? "");
    return url;
}

async function fetchEngine(kind) {
    const response = await fetch(address(kind, "engine_bg.wasm"));
    if (!response.ok) {
        throw new Error(`the server answered ${response.status} for the ${kind} engine`);
    }
    // The length is that of the packed file; the bytes that arrive are unpacked.
    const packed = response.headers.get("content-encoding");
    const total = packed ? 0 : Number(response.headers.get("content-length") ?? 0);
    const parts = [];
    let loaded = 0;
    let told = 0;
    const reader = response.body.getReader();
    for (;;) {
        const { done, value } = await reader.read();
        if (done) {
            break;
        }
        parts.push(value);
        loaded += value.length;
        if (loaded - told > 65536) {
            told = loaded;
            self.postMessage({ progress: [loaded, total] });
        }
    }
    self.postMessage({ progress: [loaded, loaded] });
    return new Blob(parts).arrayBuffer();
}
