// The shelf: runs that are kept under their names, shown again, compared, deleted and brought back, and taken from files.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { accessibilityProblems, openPage, screenshot } from "./harness.mjs";
import { exported, MINUTES, ready, status, train } from "./lab.mjs";

const RUN = "#s=4&seeds=0&engine=cpu&finetune.updates=4&finetune.prompts=10&measure.every=2&measure.probe_every=4";
const finished = (page) => status(page).getByText("Finished after 4 updates").waitFor({ timeout: 2 * MINUTES });

async function open(page) {
    await page.getByRole("heading", { name: "Your runs" }).first().click();
    const panel = page.locator("#shelf");
    await panel.getByText("Add a run from a file").waitFor({ timeout: MINUTES });
    return panel;
}

/** Sets how often the rater checks, and trains again. */
async function trainWith(page, share) {
    await page.getByLabel("Checks facts", { exact: true }).fill(String(share));
    await page.getByLabel("Checks facts", { exact: true }).blur();
    await page.getByRole("button", { name: /Reset/ }).first().click();
    await status(page).getByText("Ready").waitFor();
    await train(page).click();
    await finished(page);
}

/** Waits until the browser's storage holds this of a run. */
async function stored(page, said) {
    const all = () => page.evaluate(() => new Promise((resolve) => {
        const asked = indexedDB.open("hedgerow");
        asked.onsuccess = () => {
            const all = asked.result.transaction("shelf").objectStore("shelf").getAll();
            all.onsuccess = () => {
                asked.result.close();
                resolve(all.result);
            };
        };
    }));
    const is = (own) => Object.keys(said).every((field) => own[field] === said[field]);
    for (const end = Date.now() + MINUTES / 2; !(await all()).some(is); await page.waitForTimeout(100)) {
        assert.ok(Date.now() < end, `no run with ${JSON.stringify(said)} in ${JSON.stringify(await all())}`);
    }
}

