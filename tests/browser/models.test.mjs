// The tuned models of a run as files: what the page saves is what it measured, and other programs read it.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { accessibilityProblems, openPage } from "./harness.mjs";
import { exported, MINUTES, ready, status, train } from "./lab.mjs";
import { hedgerow, run, unzipped } from "./program.mjs";

const RUN = "#s=4&seeds=0,2&engine=cpu&finetune.updates=4&finetune.prompts=10&measure.every=2&measure.probe_every=4";

test("the models that are saved are those that were measured", { timeout: 15 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: RUN });
    await ready(page);
    await page.getByRole("heading", { name: "Your runs" }).first().click();
    const panel = page.locator("#shelf");
    await panel.getByText("Add a run from a file").waitFor({ timeout: MINUTES });
    const every = panel.getByRole("button", { name: "Save the models" });
    const [save, ofShelf] = [every.last(), panel.locator(".shelf > li").getByRole("button", { name: "Save the models" })];
    assert.equal(await every.count(), 0, "there is nothing to save yet");
    await page.getByRole("button", { name: "Step" }).click();
    await status(page).getByText("Paused at update 1").waitFor({ timeout: MINUTES });
    await save.click();
    await panel.getByText("There are no weights to save").waitFor();
    await panel.locator(".shelf > li").waitFor();
    assert.equal(await ofShelf.count(), 0, "nor of the run on the shelf");
    await train(page).click();
    await status(page).getByText("Finished after 4 updates").waitFor({ timeout: 2 * MINUTES });
    const report = await exported(page);
    await save.waitFor();
    assert.deepEqual(await accessibilityProblems(page, "#shelf"), []);
    const [download] = await Promise.all([page.waitForEvent("download"), save.click()]);
    assert.equal(download.suggestedFilename(), "hedgerow-models.zip");
    const files = Object.fromEntries(unzipped(readFileSync(await download.path())));
    const names = report.replicas.map(({ replica: { arm, seed } }) => `${arm}-seed-${seed}-update-4.safetensors`);
    assert.deepEqual(Object.keys(files).sort(), names.sort());

    // The run on the shelf has them for good: in a new tab's eyes, after it was deleted and put back, and among all else.
    await ofShelf.waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Your runs" }).first().click();
    await panel.getByRole("button", { name: "Delete" }).click();
    await panel.getByRole("button", { name: "Undo" }).click();
    for (const [name, folder] of [["Save the models", ""], ["Save everything", "models/"]]) {
        const button = panel.locator(".shelf > li").getByRole("button", { name });
        const [saved] = await Promise.all([page.waitForEvent("download"), button.click()]);
        const kept = Object.fromEntries(unzipped(readFileSync(await saved.path())));
        for (const name of names) {
            assert.ok(kept[folder + name].equals(files[name]), `${folder}${name}`);
        }
    }

    const folder = mkdtempSync(join(tmpdir(), "hedgerow-"));
    const program = hedgerow();
    for (const { replica: { arm, seed }, measurements } of report.replicas) {
        const name = `${arm}-seed-${seed}-update-4.safetensors`;
        const bytes = files[name];
        const header = JSON.parse(bytes.toString("utf8", 8, 8 + Number(bytes.readBigUInt64LE())));
        const { config, update, experiment, ...said } = header.__metadata__;
        assert.deepEqual([said.arm, said.seed, update], [arm, String(seed), "4"]);
        assert.deepEqual(JSON.parse(experiment), report.experiment);
        assert.equal(JSON.parse(config).width, 64);
        const path = join(folder, name);
        writeFileSync(path, bytes);
        const { base, tuned } = JSON.parse(run(program, ["examine", path, "--json"]));
        for (const [measured, shown] of [[base, measurements[0]], [tuned, measurements.at(-1)]]) {
            assert.equal(measured.update, shown.update);
            assert.deepEqual(measured.answers.map(({ answer }) => answer), shown.answers.map(({ answer }) => answer), name);
            measured.cells.forEach(([, tally], cell) => {
                for (const count of ["answers", "hedged", "malformed", "asserted", "truthful", "right_choices", "right_verdicts"]) {
                    assert.equal(tally[count], shown.cells[cell][1][count], `${name}, ${count}`);
                }
            });
        }
        assert.match(run(program, ["examine", path]), /update 4: hedging/);
    }
});
