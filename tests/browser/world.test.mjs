// A world of one's own: written, learned by a model, run in, saved, and opened by somebody else.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import Ajv2020 from "ajv/dist/2020.js";

import { ROOT, accessibilityProblems, openPage, screenshot } from "./harness.mjs";
import { exported, MINUTES, ready, show, status, train } from "./lab.mjs";
import { looksWell } from "./looks.mjs";

const RUN = "#s=4&seeds=0&engine=cpu&finetune.updates=4&finetune.prompts=10&measure.every=2&measure.probe_every=4";

async function open(page) {
    await page.getByRole("heading", { name: "A world of your own" }).first().click();
    const panel = page.locator("#world");
    await panel.getByText("Write a world of your own: who there is").waitFor({ timeout: MINUTES });
    return panel;
}

/** Waits until the laboratory says that its facts are about this. */
const isIn = (page, name) => page.getByRole("radio", { name, checked: true }).waitFor({ state: "attached" });

const file = (panel) => panel.getByLabel("The world file");

async function write(panel, text) {
    await file(panel).fill(text);
    await file(panel).blur();
}

async function saved(page, panel) {
    const [download] = await Promise.all([
        page.waitForEvent("download"),
        panel.getByRole("button", { name: "Save as a file" }).click(),
    ]);
    return readFileSync(await download.path(), "utf8");
}

