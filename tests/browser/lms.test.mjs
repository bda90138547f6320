// An exercise in another page and in a learning management system: the messages that it sends, and SCORM packages, which
// report to a stand-in (scorm-again) that keeps and refuses values as the standards say.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { test } from "node:test";

import { DIST, ROOT, accessibilityProblems, openPage, xtask } from "./harness.mjs";
import { MINUTES, ready, status, train } from "./lab.mjs";
import { run, unzipped } from "./program.mjs";

/** A run of two models that takes seconds, under the exercise's own rater and arms. */
const RUN = "#s=4&seeds=0&engine=cpu&finetune.updates=4&finetune.prompts=4&measure.every=4&measure.probe_every=4";
const STEPS = 8;
const OWN_WORDS = "A thumb does not say why.";
/** What the page needs in a frame; `allow-modals` is for printing. */
const SANDBOX = "allow-scripts allow-same-origin allow-downloads allow-popups allow-modals";
const TYPES = {
    ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".json": "application/json", ".wasm": "application/wasm",
    ".svg": "image/svg+xml", ".txt": "text/plain", ".xml": "text/xml", ".png": "image/png", ".webmanifest": "application/manifest+json",
};

/** Serves what `answer` returns for a name: text of HTML, bytes, or nothing. */
async function serve(t, answer) {
    const server = createServer((request, response) => {
        const name = decodeURI(new URL(request.url, "http://host").pathname.slice(1));
        const found = name === "favicon.ico" ? "" : answer(name);
        response.writeHead(found === undefined ? 404 : 200, { "content-type": TYPES[extname(name)] ?? "application/octet-stream" });
        response.end(found);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => server.close());
    return `http://localhost:${server.address().port}/`;
}

/** The packages of an exercise, by version, as the command makes them. */
function packages(t, ...options) {
    const out = mkdtempSync(join(tmpdir(), "hedgerow-scorm-"));
    t.after(() => rmSync(out, { recursive: true }));
    run(...xtask("scorm", "thumb", "--site", DIST, "--out", out, ...options));
    const of = (version) => unzipped(readFileSync(join(out, `hedgerow-thumb-en-scorm-${version}.zip`)));
    return { 1.2: of("1.2"), 2004: of("2004") };
}

/** Does the exercise "The thumb that does not say why", one question of two rightly. */
async function work(page) {
    const panel = page.locator("#exercise");
    const place = (number) => panel.getByText(new RegExp(`^Step ${number} of ${STEPS}`)).waitFor({ timeout: MINUTES });
    const next = async (number) => {
        await panel.locator(".exercise-nav .strong").click();
        await place(number);
    };
    await place(1);
    await next(2);
    await next(3);
    await panel.getByRole("radio").nth(2).check();
    await next(4);
    await ready(page);
    await train(page).click();
    await status(page).getByText("Finished after 4 updates").waitFor({ timeout: 6 * MINUTES });
    for (const number of [5, 6, 7]) {
        await next(number);
    }
    for (const [question, choice] of [[0, 1], [1, 0]]) {
        const asked = panel.locator(".exercise-question").nth(question);
        await asked.getByRole("radio").nth(choice).check();
        await asked.getByRole("button", { name: "Check my answer" }).click();
    }
    await next(8);
    await panel.getByRole("textbox").fill(OWN_WORDS);
}

const polled = async (read, wanted) => {
    for (const end = Date.now() + MINUTES; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
        const found = await read();
        if (found === wanted || Date.now() > end) {
            return assert.equal(found, wanted);
        }
    }
};

test("a host hears that an exercise is ready, how high it is, how far it has come and what the result is, and nothing else", { timeout: 8 * MINUTES }, async (t) => {
    const { page, context, site } = await openPage(t, { expected: ["request outside the site"] });
    await page.close();
    const host = await context.newPage();
    await host.goto(await serve(t, () => `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>A course</title>
        <script>heard = []; addEventListener("message", ({ data, source }) => { if (source === frames[0]) heard.push(data); });</script>
        <iframe src="${site}?exercise=thumb${RUN.replaceAll("&", "&amp;")}" sandbox="${SANDBOX}" title="exercise" width="900" height="900"></iframe>`).then((address) => `${address}index.html`));
    await work(host.frameLocator("iframe"));
    const heard = () => host.evaluate(() => heard);
    await host.waitForFunction(() => heard.some(({ hedgerow }) => hedgerow === "result"));
    const messages = await heard();
    const of = (kind) => messages.filter(({ hedgerow }) => hedgerow === kind);
    assert.deepEqual(of("ready"), [{ hedgerow: "ready", exercise: "thumb" }]);
    assert.ok(of("height").every(({ height }) => height > 300), JSON.stringify(of("height")));
    const done = of("progress").map(({ done }) => done);
    assert.deepEqual(done, [...done].sort((one, other) => one - other), "it only grows");
    assert.deepEqual(of("progress").at(-1), { hedgerow: "progress", exercise: "thumb", done: STEPS, steps: STEPS });
    assert.deepEqual(of("result").at(-1), { hedgerow: "result", exercise: "thumb", right: 1, questions: 2 });
    assert.equal(messages.length, ["ready", "height", "progress", "result"].flatMap(of).length, "no message of another kind");
    assert.ok(!JSON.stringify(messages).includes("thumb does not say"), "what somebody wrote stays with them");
    // The report says the same.
    const panel = host.frameLocator("iframe").locator("#exercise");
    await panel.locator(".exercise-nav .strong").click();
    await panel.getByText("1 right, 1 not right, 0 not answered.").waitFor();
});

/** Runs in the system's page. */
function system(version) {
    window.said = {};
    const api = version === "2004" ? new Scorm2004API({ logLevel: 5 }) : new Scorm12API({ logLevel: 5 });
    const [set, finish] = version === "2004" ? ["SetValue", "Terminate"] : ["LMSSetValue", "LMSFinish"];
    api.on(`${set}.cmi.*`, (name, value) => { said[name] = value; });
    api.on(finish, () => { said.finished = true; });
    window[version === "2004" ? "API_1484_11" : "API"] = api;
    window.api = api;
}

/** A learning management system that shows a package. */
async function openSystem(t, context, version, files) {
    const script = readFileSync(join(ROOT, "node_modules", "scorm-again", "dist", version === "2004" ? "scorm2004.min.js" : "scorm12.min.js"));
    const address = await serve(t, (name) => {
        if (name === "scorm-again.js") {
            return script;
        }
        return name === "index.html"
            ? `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>LMS</title><script src="scorm-again.js"></script>
               <script>(${system})("${version}")</script><iframe src="package/index.html" title="package" width="1100" height="900"></iframe>`
            : files.get(name.replace(/^package\//, ""));
    });
    const lms = await context.newPage();
    await lms.setViewportSize({ width: 1200, height: 1000 });
    await lms.goto(`${address}index.html`);
    return { lms, address, exercise: lms.frameLocator("iframe").frameLocator("iframe") };
}

const MODEL = {
    1.2: { status: "cmi.core.lesson_status", place: "cmi.core.lesson_location", score: "cmi.core.score", time: "cmi.core.session_time", exit: "cmi.core.exit", format: /^\d{4}:\d\d:\d\d$/ },
    2004: { status: "cmi.completion_status", place: "cmi.location", score: "cmi.score", time: "cmi.session_time", exit: "cmi.exit", format: /^PT\d+S$/ },
};

for (const version of ["1.2", "2004"]) {
    test(`a package of SCORM ${version} reports completion and score, and takes neither back`, { timeout: 8 * MINUTES }, async (t) => {
        const { page, context, site } = await openPage(t, { expected: ["request outside the site"] });
        await page.close();
        const files = packages(t, "--address", `${site}?lang=en&exercise=thumb${RUN}`)[version];
        const { lms, exercise } = await openSystem(t, context, version, files);
        const model = MODEL[version];
        const value = (name) => lms.evaluate(([name, version]) => (version === "2004" ? api.GetValue(name) : api.LMSGetValue(name)), [name, version]);
        await exercise.locator("#exercise h2").waitFor();
        assert.equal(await value(model.status), "incomplete");
        assert.equal(await value(`${model.score}.raw`), "", "no score before the end");
        await work(exercise);
        await polled(() => value(model.status), "completed");
        assert.deepEqual(await Promise.all(["raw", "min", "max"].map((part) => value(`${model.score}.${part}`))), ["50", "0", "100"]);
        assert.equal(await value(model.place), `${STEPS}/${STEPS}`);
        if (version === "2004") {
            assert.equal(await value("cmi.score.scaled"), "0.5");
            assert.equal(await value("cmi.progress_measure"), "1");
            assert.equal(await value("cmi.success_status"), "unknown", "whether it is passed is the teacher's to say");
        }
        const panel = exercise.locator("#exercise");
        await panel.getByText("Start over, or see more").click();
        await panel.getByRole("button", { name: "Start the exercise over" }).click();
        await polled(() => value(model.place), `1/${STEPS}`);
        assert.deepEqual([await value(model.status), await value(`${model.score}.raw`)], ["completed", "50"]);

        await lms.evaluate(() => { document.querySelector("iframe").src = "about:blank"; });
        await lms.waitForFunction(() => said.finished);
        const said = await lms.evaluate(() => said);
        assert.match(said[model.time], model.format);
        assert.equal(said[model.exit], "suspend");
        assert.ok(!JSON.stringify(said).includes(OWN_WORDS));
    });
}

/** What a system reads of a manifest. */
const readManifest = (page, text) => page.evaluate((text) => {
    const xml = new DOMParser().parseFromString(text, "text/xml");
    const one = (name) => {
        const found = xml.getElementsByTagName(name);
        return found.length === 1 ? found[0] : null;
    };
    const resource = one("resource");
    return {
        broken: xml.querySelector("parsererror")?.textContent,
        root: [xml.documentElement.localName, xml.documentElement.namespaceURI],
        version: [one("schema").textContent, one("schemaversion").textContent],
        organization: [one("organizations").getAttribute("default"), one("organization").getAttribute("identifier")],
        item: one("item").getAttribute("identifierref"),
        titles: [...xml.getElementsByTagName("title")].map((title) => title.textContent),
        identifiers: [...xml.querySelectorAll("[identifier]")].map((element) => element.getAttribute("identifier")),
        resource: ["identifier", "type", "href", "adlcp:scormtype", "adlcp:scormType"].map((name) => resource.getAttribute(name)),
        files: [...resource.getElementsByTagName("file")].map((file) => file.getAttribute("href")),
    };
}, text);

async function checkManifest(page, version, files, title) {
    const manifest = await readManifest(page, files.get("imsmanifest.xml").toString());
    const is2004 = version === "2004";
    assert.equal(manifest.broken, undefined);
    assert.deepEqual(manifest.root, ["manifest", is2004 ? "http://www.imsglobal.org/xsd/imscp_v1p1" : "http://www.imsproject.org/xsd/imscp_rootv1p1p2"]);
    assert.deepEqual(manifest.version, ["ADL SCORM", is2004 ? "2004 4th Edition" : "1.2"]);
    assert.equal(manifest.organization[0], manifest.organization[1]);
    assert.deepEqual(manifest.titles, [title, title]);
    const [identifier, type, start, older, newer] = manifest.resource;
    assert.equal(manifest.item, identifier);
    assert.deepEqual([type, start, older, newer], ["webcontent", "index.html", is2004 ? null : "sco", is2004 ? "sco" : null]);
    assert.equal(new Set(manifest.identifiers).size, manifest.identifiers.length);
    assert.ok(manifest.identifiers.every((identifier) => /^[A-Za-z_][\w.-]*$/.test(identifier)), "an ID of XML");
    const there = [...files.keys()].filter((name) => name !== "imsmanifest.xml");
    assert.deepEqual([...manifest.files].sort(), there.sort(), "the files are those of the archive");
}

test("a package holds the site unless it is elsewhere, names all of its files, and works where no system answers", { timeout: 6 * MINUTES }, async (t) => {
    const { page, context } = await openPage(t, { expected: ["request outside the site"] });
    const both = packages(t);
    for (const version of ["1.2", "2004"]) {
        await checkManifest(page, version, both[version], "The thumb that does not say why");
    }
    assert.ok(both["1.2"].has("site/licences.txt") && both["1.2"].has("licence.txt"));
    await page.close();
    const { lms, address, exercise } = await openSystem(t, context, "1.2", both["1.2"]);
    await exercise.locator("#exercise").getByText(`Step 1 of ${STEPS}`).waitFor({ timeout: MINUTES });
    await polled(() => lms.evaluate(() => api.LMSGetValue("cmi.core.lesson_location")), `1/${STEPS}`);

    await lms.goto(`${address}package/index.html`);
    await lms.getByText("The learning platform does not answer").waitFor();
    await lms.frameLocator("iframe").locator("#exercise").getByText(`Step 1 of ${STEPS}`).waitFor({ timeout: MINUTES });
    assert.deepEqual(await accessibilityProblems(lms), []);
});

test("the teacher's card makes packages that open the link for all", { timeout: 4 * MINUTES }, async (t) => {
    const { page, site } = await openPage(t);
    await page.getByRole("link", { name: "For a class" }).click();
    const card = page.locator("#class");
    await card.getByText("Links to hand out").click();
    await card.getByRole("combobox").selectOption({ value: "thumb" });
    await card.getByLabel("Say nothing about right and wrong answers").check();
    for (const version of ["1.2", "2004"]) {
        const [download] = await Promise.all([
            page.waitForEvent("download"),
            card.getByRole("button", { name: `SCORM ${version} package` }).click(),
        ]);
        assert.equal(download.suggestedFilename(), `hedgerow-thumb-en-scorm-${version}.zip`);
        const files = unzipped(readFileSync(await download.path()));
        await checkManifest(page, version, files, "The thumb that does not say why");
        const shown = files.get("index.html").toString();
        assert.ok(shown.includes(`src="${site}?exercise=thumb&amp;answers=hidden"`), shown);
        assert.ok(files.get("scorm.js").toString().includes("cmi.core.lesson_status"));
    }
    assert.deepEqual(await accessibilityProblems(page, "#class"), []);
});