test("runs are kept, named, shown again, compared, deleted and brought back", { timeout: 6 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: RUN });
    await ready(page);
    await train(page).click();
    await finished(page);
    const first = await exported(page);
    const panel = await open(page);
    const rows = panel.locator(".shelf > li");
    await rows.first().waitFor();
    assert.equal(await rows.count(), 1);

    // The same run once more is the same run.
    await page.getByRole("button", { name: "Reset" }).click();
    await status(page).getByText("Ready").waitFor();
    await train(page).click();
    await finished(page);
    await trainWith(page, 0.9);
    await rows.nth(1).waitFor();
    assert.equal(await rows.count(), 2);
    assert.match(await rows.first().textContent(), /Checks facts 0\.9/);

    await rows.nth(1).getByLabel("Name of the run").fill("The rater hardly checks");
    await rows.nth(1).getByLabel("Your notes").fill("Compare with the other one");
    await rows.nth(1).getByRole("button", { name: "Pin" }).click();
    await stored(page, { name: "The rater hardly checks", note: "Compare with the other one", pinned: true });
    await page.reload();
    await status(page).getByText(/Finished|Paused|Ready/).waitFor({ timeout: 2 * MINUTES });
    const again = await open(page);
    const kept = again.locator(".shelf > li");
    const named = kept.nth(1);
    assert.equal(await named.getByLabel("Name of the run").inputValue(), "The rater hardly checks");
    assert.equal(await named.getByLabel("Your notes").inputValue(), "Compare with the other one");
    assert.equal(await named.getByRole("button", { name: "Unpin" }).getAttribute("aria-pressed"), "true");

    // Shown again, it is what is drawn and what is exported.
    await named.getByRole("button", { name: "Show it" }).click();
    await page.getByText("Kept run").first().waitFor();
    const shown = await exported(page);
    assert.deepEqual(shown.replicas, first.replicas);
    assert.equal(shown.experiment.rater.check_probability, first.experiment.rater.check_probability);

    // Its lab report: the figures that were on the page, the visitor's notes, and the way back.
    const scores = await page.locator("#scores tbody tr").evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll("td")].map((cell) => `${cell.querySelector(".was").textContent} → ${cell.querySelector("strong").textContent}`)),
    );
    const opener = named.getByRole("button", { name: "Lab report" });
    await opener.click();
    const report = page.locator("article.report");
    await report.getByRole("heading", { name: "The rater hardly checks" }).waitFor();
    assert.equal(await page.locator("#lab").isVisible(), false, "nothing but the report");
    const cellsOf = await report.locator(".report-table tbody tr").evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent)),
    );
    assert.deepEqual(cellsOf, scores);
    assert.match(await report.textContent(), /Compare with the other one/);
    assert.match(await report.locator(".report-link a").getAttribute("href"), /\/#s=4&/);
    await report.getByLabel("Nickname or number").fill("owl");
    await report.getByText("by owl").waitFor();
    assert.deepEqual(await accessibilityProblems(page, "#shelf"), []);
    await screenshot(page, "shelf-report");
    await report.getByRole("button", { name: "Back to your runs" }).click();
    await page.waitForFunction((own) => document.activeElement === own, await opener.elementHandle());

    // What differs is said, and models of one seed stand side by side.
    for (const row of await kept.all()) {
        await row.getByRole("checkbox", { name: "Compare" }).check();
    }
    const compared = again.locator(".shelf-compare");
    await compared.locator(".overlay svg").nth(3).waitFor({ timeout: MINUTES });
    assert.deepEqual(await compared.locator(".differences li").count(), 1);
    assert.match(await compared.locator(".differences").textContent(), /Checks facts .*0\.9/);
    // A chart and a block of the table for each of four measures, a curve for each arm of each run.
    assert.equal(await compared.locator(".overlay svg").count(), 4);
    const names = await compared.locator(".overlay").first().locator("text").allTextContents();
    const arms = first.replicas.length;
    assert.equal(names.filter((name) => /^(1|2)[: ]/.test(name)).length, 2 * arms, names.join());
    assert.equal(await compared.locator("tbody tr").count(), 4 * (1 + arms));
    // The difference is that of the two figures beside it.
    const rate = (run) => {
        const last = run.replicas[0].measurements.at(-1);
        const of = last.cells.filter(([cell]) => cell.uncomfortable);
        const sum = (field) => of.reduce((sum, [, tally]) => sum + tally[field], 0);
        return (sum("asserted") - sum("truthful")) / sum("answers");
    };
    const cells = await compared.locator("tbody tr").nth(1).locator("td").allTextContents();
    const [one, other] = cells.slice(0, 2).map((cell) => parseInt(cell, 10));
    assert.ok([one, other].includes(Math.round(100 * rate(first))), `${cells} ${rate(first)}`);
    const difference = parseInt(cells[2].replace("−", "-"), 10);
    assert.ok(Math.abs(difference - (other - one)) <= 1, cells.join());
    assert.deepEqual(await accessibilityProblems(page, "#shelf"), []);
    await screenshot(page, "shelf");

    // A curve of the comparison as a picture: both runs with their settings and a link to each.
    const sign = compared.locator(".save-picture").first();
    await sign.locator("summary").focus();
    await page.keyboard.press("Enter");
    for (const kind of ["SVG", "PNG"]) {
        const [picture] = await Promise.all([
            page.waitForEvent("download"),
            sign.getByRole("button", { name: kind, exact: true }).click(),
        ]);
        assert.equal(picture.suggestedFilename(), `hedgerow-comparison-incorrect-uncomfortable.${kind.toLowerCase()}`);
        const bytes = readFileSync(await picture.path());
        if (kind === "PNG") {
            assert.equal(bytes.subarray(1, 4).toString(), "PNG");
            continue;
        }
        const words = bytes.toString("utf8").replaceAll("&amp;", "&");
        const links = [...words.matchAll(/<a href="([^"]+)"/g)].map(([, link]) => link);
        assert.equal(links.length, 2, links.join());
        assert.equal(links.filter((link) => link.includes("rater.check_probability=0.9")).length, 1, links.join());
        assert.equal(words.match(/Settings: /g).length, 2);
        assert.ok(!words.includes("var("));
    }

    // Everything in one file, which the shelf reads again.
    const [zip] = await Promise.all([
        page.waitForEvent("download"),
        named.getByRole("button", { name: "Save everything as a zip file" }).click(),
    ]);
    assert.equal(zip.suggestedFilename(), "hedgerow-the-rater-hardly-checks-seed-0.zip");
    const archive = readFileSync(await zip.path()).toString("latin1");
    for (const file of ["README.txt", "run.json", "run.csv", "run-semicolon.csv", "charts/outcomes.svg", "charts/facts.svg"]) {
        assert.ok(archive.includes(file), file);
    }
    await again.locator("input[type=file]").setInputFiles(await zip.path());
    // What was put there last comes first: the same run, once, and nothing of the archive is refused.
    await page.waitForFunction(() => document.querySelector("#shelf .shelf-name")?.value === "The rater hardly checks");
    assert.equal(await again.getByText("These files were not added.").count(), 0);
    assert.equal(await kept.count(), 2);
    await again.getByText("Already among your runs, so not added again").waitFor();

    await named.getByRole("button", { name: "Delete" }).click();
    await again.getByText("The run is deleted.").waitFor();
    await kept.nth(1).waitFor({ state: "detached" });
    await again.getByRole("button", { name: "Undo" }).click();
    await kept.nth(1).waitFor();
    const labels = await again.getByLabel("Name of the run").evaluateAll((inputs) => inputs.map((input) => input.value));
    assert.ok(labels.includes("The rater hardly checks"), labels.join());

    // From the archive it comes back with its name.
    await kept.nth(labels.indexOf("The rater hardly checks")).getByRole("button", { name: "Delete" }).click();
    await kept.nth(1).waitFor({ state: "detached" });
    await again.locator("input[type=file]").setInputFiles(await zip.path());
    await page.waitForFunction(() => document.querySelector("#shelf .shelf-name")?.value === "The rater hardly checks");
});

