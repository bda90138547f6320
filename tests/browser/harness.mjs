// What every browser test stands on: a server for the built site, a Chromium, and pages in it that
// tell on themselves.
//
//     import { test } from "node:test";
//     import { openPage } from "./harness.mjs";
//
//     test("a run can be started", async (t) => {
//         const { page } = await openPage(t, { colorScheme: "dark" });
//         await page.getByRole("button", { name: "Start" }).click();
//     });
//
// `page` is Playwright's (https://playwright.dev/docs/api/class-page). The site is `dist/`, built
// beforehand by `cargo xtask site`; it is served under /some/school/, so that an address which
// forgets the site's own folder is noticed.
//
// `openPage(t, options)` ties a page to the test `t` and, when the test is over, fails it if
// - a console error or an uncaught error appeared, in the page or in one of its workers,
// - a request failed, was answered with an error, or left the site's folder.
// What a test provokes on purpose it lists in `expected`: texts, of which one has to be part of the
// complaint.
//
// Options, all of them optional:
//   gpu          true: WebGPU is there, on a software adapter where there is no other; its results
//                count, its times do not. false: navigator.gpu has no adapter.
//   path         what follows the site's address: "?a=b#c", "engine/cpu/engine.js"
//   viewport     { width, height }
//   colorScheme  "light" or "dark"
//   locale       the browser's language, "de-DE"; British English otherwise, whatever the system speaks
//   reducedMotion "reduce" or "no-preference"
//   expected     ["text of a complaint that belongs to the test"]
//   site         the address of another server than the one that all tests share
//   waitUntil    what opening waits for: "load", or "commit" for a page that never gets so far
//   prepare      async (context) => {}, called before the page is opened: init scripts, clocks
//
// It returns { page, context, site, complaints, requests }: `site` is the site's address,
// `complaints` what has been found so far, `requests` every URL asked for.
//
// `screenshot(page, name)` writes .out/<name>.png where the environment variable HEDGEROW_PICTURES is set: nobody looks at
// those of a test that passed. `xtask(…)` is the program of `cargo xtask` with arguments. `hasEngine("gpu")` says
// whether the site under test was built with that engine. `accessibilityProblems(page)` returns what
// axe-core finds, one text each.
//
// Not in here: anything that knows what the page looks like.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const DIST = join(ROOT, "dist");
const OUT = join(ROOT, ".out");
const BASE = "/some/school/";
const SERVER_START_MS = 300_000; // cargo may have to compile xtask first
const LEAVE_MS = 60_000; // a page that hangs is neither looked at nor closed

const CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--js-flags=--expose-gc", // for soak.mjs, which counts what a collection leaves
];

/** Options of a page whose own code does not arrive. */
export const WITHOUT_CODE = {
    expected: ["app_bg.wasm", "TypeError"],
    prepare: (context) => context.route("**/app_bg.wasm", (route) => route.abort()),
};

/** Opens the site in a fresh profile; see the top of this file. */
export async function openPage(t, options = {}) {
    const { gpu = false, path = "", viewport = { width: 1280, height: 900 }, locale = "en-GB" } = options;
    const { colorScheme = "light", reducedMotion = "no-preference", expected = [], waitUntil = "load", prepare } = options;
    const site = options.site ?? (await siteAddress());
    const browser = await browserFor(gpu);
    const context = await browser.newContext({ viewport, colorScheme, reducedMotion, locale });
    const complaints = [];
    const requests = [];
    watch(context, site, complaints, requests);
    let page;
    t.after(async () => {
        // Before the context goes: closing it is no reason to complain.
        if (t.error) {
            await answered(tell(page), LEAVE_MS).catch((error) => console.log(`\nto be seen: nothing: ${error.message}`));
        }
        const unexpected = complaints.filter((text) => !expected.some((part) => text.includes(part)));
        await answered(context.close(), LEAVE_MS);
        if (unexpected.length > 0) {
            throw new Error(`the page complained:\n${unexpected.join("\n")}`);
        }
    });
    await prepare?.(context);
    page = await context.newPage();
    await page.goto(new URL(path, site).href, { waitUntil });
    return { page, context, site, complaints, requests };
}

/** Waits no longer than that, in milliseconds: a page that hangs answers no question, and no click either. */
export async function answered(work, ms) {
    let timer;
    const silence = new Promise((_, reject) => (timer = setTimeout(reject, ms, new Error("the page answers no more"))));
    return Promise.race([work, silence]).finally(() => clearTimeout(timer));
}

/** Writes .out/<name>.png for who wants to look: of the whole page or of a part of it. */
export async function screenshot(shown, name, options = { fullPage: "goto" in shown }) {
    if (process.env.HEDGEROW_PICTURES) {
        await shown.screenshot({ path: join(OUT, `${name}.png`), ...options });
    }
}

/** The program of `cargo xtask` and its arguments. The suite names it: cargo looks at every file of the project first. */
export function xtask(...args) {
    const built = process.env.HEDGEROW_XTASK;
    return built ? [built, args] : ["cargo", ["xtask", ...args]];
}

/** Whether the site under test has this engine: "cpu" or "gpu". */
export function hasEngine(name) {
    const built = process.env.HEDGEROW_ENGINES;
    return built ? built.split(",").includes(name) : existsSync(join(ROOT, "web", "generated", "engine", name));
}

