// The page and the command line run the same code: the same experiment and seed give the same answers,
// update by update, in WebAssembly and natively.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { MINUTES, exported, learn, ready, status, train } from "./lab.mjs";
import { hedgerow, run } from "./program.mjs";

/** The report of the command line on this experiment. */
function onTheCommandLine(experiment) {
    const folder = mkdtempSync(join(tmpdir(), "hedgerow-"));
    writeFileSync(join(folder, "experiment.json"), JSON.stringify(experiment));
    const out = join(folder, "run");
    run(hedgerow(), ["run", "--experiment", join(folder, "experiment.json"), "--out", out]);
    return JSON.parse(readFileSync(`${out}.json`, "utf8"));
}

test("a run on the page is the run of the command line", async (t) => {
    const { page } = await openPage(t);
    await ready(page);
    await learn(page, { Updates: 30 });
    await train(page).click();
    await status(page).getByText("Finished").waitFor({ timeout: 10 * MINUTES });
    const shown = await exported(page);
    const computed = onTheCommandLine(shown.experiment);
    shown.replicas.forEach(({ updates, measurements }, index) => {
        const other = computed.replicas[index];
        const name = other.replica.arm;
        updates.forEach(({ update, rating, hedging }, place) => {
            assert.deepEqual({ rating, hedging }, pick(other.updates[place]), `${name}, update ${update}`);
        });
        measurements.forEach(({ update, cells, answers }, place) => {
            const expected = other.measurements[place];
            assert.deepEqual(answers.map((answer) => answer.answer), expected.answers.map((answer) => answer.answer));
            cells.forEach(([, tally], cell) => {
                for (const [count, value] of Object.entries(tally)) {
                    // Counts; what is summed up in floating point outside the kernels is not compared.
                    if (Number.isInteger(value) && Number.isInteger(expected.cells[cell][1][count])) {
                        assert.equal(value, expected.cells[cell][1][count], `${name}, update ${update}, ${count}`);
                    }
                }
            });
        });
    });
});

const pick = ({ rating, hedging }) => ({ rating, hedging });
