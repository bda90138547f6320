// The page as a plug-in of CODAP (https://codap.concord.org): its address has ?codap. CODAP and the page speak by
// iframe-phone; what they say is CODAP's data-interactive interface. CODAP keeps the page's settings with its document.

const HELLO_MS = 10_000;
const ANSWER_MS = 60_000;
const ROWS_AT_ONCE = 500;
const FRAME = { name: "Hedgerow", title: "Hedgerow", dimensions: { width: 480, height: 640 } };

const meeting = meet();
// Nobody may ever send anything.
meeting.catch(() => {});

/**
 * Puts rows into a table of CODAP, in the place of those that came from the same source before.
 * `text` is JSON: `{context, from, items}`. An error with `isSilence` says that CODAP did not answer.
 */
export async function send(text) {
    const { context, from, items } = JSON.parse(text);
    const phone = await meeting;
    const table = `dataContext[${context.name}]`;
    const { success: isThere } = await ask(phone, { action: "get", resource: table });
    if (isThere) {
        const old = `${table}.itemSearch[from==${from}]`;
        const { values } = await ask(phone, { action: "get", resource: old });
        if (values?.length > 0) {
            await have(phone, { action: "delete", resource: old });
        }
    } else {
        await have(phone, { action: "create", resource: "dataContext", values: context });
    }
    for (let first = 0; first < items.length; first += ROWS_AT_ONCE) {
        const values = items.slice(first, first + ROWS_AT_ONCE);
        await have(phone, { action: "create", resource: `${table}.item`, values });
    }
    if (!isThere) {
        const values = { type: "caseTable", name: context.name, title: context.title, dataContext: context.name };
        await have(phone, { action: "create", resource: "component", values });
    }
}

async function meet() {
    const library = document.createElement("script");
    library.src = new URL("./vendor/iframe-phone.js", import.meta.url).href;
    await new Promise((resolve, reject) => {
        const fail = () => reject(silence());
        [library.onload, library.onerror] = [resolve, fail];
        setTimeout(fail, HELLO_MS);
        document.head.append(library);
    });
    const phone = new iframePhone.IframePhoneRpcEndpoint(answer, "data-interactive", window.parent);
    const { values } = await ask(phone, { action: "get", resource: "interactiveFrame" }, HELLO_MS);
    await ask(phone, { action: "update", resource: "interactiveFrame", values: FRAME });
    if (values?.savedState?.settings) {
        location.hash = values.savedState.settings;
    }
    return phone;
}

// What CODAP asks of the page.
function answer({ action, resource }, reply) {
    const isState = action === "get" && resource === "interactiveState";
    reply(isState ? { success: true, values: { settings: location.hash } } : { success: true });
}

function ask(phone, request, patience = ANSWER_MS) {
    return new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(silence()), patience);
        phone.call(request, (response) => {
            // Without a response it says that none has come yet.
            if (response) {
                clearTimeout(late);
                resolve(response);
            }
        });
    });
}

async function have(phone, request) {
    const { success, values } = await ask(phone, request);
    if (!success) {
        throw new Error(values?.error ?? `${request.action} ${request.resource}`);
    }
}

function silence() {
    return Object.assign(new Error("no answer"), { isSilence: true });
}
