// Does an update of a long run cost the page more than one of a short run? Outside the normal suite, because it takes
// its time:
//
//     node tests/browser/long.mjs 20000
//     node tests/browser/long.mjs 20000 charts
//
// Trains with the smallest updates there are, the great figure in view, and all charts below it where they are asked
// for. Prints for each tenth of the run how many updates there were a second and how long the page's own thread was
// busy at a time (Long Tasks: 50 ms and more). Fails if the last tenth took more than twice as long as the first.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./harness.mjs";
import { MINUTES, ready, show, status, train } from "./lab.mjs";

const [updates = "20000", charts] = process.argv.slice(2);

test(`${updates} updates`, { timeout: 60 * MINUTES }, async (t) => {
    const settings = { "finetune.updates": updates, "finetune.prompts": 1, "finetune.completions": 2 };
    const measured = { "measure.every": updates / 20, "measure.probe_every": updates };
    const path = `#s=4&seeds=0&engine=cpu&${new URLSearchParams({ ...settings, ...measured })}`;
    const { page } = await openPage(t, { path, viewport: { width: 1440, height: 900 } });
    await ready(page);
    await show(page, "outcomes");
    if (charts) {
        await page.locator("details:has(#figures) > summary").click();
        await show(page, "figures", page.locator("#figures canvas").first());
    }
    await page.evaluate(() => {
        globalThis.busy = [];
        new PerformanceObserver((list) => globalThis.busy.push(...list.getEntries().map((task) => Math.round(task.duration)))).observe({ type: "longtask" });
    });
    await train(page).click();
    const took = [];
    for (let tenth = 1, start = Date.now(); tenth <= 10; tenth += 1) {
        await page.waitForFunction(
            ([selector, update]) => {
                const words = document.querySelector(selector).textContent;
                return /Finished/.test(words) || Number(/Update ([\d,]+)/.exec(words)?.[1].replace(",", "")) >= update;
            },
            [".status-words", (updates / 10) * tenth],
            { timeout: 10 * MINUTES, polling: 100 },
        );
        took.push(Date.now() - start);
        start = Date.now();
        const busy = await page.evaluate(() => globalThis.busy.splice(0).sort((a, b) => b - a));
        const pace = (updates / 10 / (took.at(-1) / 1000)).toFixed(1);
        console.log(`${(updates / 10) * tenth} updates: ${pace} a second; busy for 50 ms and more ${busy.length} times, for ${busy[0] ?? 0} ms at most`);
    }
    console.log(await status(page).textContent());
    assert.ok(took.at(-1) < 2 * took[0], `${took.at(-1)} ms for the last tenth, ${took[0]} ms for the first`);
});
