// Ten tabs train, and for so many minutes something is pulled from under one of them, drawn at random: its process, its
// line, its window, the whole browser. Not in the suite: it takes its minutes.
//
//     cargo xtask release && node tests/browser/plug.mjs [MINUTES] [SEED]
//
// After each of them the tab has its run again, at most SLACK updates before where it was last seen, and goes on. At the end
// it says how often each was pulled, and how many updates were lost at most.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { drawn } from "./drawn.mjs";
import { MINUTES, status, train } from "./lab.mjs";
import { SITE, packedHost } from "./release.mjs";

const TABS = 10;
/** Runs are kept after every tenth update, and what is being written when the plug is pulled is not there yet. */
const SLACK = 40;
const UPDATES = 20_000;
const RUN = `#s=4&engine=cpu&finetune.updates=${UPDATES}&finetune.prompts=1&finetune.completions=2&measure.every=${UPDATES}&measure.probe_every=${UPDATES}`;

const [minutes = 10, seed = 1] = process.argv.slice(2).map(Number);
const random = drawn(seed);
const one = (of) => of[Math.floor(random() * of.length)];

const { address, close } = await packedHost(SITE);
const profile = mkdtempSync(join(tmpdir(), "hedgerow-plug-"));
const start = () => chromium.launchPersistentContext(profile, { executablePath: process.env.CHROMIUM, args: ["--no-sandbox"], locale: "en-GB" });
let context = await start();
const complaints = [];

/** Where a run is, by what the page says. */
async function progress(page) {
    const words = await status(page).textContent({ timeout: MINUTES });
    return Number(/update ([\d,]+)/i.exec(words)?.[1].replace(",", "") ?? NaN);
}

async function open(path = "") {
    const page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(address + path);
    return { page, best: 0 };
}

/** The run is there, not long before where it was, and goes on. */
async function goesOn(tab) {
    await status(tab.page).getByText(/Paused at update/).waitFor({ timeout: 5 * MINUTES });
    const found = await progress(tab.page);
    assert.ok(found >= tab.best - SLACK, `update ${found}, and ${tab.best} was seen`);
    await train(tab.page).click();
    await status(tab.page).getByText(/^Update/).waitFor({ timeout: 5 * MINUTES });
    return Math.max(0, tab.best - found);
}

const bringBack = ({ page }) => page.getByRole("button", { name: "Bring it back" }).first().click({ timeout: 5 * MINUTES });

/** What can be pulled: each returns how many updates it cost. */
const PLUGS = {
    reload: async (tab) => {
        await tab.page.reload();
        return goesOn(tab);
    },
    crash: async (tab) => {
        const session = await context.newCDPSession(tab.page);
        await Promise.all([tab.page.waitForEvent("crash"), session.send("Page.crash").catch(() => {})]);
        await tab.page.reload();
        return goesOn(tab);
    },
    line: async (tab) => {
        await context.setOffline(true);
        await tab.page.reload().catch(() => {});
        await tab.page.waitForTimeout(2000);
        await context.setOffline(false);
        await tab.page.reload();
        return goesOn(tab);
    },
    close: async (tab) => {
        const { best } = tab;
        await tab.page.close();
        Object.assign(tab, await open(), { best });
        await bringBack(tab);
        return goesOn(tab);
    },
    browser: async () => {
        execFileSync("pkill", ["-KILL", "-f", profile]);
        await new Promise((resolve) => context.once("close", resolve));
        context = await start();
        // The one that was kept last is offered first; which tab had it does not matter.
        const before = tabs.map(({ best }) => best).sort((a, b) => b - a);
        const back = [];
        for (const tab of tabs) {
            Object.assign(tab, await open());
            await bringBack(tab);
            await status(tab.page).getByText(/Paused at update/).waitFor({ timeout: 5 * MINUTES });
            back.push(await progress(tab.page));
        }
        back.sort((a, b) => b - a);
        back.forEach((found, place) => assert.ok(found >= before[place] - SLACK, `${back} of ${before}`));
        for (const tab of tabs) {
            tab.best = await progress(tab.page);
            await goesOn(tab);
        }
        return Math.max(...before.map((best, place) => best - back[place]));
    },
};

const tabs = [];
for (let place = 0; place < TABS; place += 1) {
    tabs.push(await open(`${RUN}&seeds=${place}`));
}
for (const { page } of tabs) {
    await train(page).and(page.locator("[aria-disabled=false]")).click({ timeout: 10 * MINUTES });
}
const tally = {};
for (const end = Date.now() + minutes * MINUTES; Date.now() < end; ) {
    for (const tab of tabs) {
        const seen = await progress(tab.page);
        // Before the first update no number is said.
        tab.best = Number.isNaN(seen) ? tab.best : Math.max(tab.best, seen);
    }
    const name = random() < 0.1 ? "browser" : one(["reload", "crash", "line", "close"]);
    const tab = one(tabs);
    if (tab.best < SLACK) {
        await tab.page.waitForTimeout(1000);
        continue;
    }
    const lost = await PLUGS[name](tab);
    const own = (tally[name] ??= { times: 0, lost: 0 });
    own.times += 1;
    own.lost = Math.max(own.lost, lost);
}
console.log(`${tabs.length} tabs, seed ${seed}, at the end after ${tabs.map(({ best }) => best).join(", ")} updates`);
for (const [name, { times, lost }] of Object.entries(tally)) {
    console.log(`${name}: ${times} times, ${lost} updates lost at most`);
}
console.log(complaints.length > 0 ? complaints.join("\n") : "no page complained");
await context.close();
close();
rmSync(profile, { recursive: true, force: true });
process.exitCode = complaints.length > 0 ? 1 : 0;
