// Keeps the visitor's runs in IndexedDB: a run for each tab, so that a crash or a closed tab costs only the seconds since
// the last update that was kept; and a shelf of runs that have ended or were paused, as files, with names and notes.
//
// A tab holds a lock on its run, so that no other takes it over. Where there is no storage every function is rejected.
// What a run is made of is the page's business (web/src/model/saved.rs).

const NAME = "hedgerow";
// Of a tab, in its own storage, which outlasts a reload.
const TAB = "hedgerow-run";
// Runs of tabs that were closed, and bytes of them and of this tab's; the oldest go first.
const MOST_RUNS = 24;
const MOST_BYTES = 200e6;
// How long the page waits for the storage before it goes on without it.
const PATIENCE_MS = 8000;
// On the shelf; the oldest that are not pinned go first.
const MOST_SHELVED = 60;
const MOST_SHELVED_BYTES = 150e6;

let opened = null;
let id = null;
// What is kept and forgotten, one after the other in the order in which it was asked for.
let before = Promise.resolve();

function open() {
    opened ??= import("./vendor/idb/index.js").then(({ openDB }) =>
        openDB(NAME, 2, {
            upgrade(database, old) {
                if (old < 1) {
                    // When each run was kept and how large it is, beside the runs themselves.
                    database.createObjectStore("list");
                    database.createObjectStore("runs");
                }
                // What is said of each file on the shelf, and the files.
                database.createObjectStore("shelf");
                database.createObjectStore("files");
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

// The run of this tab, or else the latest that no open tab has; nothing if there is none. `again` is true where
// the tab was there before, and its visitor has not come by another link. A storage that does not answer is none.
export function find() {
    return patiently(search());
}

function patiently(work) {
    const patience = new Promise((_, reject) => setTimeout(reject, PATIENCE_MS, new Error("no answer")));
    return Promise.race([work, patience]);
}

async function search() {
    const database = await open();
    const own = sessionStorage.getItem(TAB);
    const again = performance.getEntriesByType("navigation")[0]?.type !== "navigate";
    id = own && (await hold(own)) ? own : newName();
    sessionStorage.setItem(TAB, id);
    if (id !== own) {
        await hold(id);
    } else if (await database.get("list", id)) {
        return { id, again, ...(await database.get("runs", id)) };
    }
    const held = await openRuns();
    const latest = held && (await list(database)).findLast((run) => !held.includes(lockOf(run.id)));
    return latest ? { id: latest.id, again: false, ...(await database.get("runs", latest.id)) } : null;
}

function inTurn(work) {
    const done = before.then(() => patiently(work()));
    before = done.catch(() => {});
    return done;
}

// Keeps this tab's run in place of what was kept of it before.
export function keep(run) {
    return inTurn(() => put(run));
}

// Lets go of a run, this tab's unless another is named.
export function forget(other = id) {
    return inTurn(() => remove(other));
}

async function put(run) {
    const database = await open();
    const bytes = run.states.reduce((sum, state) => sum + (state?.length ?? 0), run.head.length);
    const left = await leftOver(database);
    const sum = () => left.reduce((sum, run) => sum + run.bytes, bytes);
    while (left.length > MOST_RUNS || (left.length && sum() > MOST_BYTES)) {
        await remove(left.shift().id);
    }
    await withRoom(() => write(database, run, bytes), left, ({ id }) => remove(id));
}

// Does it; while the storage is full, the oldest of what may go gives way, one after the other.
async function withRoom(work, left, remove) {
    for (;;) {
        try {
            return await work();
        } catch (error) {
            if (error.name !== "QuotaExceededError" || left.length === 0) {
                throw error;
            }
            await remove(left.shift());
        }
    }
}

async function remove(other) {
    const transaction = (await open()).transaction(["list", "runs"], "readwrite");
    transaction.objectStore("list").delete(other);
    transaction.objectStore("runs").delete(other);
    await transaction.done;
}

async function write(database, run, bytes) {
    const transaction = database.transaction(["list", "runs"], "readwrite");
    const puts = [
        transaction.objectStore("list").put({ at: Date.now(), bytes }, id),
        transaction.objectStore("runs").put(run, id),
    ];
    await Promise.all([...puts, transaction.done]);
}

// Other runs that may go, the oldest first: a tab that is open keeps its own. Without locks nobody knows which are.
async function leftOver(database) {
    const held = (await openRuns()) ?? [];
    return (await list(database)).filter((run) => run.id !== id && !held.includes(lockOf(run.id)));
}

// The runs with what is known of them, the oldest first.
async function list(database) {
    const transaction = database.transaction("list");
    const [ids, values] = await Promise.all([transaction.store.getAllKeys(), transaction.store.getAll()]);
    return ids.map((id, place) => ({ id, ...values[place] })).sort((a, b) => a.at - b.at);
}

// Holds a run's name until the tab is closed; false if another tab has it. Pages on plain http have no locks.
function hold(name) {
    return new Promise((resolve) => {
        if (!navigator.locks) {
            resolve(true);
            return;
        }
        navigator.locks.request(lockOf(name), { ifAvailable: true }, (lock) => {
            resolve(lock !== null);
            return lock && new Promise(() => {});
        });
    });
}

// The locks of open tabs' runs. Without locks nobody knows.
async function openRuns() {
    return (await navigator.locks?.query())?.held.map(({ name }) => name);
}

function lockOf(name) {
    return `${NAME} ${name}`;
}

function newName() {
    return `${Date.now()}-${Math.random()}`;
}

// What is said of the files on the shelf, the latest first.
export function shelf() {
    return patiently(shelved());
}

async function shelved() {
    const transaction = (await open()).transaction("shelf");
    const [ids, values] = await Promise.all([transaction.store.getAllKeys(), transaction.store.getAll()]);
    return ids.map((id, place) => ({ id, ...values[place] })).sort((a, b) => b.at - a.at);
}

// Puts a run's file on the shelf. One that is there keeps its name, note and pin, and gives way only to one that is as
// far. Its models stay while it is as far as they are.
export function shelve(id, done, line, file) {
    return inTurn(async () => {
        const database = await open();
        const known = await database.get("shelf", id);
        if (known && known.done > done) {
            return;
        }
        const models = known?.done === done ? await database.get("files", beside(id)) : undefined;
        const own = { name: "", note: "", pinned: false, ...known, at: Date.now(), done, line, bytes: file.length };
        await clear(database, id, MOST_SHELVED - 1, MOST_SHELVED_BYTES - own.bytes);
        const unpinned = (await shelved()).filter((other) => other.id !== id && !other.pinned).reverse();
        await withRoom(() => place(database, id, own, file, models), unpinned, (other) => drop(database, other.id));
    });
}

// Puts the models of a run beside its file, if it is there and as far.
export function addModels(id, done, models) {
    return inTurn(async () => {
        const database = await open();
        const [own, file] = await Promise.all([database.get("shelf", id), database.get("files", id)]);
        if (own?.done === done) {
            await clear(database, id, MOST_SHELVED - 1, MOST_SHELVED_BYTES - own.bytes - models.length);
            await place(database, id, own, file, models);
        }
    });
}

// The models of a run; nothing if there are none.
export function models(id) {
    return patiently(open().then((database) => database.get("files", beside(id))));
}

// Puts back what was taken. A run that is there again and further gets its name, its note and its pin back.
export function putBack({ id, file, models, ...own }) {
    return inTurn(async () => {
        const database = await open();
        const known = await database.get("shelf", id);
        if (known?.done > own.done) {
            const { name, note, pinned } = own;
            await database.put("shelf", { ...known, name, note, pinned, at: Date.now() }, id);
        } else {
            await place(database, id, own, file, models);
        }
    });
}

// A run's file; nothing if it is not there any more.
export function file(id) {
    return patiently(open().then((database) => database.get("files", id)));
}

// Changes one thing that is said of a run: its name, its note or its pin.
export function label(id, field, said) {
    return inTurn(async () => {
        const transaction = (await open()).transaction("shelf", "readwrite");
        const known = await transaction.store.get(id);
        if (known) {
            await transaction.store.put({ ...known, [field]: said }, id);
        }
        await transaction.done;
    });
}

// Takes a run from the shelf, and returns all of it.
export function take(id) {
    return inTurn(async () => {
        const database = await open();
        const own = await database.get("shelf", id);
        const [file, models] = await Promise.all([id, beside(id)].map((name) => database.get("files", name)));
        await drop(database, id);
        return { id, ...own, file, models };
    });
}

// What the models of a run are called among the files.
function beside(id) {
    return `${id} models`;
}

async function place(database, id, own, file, models) {
    const transaction = database.transaction(["shelf", "files"], "readwrite");
    const [shelf, files] = ["shelf", "files"].map((name) => transaction.objectStore(name));
    const puts = [
        shelf.put({ ...own, ofModels: models?.length ?? 0 }, id),
        files.put(file, id),
        models ? files.put(models, beside(id)) : files.delete(beside(id)),
    ];
    await Promise.all([...puts, transaction.done]);
}

async function drop(database, id) {
    const transaction = database.transaction(["shelf", "files"], "readwrite");
    transaction.objectStore("shelf").delete(id);
    transaction.objectStore("files").delete(id);
    transaction.objectStore("files").delete(beside(id));
    await transaction.done;
}

// Removes the oldest files that are not pinned until so many others of so many bytes are left.
async function clear(database, id, count, bytes) {
    const others = (await shelved()).filter((other) => other.id !== id);
    const size = ({ bytes, ofModels = 0 }) => bytes + ofModels;
    let [left, sum] = [others.length, others.reduce((sum, other) => sum + size(other), 0)];
    for (const other of others.reverse().filter(({ pinned }) => !pinned)) {
        if (left <= count && sum <= bytes) {
            return;
        }
        await drop(database, other.id);
        [left, sum] = [left - 1, sum - size(other)];
    }
}