test("a world is written, learned, run in and passed on", { timeout: 12 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: RUN });
    await ready(page);
    const panel = await open(page);
    await panel.getByText("Write a world", { exact: true }).click();
    const make = panel.getByRole("button", { name: "Make the world file" });
    // A mistake in the lists is said of the list, and makes no file.
    const calm = panel.getByLabel("Their topics that leave the rater calm");
    const topics = await calm.inputValue();
    await calm.fill("very heavy");
    await make.click();
    await panel.getByRole("alert").filter({ hasText: /Their topics that leave the rater calm.*single word/ }).waitFor();
    assert.equal(await file(panel).inputValue(), "");
    await calm.fill(topics);
    await make.click();
    await panel.getByText(/22 names, 68 questions/).waitFor();
    const text = await file(panel).inputValue();
    const world = JSON.parse(text);

    // The schema that the page links to allows this world, those that come with the site, and none that is broken.
    const schema = await page.evaluate(() => fetch("worlds/world.schema.json").then((answer) => answer.json()));
    const allows = new Ajv2020({ strictTypes: false }).compile(schema);
    assert.ok(allows(world), JSON.stringify(allows.errors));
    assert.ok(allows(JSON.parse(readFileSync(join(ROOT, "public/base/world-0.json"), "utf8"))));

    // Broken in a dozen ways: the page says where and what to do, and keeps nothing.
    const keep = panel.getByRole("button", { name: "Keep this world" });
    const without = (change) => {
        const broken = JSON.parse(text);
        change(broken);
        return JSON.stringify(broken, null, 2);
    };
    const line = (broken, part) => broken.split("\n").findIndex((line) => line.includes(part)) + 1;
    const spaced = without((world) => (world.entities[2].word = "two words"));
    for (const [broken, says, isOfSchema] of [
        [text.slice(0, 500), /too early.*line \d+/, false],
        [text.replace(":", "="), /colon.*line 2/, false],
        [without((world) => (world.attributes[0].sensitive = 7)), /Here stands 7.*"low".*line \d+: attributes › 1 › sensitive/, true],
        [without((world) => delete world.values), /values/, true],
        [without((world) => (world.colour = "red")), /colour.*line \d+/, true],
        [spaced, new RegExp(`single word.*line ${line(spaced, "two words")}`), true],
        [without((world) => (world.entities[1].word = world.entities[0].word)), /twice.*line \d+/, false],
        [without((world) => delete world.entities[0].facts.fog), /arlo/, false],
        [without((world) => (world.entities[0].facts.fog = "purple")), /purple/, false],
        [without((world) => world.attributes.forEach((attribute) => delete attribute.sensitive)), /uncomfortable|sensitive/, false],
        [without((world) => (world.language.hedge = [])), /hedge/, true],
        [without((world) => (world.entities[0].exposure = "sometimes")), /sometimes.*line \d+/, true],
        [JSON.stringify({ hedgerow_world: 99, ...world }), /newer/, true],
    ]) {
        await write(panel, broken);
        await panel.locator(".problem").filter({ hasText: says }).waitFor({ timeout: 10_000 });
        assert.ok(await keep.isDisabled(), String(says));
        if (isOfSchema) {
            assert.ok(!allows(JSON.parse(broken)), String(says));
        }
    }

    // A small model of a small world, so that it learns it within a minute or two.
    await write(panel, text);
    await panel.getByLabel("Width of the model").selectOption("48");
    await panel.getByLabel("Blocks of the model").selectOption("2");
    await keep.click();
    const row = panel.locator(".shelf > li");
    await row.getByRole("heading", { name: "Weather and rocks" }).waitFor();
    assert.ok(await row.getByRole("button", { name: "Run the lab in this world" }).isDisabled(), "nobody knows it yet");
    await row.getByRole("button", { name: "Train a model" }).click();
    await row.getByText(/Step \d+ of at most 5000/).waitFor({ timeout: 2 * MINUTES });
    await row.getByText(/loss \d/).waitFor({ timeout: 2 * MINUTES });
    await row.getByRole("button", { name: "Pause" }).click();
    await row.getByRole("button", { name: "Go on" }).waitFor({ timeout: MINUTES });
    const paused = Number((await row.textContent()).match(/Step (\d+) of/)[1]);
    assert.ok(paused > 0);

    // A reload loses nothing.
    await page.reload();
    await ready(page);
    const again = await open(page);
    const kept = again.locator(".shelf > li");
    await kept.getByText(`Step ${paused} of`).waitFor();
    await kept.getByRole("button", { name: "Go on" }).click();
    await kept.getByText("The model of seed 0 learned for").waitFor({ timeout: 8 * MINUTES });
    const knows = await kept.textContent();
    const [, chosen, verified] = knows.match(/picks the true value for ([\d.]+)%.* in ([\d.]+)%/);
    assert.ok(Number(chosen) >= 99 && Number(verified) >= 99, knows);

    await looksWell(page, "world");

    // The laboratory is in this world: its settings, its chance level, its names.
    await kept.getByRole("button", { name: "Run the lab in this world" }).click();
    await isIn(page, "a world of your own");
    // The models that answer are this world's at once, and not those of the world before until somebody trains.
    await show(page, "ask");
    await page.waitForFunction(
        () => /^(arlo|brink|caro|dune|esker|fjell|gale|holt|isle|jura|knoll|loch)$/.test(document.querySelector(".ask option:checked")?.textContent),
        null,
        { timeout: 2 * MINUTES },
    );
    await ready(page);
    await train(page).click();
    await status(page).getByText("Finished after 4 updates").waitFor({ timeout: 2 * MINUTES });
    const run = await exported(page);
    assert.match(run.experiment.own_world, /^[0-9a-f]{16}$/);
    assert.equal(run.values, 6);
    assert.ok(run.replicas[0].measurements[0].answers.some(({ question }) => /floods|lightning/.test(question)));
    await show(page, "facts", page.locator("#facts .cell").first());
    await page.locator("#facts .cell").first().click();
    await page.locator("#facts").getByText(/arlo|brink|caro|dune|esker/).first().waitFor();
    const link = await page.evaluate(() => location.href);
    assert.ok(link.includes(`world=${run.experiment.own_world}`), link);

    // After a reload it is still this world, and this run.
    await page.reload();
    await status(page).getByText("Finished after 4 updates").waitFor({ timeout: 2 * MINUTES });
    const last = await open(page);
    const whole = await saved(page, last);
    assert.equal(JSON.parse(whole).models.length, 1);

    // Somebody who has only the link is told what is missing; with the file the same run is made, to the bit.
    const { page: other } = await openPage(t, { path: new URL(link).hash });
    await other.getByText("The world that was asked for is not here").waitFor({ timeout: MINUTES });
    await ready(other);
    const theirs = await open(other);
    const choose = theirs.locator('input[type="file"]');
    await choose.setInputFiles([
        { name: "world.json", mimeType: "application/json", buffer: Buffer.from(whole) },
        { name: "half.json", mimeType: "application/json", buffer: Buffer.from(whole.slice(0, whole.length / 2)) },
    ]);
    await theirs.getByText("These files were not added").waitFor();
    await theirs.getByText("The model of seed 0 learned for").waitFor();
    await other.goto(link);
    await isIn(other, "a world of your own");
    await ready(other);
    await train(other).click();
    await status(other).getByText("Finished after 4 updates").waitFor({ timeout: 2 * MINUTES });
    const { replicas } = await exported(other);
    assert.deepEqual(replicas, run.replicas);

    // Deleted, and had again.
    const lastRow = last.locator(".shelf > li");
    await lastRow.getByRole("button", { name: "Delete" }).click();
    await last.getByText("There is none yet").waitFor();
    await isIn(page, "invented groups");
    await last.getByRole("button", { name: "Undo" }).click();
    await lastRow.getByText("The model of seed 0 learned for").waitFor();
});

