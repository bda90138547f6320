// The benchmark page: window.__bench(config, work, steps, opts) runs work in the engine's worker.
//
//     config  "A" or "B"
//     work    "train" or "sample"
//     steps   how many steps, or batches of continuations
//     opts    data_url    prefix of <config>.json and <config>.bin; without it the work is generated
//             replicas    the same work this many times at once (1)
//             reset       initial weights, no moments, batch 0
//             read_every  steps between two readings of the loss (10)
//             greedy      the most probable token instead of a sampled one
//
// It resolves to { steps, ms_per_step, first_step_ms, losses or tokens, mem, engine }. Which engine
// it is says ?engine=cpu (default) or ?engine=gpu. window.__bench_ready is true once it can be called,
// window.__bench_error says why it cannot. The names of parameters are those of src/bench.rs.

const engine = new URL(location.href).searchParams.get("engine") ?? "cpu";
const status = document.getElementById("status");
const button = document.getElementById("run");
const other = document.getElementById("other");
const opened = new Set();
let worker;
let answered = Promise.resolve();

function fail(message) {
    window.__bench_error = message;
    status.textContent = message;
    button.disabled = true;
}

function start() {
    if (engine !== "cpu" && engine !== "gpu") {
        fail(`There is no engine "${engine}": choose ?engine=cpu or ?engine=gpu.`);
        return;
    }
    worker = new Worker(`./worker.js?engine=${engine}`, { type: "module" });
    worker.onerror = (event) => fail(`The engine stopped: ${event.message}`);
    worker.onmessage = ({ data }) => {
        if (data instanceof ArrayBuffer) {
            // Its first words in the laboratory's protocol: it listens.
            window.__bench_ready = true;
            button.disabled = false;
            status.textContent = "Ready.";
        } else if (data.wants) {
            handOut(data.wants);
        } else if (data.crashed) {
            fail(`The engine could not be started: ${data.crashed}`);
        }
    };
}

async function handOut(kind) {
    try {
        const module = await WebAssembly.compileStreaming(fetched(`engine/${kind}/engine_bg.wasm`));
        worker.postMessage({ script: `engine/${kind}/engine.js`, module });
    } catch (error) {
        fail(`The engine could not be started: ${error.message}`);
    }
}

function ask(request, numbers) {
    // One request after the other.
    const answer = answered.then(
        () =>
            new Promise((resolve, reject) => {
                const hear = ({ data }) => {
                    worker.removeEventListener("message", hear);
                    // Anything else that an engine says at work is its last word.
                    const { done, error } =
                        typeof data?.bench === "string" ? JSON.parse(data.bench) : { error: "the engine stopped" };
                    error === undefined ? resolve(done) : reject(new Error(error));
                };
                worker.addEventListener("message", hear);
                worker.postMessage({ bench: JSON.stringify(request), numbers }, numbers ? [numbers] : []);
            }),
    );
    answered = answer.catch(() => {});
    return answer;
}

async function fetched(url) {
    const response = await fetch(url);
    if (!response.ok) {
        throw new Error(`${url}: the server answered ${response.status}`);
    }
    return response;
}

async function open(name, config, dataUrl, replicas) {
    const request = { request: "open", name, config, manifest: null, replicas, gpu: engine === "gpu" };
    if (dataUrl === undefined) {
        return ask(request);
    }
    const [manifest, numbers] = await Promise.all([
        fetched(`${dataUrl}${config}.json`).then((response) => response.text()),
        fetched(`${dataUrl}${config}.bin`).then((response) => response.arrayBuffer()),
    ]);
    return ask({ ...request, manifest }, numbers);
}

window.__bench = async (config, work, steps, opts = {}) => {
    const { data_url, replicas = 1, reset = false, read_every = 10, greedy = false } = opts;
    if (work !== "train" && work !== "sample") {
        throw new Error(`there is no work "${work}": train or sample`);
    }
    const name = JSON.stringify([config, data_url ?? null, replicas]);
    if (!opened.has(name)) {
        await open(name, config, data_url, replicas);
        opened.add(name);
    }
    return ask(
        work === "train"
            ? { request: "train", name, steps, read_every, reset }
            : { request: "sample", name, steps, greedy, reset },
    );
};

button.addEventListener("click", async () => {
    button.disabled = true;
    const table = document.getElementById("results");
    const rows = table.tBodies[0];
    rows.replaceChildren();
    table.hidden = false;
    try {
        for (const [config, work, steps, tokens] of [
            ["A", "train", 20, 2048],
            ["A", "sample", 10, 1024],
            ["B", "train", 5, 2048],
            ["B", "sample", 3, 1024],
        ]) {
            status.textContent = `${config}, ${work} …`;
            await window.__bench(config, work, 2); // kernels are compiled, memory is claimed
            const { ms_per_step } = await window.__bench(config, work, steps);
            const row = rows.insertRow();
            const cells = [`${config}, ${work}`, ms_per_step.toFixed(1), Math.round((tokens / ms_per_step) * 1000)];
            cells.forEach((text) => (row.insertCell().textContent = text.toLocaleString()));
        }
        status.textContent = "Done. Other tabs and a low battery make it slower.";
    } catch (error) {
        status.textContent = `It failed: ${error.message}`;
    }
    button.disabled = false;
});

if (engine === "gpu") {
    other.href = "?engine=cpu";
    other.textContent = "Measure the CPU instead";
}
start();
