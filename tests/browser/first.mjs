// What the first view costs: processor time that the page's thread spends in tasks that are too long, and when the first
// things can be seen on a slow machine and line. Not in the suite, as half of it are times.
//
//     cargo xtask release && node tests/browser/first.mjs [VISITS]

import { SITE, packedHost } from "./release.mjs";
import { browserFor } from "./harness.mjs";

/** How many times slower than this machine a phone is, as Lighthouse has it, and what a task may last in milliseconds. */
const [SLOWER, LONG] = [4, 50];
const CATEGORIES = "devtools.timeline,disabled-by-default-devtools.timeline,loading";
/** 9 Mbit/s and 40 ms. */
const LINE = { offline: false, downloadThroughput: 9e6 / 8, uploadThroughput: 9e6 / 8, latency: 40 };
const SEEN = {
    "first words": "h1",
    "first answers": ".example-number",
    "page in place": "#story .story-nav",
    "ready to train": ".buttons .primary[aria-disabled=false]",
};

const visits = Number(process.argv[2] ?? 3);
const { address, close } = await packedHost(SITE);
const browser = await browserFor(false);
const visit = async (work) => {
    const context = await browser.newContext({ viewport: { width: 412, height: 823 }, isMobile: true, deviceScaleFactor: 1.75 });
    const page = await context.newPage();
    try {
        return await work(page, await context.newCDPSession(page));
    } finally {
        await context.close();
    }
};

/** Milliseconds beyond [`LONG`] in tasks after the first contentful paint, and the tasks: processor time, not the clock's. */
async function blocked(page, session) {
    const events = [];
    session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
    await session.send("Tracing.start", { transferMode: "ReportEvents", categories: CATEGORIES });
    await page.goto(address);
    await page.locator(SEEN["ready to train"]).waitFor({ timeout: 120_000 });
    await page.waitForTimeout(5000);
    const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
    await session.send("Tracing.end");
    await complete;
    const paint = events.find(({ name }) => name === "firstContentfulPaint");
    const tasks = events.filter(({ name, pid, tid, ts, dur }) =>
        name === "RunTask" && pid === paint.pid && tid === paint.tid && ts + dur > paint.ts);
    const long = tasks.map(({ tdur }) => (SLOWER * tdur) / 1000).filter((ms) => ms > LONG);
    return { blocked: Math.round(long.reduce((sum, ms) => sum + ms - LONG, 0)), tasks: long.map(Math.round) };
}

/** Milliseconds until the parts are there, and until the figure is, after a scroll to it once the page stands. */
async function seen(page, session) {
    await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", LINE);
    const began = Date.now();
    const times = {};
    page.goto(address, { waitUntil: "commit" });
    for (const [what, selector] of Object.entries(SEEN).slice(0, 3)) {
        await page.locator(selector).first().waitFor({ timeout: 120_000 });
        times[what] = Date.now() - began;
    }
    const moved = Date.now();
    await page.locator("#outcomes").evaluate((figure) => figure.scrollIntoView());
    await page.locator("#outcomes .stacks").waitFor({ timeout: 120_000 });
    times["recorded figure after a scroll"] = Date.now() - moved;
    await page.locator(SEEN["ready to train"]).waitFor({ timeout: 120_000 });
    times["ready to train"] = Date.now() - began;
    return times;
}

for (let number = 0; number < visits; number += 1) {
    console.log(JSON.stringify(await visit(blocked)));
    console.log(JSON.stringify(await visit(seen)));
}
await browser.close();
close();
