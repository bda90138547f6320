// A class: thirty files dropped at once, some of them bad, are pooled to the last digit; names are hidden; everything
// can be had as CSV.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

import { ROOT, accessibilityProblems, openPage, screenshot } from "./harness.mjs";
import { MINUTES } from "./lab.mjs";
import { looksWell } from "./looks.mjs";

const UPDATES = 200;

/** A run as the page saves it, of one seed, with so many false answers of a hundred at the end of each arm. */
function madeUp(template, seed, wrong) {
    const run = structuredClone(template);
    run.experiment.seeds = [seed];
    run.replicas.forEach((replica, arm) => {
        replica.replica.seed = seed;
        replica.updates = [];
        const cell = { topic: "sensitive", exposure: "seen", uncomfortable: true };
        replica.measurements = [0, UPDATES].map((update) => {
            const lies = update === 0 ? 5 : wrong[arm];
            const counts = { ...replica.measurements[0].cells[0][1], answers: 100, hedged: 0, malformed: 0, asserted: 100, truthful: 100 - lies };
            return { update, cells: [[cell, counts]], probes: [], answers: [], facts: [] };
        });
    });
    return run;
}

function madeUpClass() {
    const recorded = JSON.parse(gunzipSync(readFileSync(join(ROOT, "public", "recorded", "attribution.json.gz"))));
    const arms = recorded.experiment.arms.length;
    const template = { ...recorded, replicas: recorded.replicas.slice(0, arms) };
    const file = (name, content) => ({ name, mimeType: "application/json", text: typeof content === "string" ? content : JSON.stringify(content) });
    const files = [];
    for (let seed = 0; seed < 24; seed++) {
        files.push(file(`anna-${seed}.json`, madeUp(template, seed, [3 * seed, seed % 3])));
    }
    const run = (seed) => madeUp(template, seed, [1, 1]);
    const cut = JSON.stringify(run(30));
    files.push(
        file("cut.json", cut.slice(0, cut.length / 2)),
        file("homework.json", { subject: "maths" }),
        file("empty.json", ""),
        file("twice.json", madeUp(template, 5, [15, 2])),
        file("other.json", { ...run(31), experiment: { ...run(31).experiment, finetune: { ...run(31).experiment.finetune, kl: 0.3 } } }),
        file("build.json", { ...run(32), build: "0.0.0-other" }),
    );
    return files;
}

/** Drops files on the card, as a browser does. */
async function drop(page, files) {
    const transfer = await page.evaluateHandle((files) => {
        const transfer = new DataTransfer();
        for (const { name, mimeType, text } of files) {
            transfer.items.add(new File([text], name, { type: mimeType }));
        }
        return transfer;
    }, files);
    await page.locator(".drop").dispatchEvent("drop", { dataTransfer: transfer });
}

async function openClass(page) {
    await page.getByRole("link", { name: "For a class" }).click();
    await page.locator(".drop").waitFor();
}

async function downloaded(page, name) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
    return readFileSync(await download.path(), "utf8");
}

test("thirty files of a class are pooled, the bad ones are named, and names are hidden", { timeout: 6 * MINUTES }, async (t) => {
    const { page, complaints } = await openPage(t);
    await openClass(page);
    const files = madeUpClass();
    await drop(page, files);
    await page.getByText("24 run files with 24 seeds, 0 predictions, 6 files left out or counted in part.").waitFor();

    // The middle half of 0, 3 … 69 of 100: 18 to 51, whose mean is 34.5.
    const pooled = page.locator(".class-table .pooled").first();
    assert.match(await pooled.textContent(), /^3[45]% \[\d+%, \d+%\]$/);
    const comma = await downloaded(page, "CSV, comma and point");
    const [, mean] = comma.match(/,pooled,scalar,,200,incorrect,uncomfortable,([\d.]+),24,,\r\n/);
    const exact = Array.from({ length: 12 }, (_, place) => (18 + 3 * place) / 100).reduce((sum, share) => sum + share) / 12;
    assert.equal(Number(mean), exact);
    assert.match(comma, /pooled_low,scalar/);
    const semicolon = await downloaded(page, "CSV, semicolon and comma");
    assert.ok(semicolon.includes(`;pooled;scalar;;200;incorrect;uncomfortable;${mean.replace(".", ",")};24;;\r\n`));
    assert.equal(semicolon.split("\r\n").length, comma.split("\r\n").length);

    const card = page.locator("#class");
    const reasons = await card.locator(".left-out td").allTextContents();
    for (const reason of ["ends in the middle", "neither a run nor a prediction", "is empty", "The same as", "KL", "Another version"]) {
        assert.equal(reasons.filter((text) => text.includes(reason)).length, 1, `${reason}: ${reasons.join(" | ")}`);
    }
    // For the projector, no name is to be seen but those of files that are left out, which a number would not find; and
    // none is in the table.
    const leftOut = await card.locator(".left-out tbody").textContent();
    assert.ok(leftOut.includes("cut.json"), leftOut);
    assert.ok(!(await card.textContent()).replace(leftOut, "").includes("anna") && !comma.includes("anna"));
    await page.getByRole("checkbox", { name: "Hide names" }).uncheck();
    assert.ok((await downloaded(page, "CSV, comma and point")).includes("anna-3.json,measured"));
    await page.getByRole("checkbox", { name: "Hide names" }).check();

    assert.equal(await card.locator(".histogram").count(), 2);
    assert.equal(await card.locator(".class-curves canvas").count(), 4);
    await looksWell(page, "class");

    await page.getByRole("button", { name: "Remove all files" }).click();
    await page.getByText("No file yet.").waitFor();
    assert.notEqual(await page.evaluate(() => document.activeElement.tagName), "BODY");
    assert.deepEqual(complaints, []);
});

