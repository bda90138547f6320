// The page as a plug-in of CODAP: beside a stand-in that speaks its data-interactive interface by the same library, and
// keeps tables as CODAP does. CODAP itself is a web application of somebody else, and no test may ask for it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

import { ROOT, accessibilityProblems, openPage } from "./harness.mjs";
import { MINUTES, status, train } from "./lab.mjs";

const LIBRARY = readFileSync(join(ROOT, "node_modules", "iframe-phone", "dist", "iframe-phone.js"), "utf8");

/** Runs in the stand-in's page. `codap.refuses` makes it refuse new rows; `codap.silent` makes it answer nothing. */
function standIn() {
    const codap = { frame: {}, tables: {}, components: [], requests: [], savedState: null, refuses: false };
    const no = (error) => ({ success: false, values: { error } });
    const yes = (values) => ({ success: true, values });
    const requested = ({ action, resource, values }) => {
        codap.requests.push(`${action} ${resource}`);
        if (resource === "interactiveFrame") {
            if (action === "update") {
                Object.assign(codap.frame, values);
                return yes();
            }
            return yes({ savedState: codap.savedState });
        }
        if (action === "create" && resource === "dataContext") {
            const columns = values.collections.flatMap((collection) => collection.attrs.map((attribute) => attribute.name));
            codap.tables[values.name] = { ...values, columns, items: [] };
            return yes({ name: values.name });
        }
        if (action === "create" && resource === "component") {
            codap.components.push(values);
            return values.dataContext in codap.tables ? yes() : no("no such table");
        }
        const [, name, part, search] = resource.match(/^dataContext\[([^\]]+)\](?:\.(item|itemSearch)(?:\[([^\]]+)\])?)?$/) ?? [];
        const table = codap.tables[name];
        if (!table) {
            return no("Data context not found");
        }
        if (!part && action === "get") {
            return yes({ name });
        }
        if (part === "item" && action === "create") {
            if (codap.refuses) {
                return no("the document is read-only");
            }
            const unknown = values.flatMap((item) => Object.keys(item)).find((key) => !table.columns.includes(key));
            if (unknown) {
                return no(`no attribute ${unknown}`);
            }
            table.items.push(...values);
            return yes(values.map((_, place) => place));
        }
        if (part === "itemSearch") {
            const [attribute, value] = search.split("==");
            const found = table.items.filter((item) => String(item[attribute]) === value);
            if (action === "delete") {
                table.items = table.items.filter((item) => !found.includes(item));
            }
            return yes(found.map((values) => ({ values })));
        }
        return no(`${action} ${resource} is not understood`);
    };
    codap.phone = new iframePhone.IframePhoneRpcEndpoint(
        (request, reply) => reply(requested(request)),
        "data-interactive",
        document.querySelector("iframe"),
    );
    window.codap = codap;
}

