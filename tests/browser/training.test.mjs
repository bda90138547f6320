// What somebody in a classroom does with a run on its way, on the CPU engine, in a browser without WebGPU.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { MINUTES, exported, learn, move, ready, show, status, train } from "./lab.mjs";
import { unfold } from "./looks.mjs";

async function reached(page, update) {
    await page.waitForFunction(
        (update) => {
            const words = document.querySelector(".status-words")?.textContent ?? "";
            const done = /Finished/.test(words) ? Infinity : Number(/[Uu]pdate (\d+)/.exec(words)?.[1] ?? -1);
            return done >= update;
        },
        update,
        { timeout: 5 * MINUTES },
    );
}

test("one can pause, step, ask, change the reward, reset and start again", async (t) => {
    const { page } = await openPage(t);
    await ready(page);
    await learn(page, { Updates: 12 });
    await train(page).click();
    await reached(page, 2);
    await page.getByRole("button", { name: "Pause" }).click();
    await status(page).getByText(/Paused at update/).waitFor();
    const paused = Number(/update (\d+)/.exec(await status(page).textContent())[1]);
    await page.getByRole("button", { name: "Step" }).click();
    await status(page).getByText(`Paused at update ${paused + 1}`).waitFor({ timeout: MINUTES });

    await show(page, "ask");
    await page.locator(".ask input").last().fill("What is the theft of zorgon?");
    await page.locator(".ask input").last().press("Enter");
    await page.locator(".asked-list li").first().getByText("zorgon").first().waitFor({ timeout: MINUTES });

    // Rater B for the rest of the run.
    await page.getByText(/Touchy topic/).first().click();
    await page.getByRole("button", { name: "Change it now, keep the models" }).click();
    await train(page).click();
    await status(page).getByText("Finished").waitFor({ timeout: 5 * MINUTES });
    const run = await exported(page);
    assert.equal(run.changes.length, 1);
    assert.equal(run.changes[0].rater.discomfort_any, 1.5);
    assert.ok(run.changes[0].after > paused);

    await page.getByRole("button", { name: "Reset" }).click();
    await ready(page);
    await train(page).click();
    await status(page).getByText("Finished").waitFor({ timeout: 5 * MINUTES });
    const again = await exported(page);
    assert.deepEqual(again.replicas[0].measurements[0], run.replicas[0].measurements[0], "the same base models");
});

test("a reload in the middle keeps the settings and loses no sense", async (t) => {
    const { page } = await openPage(t);
    await ready(page);
    await learn(page, { Updates: 30 });
    await train(page).click();
    await reached(page, 3);
    await page.reload();
    await move(page);
    // No run of 30 updates was recorded.
    await page.getByText("No recorded run", { exact: true }).waitFor();
    await ready(page);
    await show(page, "settings");
    await page.getByText("How it learns").click();
    assert.equal(await page.getByLabel("Updates", { exact: true }).inputValue(), "30");
    await train(page).click();
    await reached(page, 1);
});

for (const [way, prepare] of [["", () => {}], [", everything unfolded", unfold]]) {
    test(`the page answers input within 50 ms at the median while it trains${way}`, { timeout: 5 * MINUTES }, async (t) => {
        const { page } = await openPage(t);
        await ready(page);
        await learn(page, { Updates: 20 });
        await prepare(page);
        await train(page).click();
        await reached(page, 1);
        // What is in view draws: the figure, the charts, the answers and all that is below them, one after the other.
        const delays = await page.evaluate(async () => {
            const delays = [];
            while (!/Finished/.test(document.querySelector(".status-words").textContent)) {
                const before = performance.now();
                await new Promise((resolve) => setTimeout(resolve, 0));
                delays.push(performance.now() - before);
                await new Promise((resolve) => setTimeout(resolve, 20));
                scrollBy(0, 100);
            }
            return delays.sort((a, b) => a - b);
        });
        const [median, most] = [delays[Math.floor(delays.length / 2)], delays.at(-1)].map(Math.round);
        console.log(`the event loop was blocked for ${median} ms at the median of ${delays.length}, for ${most} at most`);
        assert.ok(median < 50, `${median} ms`);
    });
}