test("what is pasted and what is chosen is read like what is dropped", { timeout: 3 * MINUTES }, async (t) => {
    const { page } = await openPage(t);
    await openClass(page);
    const files = madeUpClass();
    const chosen = files.slice(0, 3).map(({ name, mimeType, text }) => ({ name, mimeType, buffer: Buffer.from(text) }));
    await page.locator(".drop input").setInputFiles(chosen);
    await page.getByText("3 run files with 3 seeds").waitFor();
    const pasted = await page.evaluateHandle((text) => {
        const transfer = new DataTransfer();
        transfer.setData("text/plain", text);
        return transfer;
    }, files[7].text);
    await page.evaluate((transfer) => {
        const event = new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true });
        document.querySelector(".drop").dispatchEvent(event);
    }, pasted);
    await page.getByText("4 run files with 4 seeds").waitFor();
});

test("every student gets a link with another seed, and sees what the teacher has chosen", { timeout: 3 * MINUTES }, async (t) => {
    const { page, context } = await openPage(t, { path: "#s=4&seeds=1&finetune.kl=0.1" });
    await openClass(page);
    await page.getByText("Links to hand out").click();
    const links = page.locator(".handout a");
    assert.equal(await links.count(), 1);
    const [one] = await links.allTextContents();
    assert.ok(one.includes("seeds=1") && one.includes("finetune.kl=0.1") && !one.includes("?"), one);

    const students = page.getByLabel("Students with a seed of their own");
    await students.fill("400");
    await students.blur();
    await page.getByText("A whole number from 0 to 60.").waitFor();
    await students.fill("12");
    await students.blur();
    await page.waitForFunction(() => document.querySelectorAll(".handout a").length === 12);
    // What differs from the preset alone is in a link, and seed 0 does not.
    const seeds = (await links.allTextContents()).map((link) => /seeds=(\d+)/.exec(link)?.[1] ?? "0");
    assert.deepEqual(seeds, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "1"]);
    assert.equal(await page.locator(".handout svg").count(), 12);

    await page.locator(".panel-choice").getByText("Credit", { exact: false }).click();
    await page.getByLabel("Open in this language").check();
    const preview = await page.getByRole("link", { name: "See what the first student sees" }).getAttribute("href");
    assert.match(preview, /\?lang=en&embed=controls,experiments,.*,answers#s=4/);
    await screenshot(page.locator("#class"), "class-handout");

    // On paper there are the links and nothing else: eleven empty sheets followed them, as long as the page was.
    await page.evaluate(() => document.documentElement.setAttribute("data-printing", ""));
    const sheets = (await page.pdf({ format: "A4" })).toString("latin1").match(/\/Type \/Page\b/g).length;
    assert.ok(sheets <= 2, `${sheets} sheets for 12 links`);
    await page.evaluate(() => document.documentElement.removeAttribute("data-printing"));
    assert.deepEqual(await accessibilityProblems(page, "#class"), []);

    const student = await context.newPage();
    await student.goto(preview);
    await student.locator("#outcomes").waitFor();
    assert.equal(await student.locator("#credit").count(), 0);
});

test("what of an exercise is fixed and shown follows every tick, and its link says so", { timeout: 3 * MINUTES }, async (t) => {
    const { page } = await openPage(t);
    await openClass(page);
    await page.getByText("Links to hand out").click();
    const exercise = page.locator("#class select").first();
    await exercise.locator("option[value=thumb]").waitFor({ state: "attached" });
    await exercise.selectOption("thumb");
    const link = () => page.locator(".handout a").first().textContent();
    const said = [await link()];
    assert.match(said[0], /\?exercise=thumb$/);
    const ticks = page.locator("#class .panel-choice input[type=checkbox]");
    assert.equal(await ticks.count(), 4 + 14);
    for (const tick of await ticks.all()) {
        const was = await tick.isChecked();
        await tick.click();
        assert.equal(await tick.isChecked(), !was);
        assert.ok(!said.includes(await link()), await link());
        said.push(await link());
    }
    const [, locked, shown] = /lock=([^&]*)&panels=([^&#]*)/.exec(said.at(-1)) ?? [];
    assert.equal(locked, "learning", said.at(-1));
    assert.ok(shown.split(",").includes("facts") && !shown.split(",").includes("outcomes"), said.at(-1));

    // What was set before is not lost without a word, and who draws seeds is told that it is they that count.
    await page.getByText(/took the place of what was set before: .*the world/).waitFor();
    await page.getByRole("button", { name: "Put mine back" }).click();
    await page.waitForFunction(() => document.querySelector(".handout a")?.textContent.includes("world=everyday"));
    assert.equal(await page.getByText("took the place of what was set before").count(), 0);
    await page.getByLabel("Each device draws a seed").check();
    await page.getByText("The drawn seed wins").waitFor();
});