test("a deleted run stays deleted until it is trained on, and deleting can be undone", { timeout: 5 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: RUN });
    await ready(page);
    const step = async (update) => {
        await page.getByRole("button", { name: "Step" }).click();
        await status(page).getByText(`Paused at update ${update}`).waitFor({ timeout: MINUTES });
    };
    await step(1);
    const panel = await open(page);
    const rows = panel.locator(".shelf > li");
    const remove = async () => {
        await rows.first().getByRole("button", { name: "Delete" }).click();
        await panel.getByText("The run is deleted.").waitFor();
        await rows.first().waitFor({ state: "detached" });
    };
    const staysAway = async () => {
        await panel.getByText("No run has been kept yet.").waitFor();
        // Longer than it takes to keep a run.
        await page.waitForTimeout(1500);
        assert.equal(await rows.count(), 0);
    };
    await rows.first().waitFor();
    await rows.first().getByLabel("Name of the run").fill("The first try");
    await rows.first().getByLabel("Your notes").focus();
    await remove();
    await panel.getByRole("button", { name: "Undo" }).click();
    await rows.first().waitFor();
    assert.equal(await rows.first().getByLabel("Name of the run").inputValue(), "The first try");
    await remove();
    await staysAway();

    // Whatever keeps the run keeps it off the shelf: a reload, a reset, and when it is brought back.
    await page.reload();
    await status(page).getByText("Paused at update 1").waitFor({ timeout: 2 * MINUTES });
    await open(page);
    await staysAway();
    await page.getByRole("button", { name: "Reset" }).click();
    await status(page).getByText("Ready").waitFor({ timeout: MINUTES });
    await staysAway();
    await page.getByRole("button", { name: "Bring it back" }).click();
    await status(page).getByText("Paused at update 1").waitFor({ timeout: MINUTES });
    await staysAway();

    // Trained on, it is there again, and undoing gives it back the name that was deleted with it.
    await step(2);
    await rows.first().waitFor();
    assert.match(await rows.first().textContent(), /2 of 4 updates/);
    await rows.first().getByLabel("Name of the run").fill("The second try");
    await rows.first().getByLabel("Your notes").focus();
    await remove();
    await step(3);
    await rows.first().waitFor();
    await panel.getByRole("button", { name: "Undo" }).click();
    await page.waitForFunction(() => document.querySelector(".shelf-name")?.value === "The second try");
    assert.match(await rows.first().textContent(), /3 of 4 updates/);
    assert.equal(await rows.count(), 1);
});

