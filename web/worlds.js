// Keeps worlds of the visitor's own in the browser's storage, with the models that were trained on them and with
// trainings that were left, so that a reload costs nothing but the seconds since the last state that was kept.
//
// The storage is IndexedDB (through idb, https://github.com/jakearchibald/idb). Where there is none every function is
// rejected, and the page says so. What `whole` is made of is the page's business (web/src/storage/worlds.rs); the other
// parts of a record stand beside it, so that a run can begin without what reads it.

const NAME = "hedgerow-worlds";
// How long the page waits for the storage before it goes on without it.
const PATIENCE_MS = 8000;

let opened = null;

function open() {
    opened ??= import("./vendor/idb/index.js").then(({ openDB }) =>
        openDB(NAME, 1, {
            upgrade(database) {
                database.createObjectStore("worlds");
            },
            // A newer page in another tab needs another version.
            blocking(_current, _wanted, event) {
                event.target.close();
                opened = null;
            },
        }),
    );
    opened.catch(() => (opened = null));
    return opened;
}

function patiently(work) {
    const patience = new Promise((_, reject) => setTimeout(reject, PATIENCE_MS, new Error("no answer")));
    return Promise.race([open().then(work), patience]);
}

// All worlds with their names, the latest first: `[name, record]`.
export function worlds() {
    return patiently(async (database) => {
        const [names, records] = await Promise.all([database.getAllKeys("worlds"), database.getAll("worlds")]);
        return names.map((name, place) => [name, records[place]]).sort(([, a], [, b]) => b.at - a.at);
    });
}

// The seeds that a world has models of; nothing if it is not here.
export function seeds(world) {
    return patiently(async (database) => (await database.get("worlds", world))?.models.map(({ seed }) => seed) ?? null);
}

// World, tokenizer and checkpoint of a seed.
export function base(world, seed) {
    return patiently(async (database) => {
        const record = await database.get("worlds", world);
        const model = record?.models.find((model) => model.seed === seed);
        if (!model) {
            throw new Error(`no model of seed ${seed}`);
        }
        return [record.world, record.tokenizer, model.checkpoint];
    });
}

// Keeps a world in place of what was kept of it before.
export function keep(world, record) {
    return patiently((database) => database.put("worlds", { ...record, at: Date.now() }, world));
}

// Lets go of a world.
export function drop(world) {
    return patiently((database) => database.delete("worlds", world));
}