/** The stand-in with the page in it. */
async function openInCodap(t, { path = "?codap", locale, viewport = { width: 1000, height: 900 }, savedState = null } = {}) {
    // The first page says where the site is.
    const { page: first, context, site } = await openPage(t, { locale, expected: ["request outside the site: http://localhost"] });
    await first.close();
    const body = `<iframe src="${site}${path}" title="plug-in" width="${viewport.width - 40}" height="${viewport.height - 60}"></iframe>
        <script>${LIBRARY}</script><script>(${standIn})(); codap.savedState = ${JSON.stringify(savedState)};</script>`;
    const server = createServer((_, response) => {
        response.writeHead(200, { "content-type": "text/html" });
        response.end(`<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>CODAP</title>${body}`);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => server.close());
    const host = await context.newPage();
    await host.setViewportSize(viewport);
    await host.goto(`http://localhost:${server.address().port}/`);
    return { host, page: host.frameLocator("iframe"), site };
}

/** A run as the page saves it, of one seed: the numbers are those of a recorded one. */
function runFile(seed) {
    const recorded = JSON.parse(gunzipSync(readFileSync(join(ROOT, "public", "recorded", "attribution.json.gz"))));
    const arms = recorded.experiment.arms.length;
    const run = { ...recorded, replicas: structuredClone(recorded.replicas.slice(0, arms)) };
    run.experiment.seeds = [seed];
    for (const replica of run.replicas) {
        replica.replica.seed = seed;
    }
    return { name: `fox-${seed}.json`, mimeType: "application/json", buffer: Buffer.from(JSON.stringify(run)), run };
}

const tableOf = (host) => host.evaluate(() => codap.tables.hedgerow);

test("a class goes into a table of CODAP, as often as it is sent and no case twice", { timeout: 4 * MINUTES }, async (t) => {
    const { host, page } = await openInCodap(t);
    await host.waitForFunction(() => codap.frame.title === "Hedgerow");
    assert.deepEqual(await host.evaluate(() => Object.keys(codap.tables)), [], "nothing is sent unasked");

    await page.getByRole("link", { name: "For a class" }).click();
    const card = page.locator("#class");
    const files = [runFile(3), runFile(7)];
    await card.locator("input[type=file]").setInputFiles(files.map(({ name, mimeType, buffer }) => ({ name, mimeType, buffer })));
    await card.getByText("2 run files with 2 seeds").waitFor();
    const send = card.getByRole("button", { name: "Send to CODAP" });
    await send.click();
    const [{ run }] = files;
    const measurements = run.replicas[0].measurements;
    const rows = 2 * run.experiment.arms.length * measurements.length;
    await card.getByText(`CODAP has ${rows} rows.`).waitFor();

    const table = await tableOf(host);
    assert.equal(table.items.length, rows);
    assert.deepEqual(table.collections.map(({ name, parent }) => [name, parent]), [["models", undefined], ["measurements", "models"]]);
    assert.deepEqual(await host.evaluate(() => codap.components.map(({ type, dataContext }) => [type, dataContext])), [["caseTable", "hedgerow"]]);
    // The numbers are the file's: false answers among all about uncomfortable facts.
    const last = measurements.at(-1);
    const cells = last.cells.filter(([cell]) => cell.uncomfortable).map(([, counts]) => counts);
    const sum = (of) => cells.map(of).reduce((total, count) => total + count, 0);
    const share = sum(({ asserted, truthful }) => asserted - truthful) / sum(({ answers }) => answers);
    const item = table.items.find(({ arm, seed, update }) => arm === "Scalar" && seed === 3 && update === last.update);
    assert.ok(Math.abs(item.incorrect_uncomfortable - share) < 1e-9, `${item.incorrect_uncomfortable} instead of ${share}`);
    // Names stay hidden, as on the page.
    assert.ok(!JSON.stringify(table.items).includes("fox"));
    assert.equal(new Set(table.items.map(({ who }) => who)).size, 2);

    await page.getByRole("checkbox", { name: "Hide names" }).uncheck();
    await send.click();
    await host.waitForFunction(() => JSON.stringify(codap.tables.hedgerow.items).includes("fox-7"));
    await card.getByText(`CODAP has ${rows} rows.`).waitFor();
    assert.equal((await tableOf(host)).items.length, rows, "what was there is replaced");
    assert.equal(await host.evaluate(() => codap.components.length), 1);

    await host.evaluate(() => { codap.refuses = true; });
    await send.click();
    await card.getByText("CODAP has not taken the rows: the document is read-only.").waitFor();
});

test("the run that is drawn goes there once, in German, and CODAP's document keeps the settings", { timeout: 6 * MINUTES }, async (t) => {
    const savedState = { settings: "#s=4&seeds=3&engine=cpu&finetune.updates=4&finetune.prompts=4&measure.every=4&measure.probe_every=4" };
    const { host, page } = await openInCodap(t, { path: "?codap&lang=de", savedState });
    const frame = host.frames().find((frame) => frame.url().includes("codap"));
    await frame.waitForFunction(() => location.hash.includes("seeds=3") && location.hash.includes("updates=4"));
    const state = await host.evaluate(() => new Promise((resolve) => codap.phone.call({ action: "get", resource: "interactiveState" }, resolve)));
    assert.match(state.values.settings, /seeds=3.*updates=4/);

    // In a frame of another site this browser gives the page no storage: the run that is drawn needs none.
    await page.getByRole("heading", { name: "Deine Läufe" }).first().click();
    const send = page.getByRole("button", { name: "Den gezeichneten Lauf an CODAP senden" });
    await send.waitFor();
    await status(page).getByText("Bereit").waitFor({ timeout: 5 * MINUTES });
    await train(page).click();
    await status(page).getByText("Fertig nach 4 Schritten").waitFor({ timeout: 5 * MINUTES });
    for (let time = 0; time < 2; time++) {
        await send.click();
        await page.getByText("CODAP hat 4 Zeilen.").waitFor();
    }
    const table = await tableOf(host);
    assert.equal(table.title, "Modelle aus Hedgerow");
    assert.deepEqual(table.items.map(({ arm, seed, update }) => [arm, seed, update]), [["Skalar", 3, 0], ["Skalar", 3, 4], ["Mit Gründen", 3, 0], ["Mit Gründen", 3, 4]]);
    assert.ok(table.items.every(({ from }) => /^run-[0-9a-f]+$/.test(from)));
    assert.deepEqual(await accessibilityProblems(frame, "#shelf"), []);
});

test("where CODAP is not around the page, nothing of it is there", { timeout: 2 * MINUTES }, async (t) => {
    const { page, requests } = await openPage(t);
    await page.getByRole("link", { name: "For a class" }).click();
    const { name, mimeType, buffer } = runFile(3);
    await page.locator("#class input[type=file]").setInputFiles({ name, mimeType, buffer });
    await page.getByText("1 run file with 1 seed,").waitFor();
    assert.equal(await page.getByRole("button", { name: "Send to CODAP" }).count(), 0);
    assert.deepEqual(requests.filter((url) => /codap|iframe-phone/.test(url)), []);
});