test("what is being written to a run stays with it while others come, and is said wherever the run is named", { timeout: 3 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: RUN });
    await ready(page);
    await train(page).click();
    await finished(page);
    const panel = await open(page);
    const rows = panel.locator(".shelf > li");
    await rows.first().waitFor();
    const name = (place) => rows.nth(place).getByLabel("Name of the run");
    await name(0).pressSequentially("An own");
    const typed = await name(0).elementHandle();
    const isThere = () => typed.evaluate((own) => own.isConnected && document.activeElement === own && own.value);
    // Another run comes before it, and then the run itself once more.
    await panel.locator("input[type=file]").setInputFiles(new URL("../data/report.json", import.meta.url).pathname);
    await rows.nth(1).waitFor();
    assert.equal(await isThere(), "An own");
    assert.deepEqual([await name(0).inputValue(), await name(1).inputValue()], ["", "An own"]);
    await page.getByRole("button", { name: "Reset" }).evaluate((button) => button.click());
    await status(page).getByText("Ready").waitFor();
    await train(page).evaluate((button) => button.click());
    await finished(page);
    await page.waitForFunction((typed) => document.querySelector("#shelf .shelf-name") === typed, typed);
    assert.equal(await typed.inputValue(), "An own");
    await typed.focus();
    await page.keyboard.press("End");
    await page.keyboard.type(" name");
    await rows.first().getByLabel("Your notes").fill("An own note");
    // What was said is one thing each: the pin of another tab's visitor stays.
    await page.evaluate(() => new Promise((resolve) => {
        const asked = indexedDB.open("hedgerow");
        asked.onsuccess = () => {
            const shelf = asked.result.transaction("shelf", "readwrite").objectStore("shelf");
            shelf.openCursor(null, "prev").onsuccess = ({ target: { result: own } }) => {
                own?.update({ ...own.value, pinned: true });
                own?.continue();
            };
            shelf.transaction.oncomplete = () => { asked.result.close(); resolve(); };
        };
    }));
    await rows.first().getByRole("button", { name: "Lab report" }).click();
    await stored(page, { name: "An own name", note: "An own note", pinned: true });
    const report = page.locator("article.report");
    await report.getByRole("heading", { name: "An own name" }).waitFor();
    assert.match(await report.textContent(), /An own note/);
    await report.getByRole("button", { name: "Back to your runs" }).click();
    // Names that change later change where runs are compared.
    for (const row of await rows.all()) {
        await row.getByRole("checkbox", { name: "Compare" }).check();
    }
    const compared = panel.locator(".shelf-compare");
    await compared.getByText("1 An own name").first().waitFor({ timeout: MINUTES });
    await name(1).fill("A friend's");
    await name(1).blur();
    await compared.getByText("2 A friend's").first().waitFor();
});

test("a run comes from a file, and each file that holds none is named with its reason", async (t) => {
    const { page } = await openPage(t);
    const panel = await open(page);
    await panel.getByText("No run has been kept yet.").waitFor();
    const report = readFileSync(new URL("../data/report.json", import.meta.url));
    const changed = (change) => Buffer.from(JSON.stringify({ ...JSON.parse(report), ...change }));
    const file = (name, buffer) => ({ name, mimeType: "application/json", buffer });
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), panel.getByText("Add a run from a file").click()]);
    await chooser.setFiles([
        file("holiday.json", Buffer.from("{}")),
        // With the mark that some editors put before a text.
        file("a friend's.json", Buffer.concat([Buffer.from("\ufeff"), report])),
        file("real.json", changed({ language_models: [] })),
        file("newer.json", changed({ schema: 99 })),
        file("class.zip", readFileSync(new URL("../data/class.zip", import.meta.url))),
    ]);
    await panel.getByText("These files were not added.").waitFor();
    const reasons = await panel.locator(".problem li").allTextContents();
    const expected = [
        /^holiday.json: This is neither a run nor a prediction/, /^real.json: This is a run of a real language model/,
        /^newer.json: A newer version of the page .* \(format 99\)/, /^class.zip\/a.json: This is a prediction without a run/,
        /^class.zip\/more\/b.json: This is a prediction without a run/,
    ];
    assert.equal(reasons.length, expected.length, reasons.join(" | "));
    expected.forEach((reason, place) => assert.match(reasons[place], reason));
    await panel.locator(".shelf > li").first().waitFor();
    assert.equal(await panel.locator(".shelf > li").count(), 1);
    await panel.getByRole("button", { name: "Show it" }).click();
    await page.getByText("Kept run").first().waitFor();
    await panel.getByRole("button", { name: "Back to the laboratory’s run" }).click();
    await page.getByText("Kept run").first().waitFor({ state: "detached" });
});

test("where the browser keeps nothing the shelf says so", async (t) => {
    const { page } = await openPage(t, {
        expected: ["indexedDB", "no storage"],
        prepare: (context) => context.addInitScript(() => {
            IDBFactory.prototype.open = () => { throw new DOMException("no storage", "SecurityError"); };
        }),
    });
    await page.getByRole("heading", { name: "Your runs" }).first().click();
    await page.locator("#shelf").getByText("This browser keeps nothing for this page").waitFor({ timeout: MINUTES });
});
