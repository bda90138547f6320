// A monkey at the page: two thousand things that somebody might do, drawn from seeds, and after each of them what has to
// hold whatever was done. It says what it did last when something does not.
//
//     HEDGEROW_SEEDS=5,6 HEDGEROW_ACTIONS=5000 node --test tests/browser/monkey.test.mjs

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { drawn } from "./drawn.mjs";
import { answered, openPage } from "./harness.mjs";
import { MINUTES, status } from "./lab.mjs";

const SEEDS = (process.env.HEDGEROW_SEEDS ?? "1,2,3,4").split(",").map(Number);
const ACTIONS = Number(process.env.HEDGEROW_ACTIONS ?? 500);
/** What a slow machine may take until the page is as it has to be. */
const PATIENCE_MS = MINUTES;
/** And until it answers at all. */
const ANSWER_MS = 2 * PATIENCE_MS;
const RUN = "#s=4&seeds=0&engine=cpu&finetune.updates=12&finetune.prompts=4&measure.every=4&measure.probe_every=4";
const SIZES = [[360, 740], [320, 256], [768, 1024], [1280, 900]];
const TYPED = ["0", "1", "7", "0.3", "0,3", "-1", "1e9", "999999999999", "", " ", "much", "½", "NaN", "1.000,5", "What is the theft of zorgon?"];
const KEYS = ["Tab", "Shift+Tab", "Enter", "Space", "Escape", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageDown", "PageUp"];
const CONTROLS = "button, summary, select, input, textarea, a[href^='#'], .segment, .guess, label, [role=option], [role=slider]";
const FIELDS = "input[type=text], textarea, input:not([type])";

// ---- what has to hold ----

/** What each language says of a phase, as patterns, and how the buttons then are: null is either. */
const PHASES = Object.fromEntries(["en", "de"].map((language) => {
    const { status: says, controls } = JSON.parse(readFileSync(new URL(`../../web/text/${language}.json`, import.meta.url)));
    const pattern = (words) => `^${words.split(/\{\w+\}/).map((part) => part.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&")).join(".*")}$`;
    const phase = (words, name, train, step, reset) => ({ patterns: words.map(pattern), name, can: [train, step, reset] });
    const part = (what) => says.part.replace("{what}", what);
    const ready = [says.ready, says.recorded, says.recording_loads, says.recording_failed];
    return [language, [
        phase([says.update, says.pace, says.fitting, part(says.fitting)], controls.pause, true, false, true),
        phase([says.pausing], controls.train, false, false, true),
        phase([says.paused], controls.train, true, true, true),
        phase([...ready, ...ready.map((words) => `${words} ${says.takes}`)], controls.train, true, true, null),
        phase(Object.values(says.finished), controls.train, false, false, true),
        phase([says.download_failed, says.stopped], controls.train, false, false, null),
        // A click is remembered meanwhile.
        phase(
            [...Object.values(says.engine), ...Object.values(says.models), says.checking, says.measuring, part(says.measuring), says.restoring],
            null, null, null, null,
        ),
    ]];
}));

/** What does not hold, in words: runs in the page. */
function wrongs(phases) {
    const crash = document.getElementById("boot-error");
    if (crash && !crash.hidden) {
        return [`the page says: ${crash.textContent}`];
    }
    const said = document.querySelector(".status-words")?.textContent;
    const buttons = [...document.querySelectorAll(".buttons button")];
    if (said === undefined || buttons.length !== 3) {
        return ["there is no laboratory"];
    }
    const found = [];
    const can = buttons.map((button) => button.ariaDisabled !== "true");
    const phase = phases[document.documentElement.lang].find(({ patterns }) => patterns.some((pattern) => new RegExp(pattern).test(said)));
    const name = buttons[0].textContent.trim();
    if (!phase) {
        found.push(`no phase is called “${said}”`);
    } else if ((phase.name ?? name) !== name || phase.can.some((wanted, place) => (wanted ?? can[place]) !== can[place])) {
        found.push(`“${said}”, and the buttons are ${buttons.map((button, place) => `${button.textContent.trim()}: ${can[place]}`).join(", ")}`);
    }
    const waysOut = document.querySelectorAll(".notice button:enabled").length;
    if (waysOut === 0 && !can.includes(true)) {
        found.push(`“${said}”, and there is nothing to press`);
    }
    const beyond = document.documentElement.scrollWidth - innerWidth;
    if (beyond > 0) {
        const scrolls = (element) => element && (getComputedStyle(element).overflowX !== "visible" || scrolls(element.parentElement));
        const isBeyond = (element) => element.getBoundingClientRect().right > innerWidth + 0.5 && !scrolls(element.parentElement);
        const last = [...document.body.querySelectorAll("*")].findLast(isBeyond);
        found.push(`at ${innerWidth} pixels the page scrolls sideways by ${beyond}, with ${last?.outerHTML.slice(0, 120)}`);
    }
    // A key was pressed on something: what came of it may take that away, but not the place.
    if (window.pressedAt !== undefined && document.activeElement === document.body) {
        found.push(`the focus is lost after ${window.pressedAt}`);
    }
    return found;
}

/** Waits until everything holds, through reloads, and fails with what does not. */
async function holds(page) {
    for (const end = Date.now() + PATIENCE_MS; ; ) {
        // A page that is on its way to another answers nothing.
        const found = await page.evaluate(wrongs, PHASES).catch((error) => [error.message]);
        if (found.length === 0 || Date.now() > end) {
            return assert.deepEqual(found, []);
        }
        await page.waitForTimeout(50);
    }
}

/** What would hide the page from what is done next: runs in the page. */
function staysHere() {
    window.print = () => {};
    // A click may meet a link that has come to where something else was.
    addEventListener("click", (event) => {
        const link = event.target.closest?.("a[href]");
        if (link && new URL(link.href).pathname !== location.pathname) {
            event.preventDefault();
        }
    }, true);
}

// ---- what can be done ----

/** Something of the kind that can be seen, the first one from a place among them on, scrolled to; its middle and its name. */
const reach = (page, kind, share, focus = false) =>
    page.evaluate(([kind, share, focus]) => {
        window.pressedAt = undefined;
        const all = [...document.querySelectorAll(kind)];
        const from = Math.floor(share * all.length);
        const chosen = [...all.slice(from), ...all.slice(0, from)].find((element) => {
            const { width, height } = element.getBoundingClientRect();
            return width > 1 && height > 1 && !element.disabled && element.checkVisibility({ visibilityProperty: true });
        });
        chosen?.scrollIntoView({ block: "center", behavior: "instant" });
        if (focus) chosen?.focus();
        const { x = 0, y = 0, width = 0, height = 0 } = chosen?.getBoundingClientRect() ?? {};
        const name = chosen && `${chosen.tagName} ${(chosen.ariaLabel || chosen.textContent || chosen.name || "").trim().slice(0, 40)}`;
        return { x: x + width / 2, y: y + height / 2, name, isMenu: chosen?.tagName === "SELECT", isChosen: document.activeElement === chosen };
    }, [kind, share, focus]);

const ACTS = [
    [50, async function click(page, draw) {
        const { x, y, name, isMenu } = await reach(page, CONTROLS, draw());
        // The list of a menu is the browser's own.
        isMenu ? await page.keyboard.press("Escape") : await page.mouse.click(x, y);
        return name;
    }],
    [12, async function press(page, draw) {
        const { name, isChosen } = await reach(page, "button, summary, a[href^='#'], [role=slider], [role=listbox]", draw(), true);
        if (isChosen) {
            await page.evaluate((name) => (window.pressedAt = name), name);
            await page.keyboard.press("Enter");
        }
        return name;
    }],
    [12, async function type(page, draw) {
        const { name } = await reach(page, FIELDS, draw(), true);
        const typed = TYPED[Math.floor(draw() * TYPED.length)];
        await page.keyboard.press("Control+A");
        typed ? await page.keyboard.insertText(typed) : await page.keyboard.press("Delete");
        await page.keyboard.press(["Enter", "Tab"][Math.floor(draw() * 2)]);
        return `“${typed}” into ${name}`;
    }],
    [6, async function choose(page, draw) {
        const { name } = await reach(page, "select", draw(), true);
        const key = KEYS[5 + Math.floor(draw() * 6)];
        await page.keyboard.press(key);
        return `${key} in ${name}`;
    }],
    [12, async function key(page, draw) {
        const key = KEYS[Math.floor(draw() * KEYS.length)];
        await page.evaluate(() => (window.pressedAt = undefined));
        await page.keyboard.press(key);
        return key;
    }],
    [4, async function resize(page, draw) {
        const [width, height] = SIZES[Math.floor(draw() * SIZES.length)];
        await page.setViewportSize({ width, height });
        return `${width} × ${height}`;
    }],
    [2, async function hide(page, draw) {
        const state = ["hidden", "visible"][Math.floor(draw() * 2)];
        await page.evaluate((state) => {
            Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }, state);
        return state;
    }],
    [2, async function travel(page, draw) {
        // Not to where the tab was before the page.
        const way = draw() < 0.5 ? "back" : "forward";
        await page.evaluate((way) => navigation[way === "back" ? "canGoBack" : "canGoForward"] && history[way](), way);
        return way;
    }],
    [0.7, async function reload(page) {
        await page.reload();
    }],
    [0.5, async function language(page) {
        await reach(page, ".language", 0, true);
        await page.keyboard.press("Enter");
    }],
];
const WEIGHTS = ACTS.reduce((sum, [weight]) => sum + weight, 0);

/** Does something, and writes down what: its kind first, in case that it never ends. */
async function act(page, draw, done) {
    let left = draw() * WEIGHTS;
    const [, does] = ACTS.find(([weight]) => (left -= weight) < 0);
    const number = done.push(does.name);
    try {
        done[number - 1] = `${number} ${does.name} ${(await does(page, draw)) ?? ""}`;
    } catch (error) {
        // The action before it had the page load anew, just now.
        assert.match(error.message, /context was destroyed|navigat|interrupted/i);
        done[number - 1] = `${number} ${does.name}, too early`;
    }
}

test(`whatever is done, the page stands: ${SEEDS.length * ACTIONS} actions`, { timeout: 20 * MINUTES, concurrency: 2 }, async (t) => {
    await Promise.all(SEEDS.map((seed) => t.test(`from seed ${seed}`, async (t) => {
        const { page, context, complaints } = await openPage(t, {
            path: `?lang=en${RUN}`,
            viewport: { width: 360, height: 740 },
            reducedMotion: "reduce",
            prepare: (context) => context.addInitScript(staysHere),
        });
        // What would wait for somebody, or take the tab's place.
        context.on("page", (other) => other.close());
        page.on("filechooser", () => {});
        page.on("dialog", (dialog) => dialog.dismiss());
        await status(page).waitFor();
        let documents = 0;
        page.on("domcontentloaded", () => (documents += 1));
        const draw = drawn(seed);
        const done = [];
        try {
            while (done.length < ACTIONS) {
                const before = documents;
                await answered(act(page, draw, done), PATIENCE_MS).catch((error) => {
                    // What is typed while a document goes, Chromium never answers, nor what is typed after it (Input.insertText
                    // during a reload, one time in six): the next document starts afresh.
                    if (documents === before || !/answers no more/.test(error.message)) throw error;
                    done.push("typed at a document that went");
                    return page.reload();
                });
                await answered(holds(page), ANSWER_MS);
                assert.deepEqual(complaints, []);
            }
        } catch (error) {
            throw new Error(`seed ${seed}, after\n${done.slice(-20).join("\n")}\n${error.message}\n${complaints.join("\n")}`, { cause: error });
        }
    })));
});