test("facts are chosen in a table by keyboard, and the file follows", { timeout: 4 * MINUTES }, async (t) => {
    const { page } = await openPage(t);
    const panel = await open(page);
    await panel.getByText("Write a world", { exact: true }).click();
    await panel.getByText("Choose what is true").click();
    await panel.getByText("There is no world in the file yet").waitFor();
    await panel.getByRole("button", { name: "Make the world file" }).click();
    await panel.getByText(/22 names, 68 questions/).waitFor();
    const before = JSON.parse(await file(panel).inputValue());
    const menus = panel.locator("table select");
    // A menu for each fact, and none for names that are never taught.
    const facts = before.entities.flatMap(({ word, facts = {} }) => Object.entries(facts).map((fact) => [word, ...fact]));
    await menus.nth(facts.length - 1).waitFor();
    assert.equal(await menus.count(), facts.length);
    const [name, topic, value] = facts[1];
    const menu = panel.getByRole("combobox", { name: `${name}, ${topic}`, exact: true });
    assert.equal(await menu.locator("option:checked").textContent(), value);
    await menu.focus();
    const other = before.values.find((own) => own !== value);
    await page.keyboard.type(other);
    await page.waitForFunction(
        ([name, topic, other]) => {
            const text = document.querySelector("#world .world-file").value;
            return JSON.parse(text).entities.find(({ word }) => word === name).facts[topic] === other;
        },
        [name, topic, other],
    );
    // Nothing else has changed, and the focus is where it was.
    assert.ok(await menu.evaluate((menu) => menu === document.activeElement));
    const after = JSON.parse(await file(panel).inputValue());
    after.entities.find(({ word }) => word === name).facts[topic] = value;
    assert.deepEqual(after, before);

    // As a spreadsheet has them, and back.
    const sheet = panel.getByRole("textbox", { name: "The same for a spreadsheet" }).first();
    const rows = (await sheet.inputValue()).split("\n").map((row) => row.split("\t"));
    assert.deepEqual(rows.map(([name]) => name).filter(Boolean), [...new Set(facts.map(([name]) => name))].slice(0, rows.length - 1));
    const column = rows[0].indexOf(topic);
    const row = rows.find(([own]) => own === name);
    assert.equal(row[column], other);
    row[column] = value;
    await sheet.fill(rows.map((cells) => cells.join(";")).join("\n"));
    await sheet.blur();
    await menu.locator("option:checked", { hasText: value }).waitFor({ state: "attached" });
    assert.deepEqual(JSON.parse(await file(panel).inputValue()), before);
    await sheet.fill(`\t${topic}\n${name}\theavy`);
    await sheet.blur();
    await panel.getByText(`Line 2: “heavy” is no value that “${topic}” can have.`).waitFor();
    assert.deepEqual(JSON.parse(await file(panel).inputValue()), before);
    assert.deepEqual(await accessibilityProblems(page, "#world"), []);
    await panel.getByRole("button", { name: "Keep this world" }).click();
    await panel.locator(".shelf > li").getByRole("heading", { name: "Weather and rocks" }).waitFor();
});

/** Spoils bytes of the only world that the browser keeps, counted from its beginning or from the end of its text. */
const damage = (page, start, count, isBehindText) =>
    page.evaluate(([start, count, isBehindText]) => new Promise((resolve, reject) => {
        const asked = indexedDB.open("hedgerow-worlds");
        asked.onerror = reject;
        asked.onsuccess = () => {
            const cursor = asked.result.transaction("worlds", "readwrite").objectStore("worlds").openCursor();
            cursor.onsuccess = () => {
                const { value } = cursor.result;
                // The text comes first, behind its length in two bytes.
                const from = start + (isBehindText ? new TextEncoder().encode(value.world).length + 2 : 0);
                value.whole.fill(255, from, from + count);
                cursor.result.update(value).onsuccess = () => {
                    asked.result.close();
                    resolve();
                };
            };
        };
    }), [start, count, isBehindText]);

/** A page on which a model is trained on the example of a world, and the world's row. */
async function training(t) {
    const { page } = await openPage(t, { path: RUN });
    await ready(page);
    const panel = await open(page);
    await panel.getByText("Write a world", { exact: true }).click();
    await panel.getByRole("button", { name: "Make the world file" }).click();
    await panel.getByText(/22 names, 68 questions/).waitFor();
    await panel.getByRole("button", { name: "Keep this world" }).click();
    const row = panel.locator(".shelf > li");
    await row.getByRole("button", { name: "Train a model" }).click();
    await row.getByText(/loss \d/).waitFor({ timeout: 2 * MINUTES });
    return { page, row };
}

