// A real language model answers on the page: the weights come from a file of the visitor's or from the site, and what goes wrong
// with them is said. The model is a tiny one of random weights (tiny-model.mjs).

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { accessibilityProblems, DIST, openPage } from "./harness.mjs";
import { MINUTES, show } from "./lab.mjs";
import { hedgerow, run } from "./program.mjs";
import { hostOf } from "./release.mjs";
import { tinyAdapters, tinyModel } from "./tiny-model.mjs";

const QUESTION = "Which continent is Peru in?";
const VOICES = ["As downloaded", "After the warm start", "Scalar", "Structured"];
const MODEL = "assistant/model.gguf";
const ADAPTERS = { "warm-start": tinyAdapters(2), scalar: tinyAdapters(3), structured: tinyAdapters(4) };

/** A site with adapters that fit the tiny model, and with these files more; `host.spoil` may answer wrongly. */
async function siteWith(t, more = {}) {
    const host = await hostOf(t, DIST);
    const adapters = Object.entries(ADAPTERS).map(([name, bytes]) => [`assistant/${name}.safetensors`, bytes]);
    const files = { ...Object.fromEntries(adapters), ...more };
    const known = (bytes) => ({ bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex").slice(0, 20) });
    const listed = (name, others) => {
        const list = JSON.parse(readFileSync(join(DIST, name)));
        return Buffer.from(JSON.stringify({ ...list, ...others }));
    };
    const forFew = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, known(bytes)]));
    files["lesson/files.json"] = listed("lesson/files.json", forFew);
    files["files.json"] = listed("files.json", { "lesson/files.json": known(files["lesson/files.json"]) });
    host.spoil = () => false;
    host.answer = (name, response) => host.spoil(name, response) || (name in files && Boolean(response.writeHead(200).end(files[name])));
    return host;
}

async function open(t, host, expected = []) {
    const { page } = await openPage(t, { site: host.address, expected });
    await page.getByRole("heading", { name: "A real language model" }).first().click();
    const panel = page.locator("#real");
    await show(page, "real", panel.getByRole("heading", { name: "Ask it yourself" }));
    return { page, panel };
}

const choose = (panel, name, buffer) => panel.getByLabel("Choose the model’s file").setInputFiles({ name, mimeType: "application/octet-stream", buffer });

async function ask(panel, question) {
    await panel.getByLabel("Your question").fill(question);
    await panel.getByRole("button", { name: "Ask", exact: true }).click();
    await panel.locator(".asked").getByText(question).waitFor();
    await panel.getByText("The model is ready.").waitFor({ timeout: 2 * MINUTES });
    assert.deepEqual(await panel.locator(".real-voices dt").allInnerTexts(), VOICES);
    return panel.locator(".real-voices dd").allInnerTexts();
}

/** What the command line says with the same files. */
function onTheCommandLine(program, question) {
    const folder = mkdtempSync(join(tmpdir(), "hedgerow-"));
    const file = (name, bytes) => (writeFileSync(join(folder, name), bytes), join(folder, name));
    const [model, ...adapters] = [file("tiny.gguf", tinyModel()), ...Object.entries(ADAPTERS).map(([name, bytes]) => file(name, bytes))];
    const [warm, scalar, structured] = adapters;
    return [[], [warm], [warm, scalar], [warm, structured]].map((adapters) => {
        const options = adapters.length > 0 ? ["--adapters", adapters.join(",")] : [];
        const stdout = run(program, ["language-model", "ask", "--model", model, "--tokens", "40", ...options, question]);
        return stdout.slice(stdout.indexOf("\n  ") + 3).trim();
    });
}

test("a model from the visitor's file answers as on the command line, before and after", { timeout: 5 * MINUTES }, async (t) => {
    const program = hedgerow();
    const host = await siteWith(t);
    const { panel, page } = await open(t, host);
    await panel.getByText("This site does not bring the model’s weights along.").waitFor();
    await choose(panel, "tiny.gguf", tinyModel());
    await panel.getByText("The model is ready.").waitFor({ timeout: 2 * MINUTES });
    const answers = await ask(panel, QUESTION);
    const seen = (text) => text.replaceAll(/\s+/g, " ").trim();
    assert.deepEqual(answers.map(seen), onTheCommandLine(program, QUESTION).map(seen));
    assert.equal(new Set(answers).size, 4, "each has learned something else");
    assert.notDeepEqual(await ask(panel, "Is a whale a fish?"), answers);
    assert.deepEqual(await ask(panel, QUESTION), answers, "the most probable answer is one");
    assert.deepEqual(await accessibilityProblems(page, "#real"), []);
});