/**
 * What axe-core finds wrong with the page, or with the part of it that a selector names, as one line each. The script goes
 * in through the debugger, where the page's content security policy does not forbid it.
 */
export async function accessibilityProblems(page, within = "html") {
    if (!(await page.evaluate(() => "axe" in globalThis))) {
        await page.evaluate(readFileSync(join(ROOT, "node_modules", "axe-core", "axe.min.js"), "utf8"));
    }
    const { violations } = await page.evaluate(
        async (within) => {
            // Nothing is to lie under the bar that stays in view: axe would find it too small to be touched.
            const before = scrollY;
            document.querySelector(within).scrollIntoView({ block: "start", behavior: "instant" });
            // The size of targets is a rule of WCAG 2.2 AA that axe leaves out unless it is asked for. Forced colours are the
            // visitor's own; axe reads those of the page instead.
            const contrast = !matchMedia("(forced-colors: active)").matches;
            const rules = { "target-size": { enabled: true }, "color-contrast": { enabled: contrast } };
            const found = await globalThis.axe.run(within, { resultTypes: ["violations"], preload: false, rules });
            scrollTo({ top: before, behavior: "instant" });
            return found;
        },
        within,
    );
    return violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map((n) => n.html).join(", ")})`);
}

/** Prints what was to be seen when a test failed, in one line, which the suite repeats at its end (xtask/src/checks.rs). */
async function tell(page) {
    const seen = await page.evaluate(() => ({
        address: location.href,
        focus: document.activeElement?.outerHTML.slice(0, 200),
        opened: [...document.querySelectorAll(":popover-open, dialog[open], [role=alert]")].map((one) => one.innerText).filter(Boolean),
        // With what is off screen: a part that never came says so.
        waiting: [...document.querySelectorAll(".deferred .hint")].map((one) => `${one.closest("section").id}: ${one.textContent}`),
        scrolled: `${scrollY} of ${document.documentElement.scrollHeight}`,
        text: document.body.innerText.slice(0, 1500),
        inView: [...document.querySelectorAll("main section, main details, dialog[open]")]
            .filter((part) => {
                const { top, bottom } = part.getBoundingClientRect();
                return top < innerHeight && bottom > 0 && !part.querySelector("section, details");
            })
            .map((part) => `${part.closest("section")?.id}: ${part.innerText.slice(0, 1000)}`),
    }));
    mkdirSync(OUT, { recursive: true });
    const picture = join(OUT, `failed-${Date.now()}.png`);
    await page.screenshot({ path: picture });
    console.log(`\nto be seen: ${JSON.stringify({ ...seen, picture })}`);
}

// ---- one server and at most two browsers for each test file ----

const running = { site: null, server: null, browsers: new Map() };

// Node ends a file that takes too long with this signal. Playwright's own answer to it closes the
// browser and lets the file hang; this one takes browser and server along.
process.once("SIGTERM", () => process.exit(1));
process.on("exit", () => running.server?.kill());

after(async () => {
    for (const browser of running.browsers.values()) {
        await (await browser).close();
    }
    running.server?.kill();
});

function siteAddress() {
    running.site ??= startServer();
    return running.site;
}

function startServer() {
    const [program, args] = xtask("serve", "--port", "0", "--dir", DIST, "--base", BASE);
    const server = spawn(program, args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
    running.server = server;
    return new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error("the server did not start in time")), SERVER_START_MS);
        server.on("error", reject);
        server.on("exit", (code) => reject(new Error(`the server stopped with ${code}`)));
        createInterface({ input: server.stdout }).on("line", (line) => {
            const address = line.match(/http:\/\/\S+/);
            if (address) {
                clearTimeout(late);
                resolve(address[0]);
            }
        });
    });
}

export function browserFor(gpu) {
    if (!running.browsers.has(gpu)) {
        const args = gpu ? [...CHROMIUM_FLAGS, "--enable-unsafe-webgpu"] : CHROMIUM_FLAGS;
        running.browsers.set(gpu, chromium.launch({ executablePath: chromiumPath(), args, handleSIGTERM: false }));
    }
    return running.browsers.get(gpu);
}

function chromiumPath() {
    if (process.env.CHROMIUM) {
        return process.env.CHROMIUM;
    }
    const [program, args] = xtask("browser");
    const found = spawnSync(program, args, { cwd: ROOT, encoding: "utf8" });
    if (found.status !== 0) {
        throw new Error(found.stderr);
    }
    return found.stdout.trim();
}

// ---- what counts as a complaint ----

function watch(context, site, complaints, requests) {
    context.on("console", (message) => {
        if (message.type() === "error") {
            complaints.push(`console error: ${message.text()} (${message.location().url})`);
        }
    });
    context.on("weberror", (error) => complaints.push(`uncaught: ${error.error().stack}`));
    context.on("request", (request) => {
        const url = request.url();
        requests.push(url);
        const local = url.startsWith("data:") || url.startsWith("blob:");
        if (!local && !url.startsWith(site)) {
            complaints.push(`request outside the site: ${url}`);
        }
    });
    context.on("requestfailed", (request) => {
        const reason = request.failure()?.errorText;
        // A reload or an ended worker takes its downloads with it.
        if (reason !== "net::ERR_ABORTED") {
            complaints.push(`request failed: ${request.url()} (${reason})`);
        }
    });
    context.on("response", (response) => {
        if (response.status() >= 400) {
            complaints.push(`answered with ${response.status()}: ${response.url()}`);
        }
    });
}