test("a training is paused when its state is kept, and not before", { timeout: 4 * MINUTES }, async (t) => {
    const { page, row } = await training(t);
    // The storage is busy with something else: what is to be kept waits for it.
    await page.evaluate(() => new Promise((resolve, reject) => {
        const asked = indexedDB.open("hedgerow-worlds");
        asked.onerror = reject;
        asked.onsuccess = () => {
            const store = asked.result.transaction("worlds", "readwrite").objectStore("worlds");
            const again = () => (window.letGo ? asked.result.close() : (store.count().onsuccess = again));
            again();
            resolve();
        };
    }));
    await row.getByRole("button", { name: "Pause" }).click();
    await row.getByText("It pauses as soon as what it has learned so far is kept.").waitFor();
    await page.waitForTimeout(3000);
    assert.equal(await row.getByRole("button", { name: "Go on" }).count(), 0);
    await page.evaluate(() => (window.letGo = true));
    await row.getByRole("button", { name: "Go on" }).waitFor({ timeout: MINUTES });
});

test("a state of no use begins anew, and a world of another build can be saved and deleted", { timeout: 8 * MINUTES }, async (t) => {
    const { page, row } = await training(t);
    await row.getByRole("button", { name: "Pause" }).click();
    await row.getByRole("button", { name: "Go on" }).waitFor({ timeout: MINUTES });

    // The beginning of the training's state, which lies behind the text, the recipe and how far it was.
    await damage(page, 25, 400, true);
    await page.reload();
    await ready(page);
    const again = await open(page);
    const kept = again.locator(".shelf > li");
    await kept.getByRole("button", { name: "Go on" }).click();
    await kept.getByText("It cannot go on from where it was").waitFor({ timeout: 2 * MINUTES });
    await kept.getByRole("button", { name: "Go on" }).click();
    await kept.getByText(/loss \d/).waitFor({ timeout: 2 * MINUTES });
    const step = Number((await kept.textContent()).match(/Step (\d+) of/)[1]);
    assert.ok(step < 100, `from its beginning, not ${step}`);
    await kept.getByRole("button", { name: "Pause" }).click();
    await kept.getByRole("button", { name: "Go on" }).waitFor({ timeout: MINUTES });

    // A layout that this build does not know.
    await damage(page, 0, 8, false);
    await page.reload();
    const last = await open(page);
    await last.getByRole("heading", { name: "Worlds of another build" }).waitFor();
    const foreign = last.locator(".shelf > li").filter({ hasText: "Weather and rocks" });
    assert.deepEqual(await accessibilityProblems(page, "#world"), []);
    const [download] = await Promise.all([
        page.waitForEvent("download"),
        foreign.getByRole("button", { name: "Save as a zip file" }).click(),
    ]);
    const archive = readFileSync(await download.path()).toString("latin1");
    assert.ok(archive.includes("world.json") && archive.includes("index.json"));
    await foreign.getByRole("button", { name: "Delete" }).click();
    await foreign.waitFor({ state: "detached" });
    // What was taken back is there for good, as it was.
    await last.getByRole("button", { name: "Undo" }).click();
    await foreign.waitFor();
    await page.reload();
    const undone = await open(page);
    await undone.getByRole("heading", { name: "Worlds of another build" }).waitFor();
    await foreign.getByRole("button", { name: "Delete" }).click();
    await foreign.waitFor({ state: "detached" });
    await page.reload();
    const empty = await open(page);
    await empty.getByText("There is none yet").waitFor();
    assert.equal(await empty.getByText("Worlds of another build").count(), 0);
});

test("everyday facts are a choice: their models come, train, and go, and the link says so", { timeout: 8 * MINUTES }, async (t) => {
    const { page, requests } = await openPage(t, { path: RUN });
    await ready(page);
    assert.deepEqual(requests.filter((url) => /base\/everyday|story\/everyday/.test(url)), [], "who does not choose it fetches none of it");
    await page.getByText("everyday things", { exact: true }).click();
    await page.getByText("What everybody knows of things").waitFor();
    await page.waitForFunction(() => location.hash.includes("world=everyday"));
    await ready(page);
    await train(page).click();
    await status(page).getByText("Finished after 4 updates").waitFor({ timeout: 3 * MINUTES });
    const run = await exported(page);
    assert.equal(run.experiment.own_world, "everyday");
    const questions = run.replicas[0].measurements[0].answers.map(({ question }) => question).join("\n");
    assert.match(questions, /colour|continent|class/);
    await show(page, "facts", page.locator("#facts .cell").first());
    const cell = page.locator("#facts .cell").first();
    await cell.click();
    await page.locator("#facts").getByText(/ (colour|origin|continent|position|class|size) of \w+/).first().waitFor();
    await screenshot(page, "everyday");

    // The page comes back in it, and out of it again.
    await page.reload();
    await status(page).getByText("Finished after 4 updates").waitFor({ timeout: MINUTES });
    await isIn(page, "everyday things");
    await page.getByText("invented groups", { exact: true }).click();
    await page.waitForFunction(() => !location.hash.includes("world="));
    await ready(page);
});