test("a file that is no model, and a model that the training does not fit, are said, and another one can be chosen", { timeout: 5 * MINUTES }, async (t) => {
    const host = await siteWith(t, { "assistant/scalar.safetensors": tinyAdapters(3, 40) });
    const { panel } = await open(t, host);
    for (const [name, bytes] of [["notes.txt", Buffer.from("no model")], ["empty.gguf", Buffer.alloc(0)], ["cut.gguf", tinyModel().subarray(0, 5000)]]) {
        await choose(panel, name, bytes);
        await panel.locator(".problem").getByText(/This file holds no model that can answer here \(.+\)/).waitFor({ timeout: MINUTES });
    }
    await choose(panel, "tiny.gguf", tinyModel());
    await panel.getByText("The model is ready.").waitFor({ timeout: MINUTES });
    await panel.getByRole("button", { name: "Ask", exact: true }).click();
    await panel.locator(".problem").getByText(/does not fit this model \(the weight blocks\.1\..+\)/).waitFor({ timeout: MINUTES });
    // What was said before stays, and under no name is what another has said.
    assert.deepEqual(await panel.locator(".real-voices dt").allInnerTexts(), VOICES.slice(0, 2));
});

test("a model that the site brings along is loaded from there; what comes damaged is asked for again, and what does not come is said", { timeout: 5 * MINUTES }, async (t) => {
    const host = await siteWith(t, { [MODEL]: tinyModel() });
    const { panel, page } = await open(t, host, ["model.gguf", "404"]);
    const load = panel.getByRole("button", { name: "Load the model (0.1 MB)" });
    await load.waitFor();
    assert.equal(host.asked.filter((name) => name === MODEL).length, 0, "nothing is fetched that nobody asked for");
    host.spoil = (name, response) => name === MODEL && Boolean(response.writeHead(404).end());
    await load.click();
    await panel.locator(".problem").getByText(/could not be fetched \(.*404/).waitFor({ timeout: MINUTES });
    let spoilt = 0;
    host.spoil = (name, response) => {
        const first = name === MODEL && spoilt++ === 0;
        const altered = tinyModel();
        altered[altered.length - 1] ^= 1;
        return first && Boolean(response.writeHead(200).end(altered));
    };
    await load.click();
    await panel.getByText("The model is ready.").waitFor({ timeout: MINUTES });
    assert.equal(spoilt, 2);
    const answers = await ask(panel, QUESTION);
    assert.equal(new Set(answers).size, 4);
    // By keyboard alone.
    await panel.getByLabel("Your question").fill("Is a whale a fish?");
    await page.keyboard.press("Enter");
    await panel.locator(".asked").getByText("Is a whale a fish?").waitFor();
});

test("a worker of the real model that does not come, or not as it should, is said by name, and comes at the next attempt", { timeout: 5 * MINUTES }, async (t) => {
    const host = await siteWith(t);
    const { panel } = await open(t, host, ["worker.js", "404", "Failed to load"]);
    const faults = [
        [(response) => response.writeHead(404).end(), /answered 404/],
        [(response) => response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>blocked"), /web page instead/],
        // Neither an answer nor an end.
        [() => true, /standstill/],
    ];
    for (const [answer, words] of faults) {
        host.spoil = (name, response) => name === "assistant/worker.js" && (answer(response), true);
        await choose(panel, "tiny.gguf", tinyModel());
        const problem = panel.locator(".problem").filter({ hasText: "assistant/worker.js" }).filter({ hasText: words });
        await problem.waitFor({ timeout: MINUTES });
    }
    host.spoil = () => false;
    await choose(panel, "tiny.gguf", tinyModel());
    await panel.getByText("The model is ready.").waitFor({ timeout: MINUTES });
});
