// For everybody: axe's rules, which are those of WCAG 2.2 AA that a program can judge, in every state of the page, in
// light, dark and forced colours, from 320 pixels to 1440. Text that is spaced out or four times as large stays in its
// place, and the keyboard comes everywhere and is seen there.
//
// A class, predictions and the shelf are looked at where they are filled (class, predict and shelf.test.mjs).

import assert from "node:assert/strict";
import { test } from "node:test";

import { accessibilityProblems, openPage } from "./harness.mjs";
import { MINUTES, status, train } from "./lab.mjs";
import { outOfPlace, unfold } from "./looks.mjs";

/** A run of two models that takes seconds. */
const RUN = "#s=4&seeds=0&engine=cpu&finetune.updates=4&finetune.prompts=4&measure.every=2&measure.probe_every=4";
/** One that is never over before it was looked at. */
const LONG = "#s=4&seeds=0&engine=cpu&finetune.updates=5000&measure.every=5000&measure.probe_every=5000";
const CALM = { reducedMotion: "reduce" };

// Every scheme and every width; of their pairs those in which most has gone wrong, or all of them with HEDGEROW_LOOKS=all.
const ALL = [1440, 768, 360, 320].flatMap((width) => [
    { width, colorScheme: "light" },
    { width, colorScheme: "dark" },
    { width, colorScheme: "light", forcedColors: "active" },
    { width, colorScheme: "dark", forcedColors: "active" },
]);
const LOOKS = process.env.HEDGEROW_LOOKS === "all" ? ALL : [ALL[0], ALL[5], ALL[14]];

// So high that nothing of the story lies below the bar that sticks to the window's end: what can be scrolled to is not covered.
async function look(page, { width, height = 2600, colorScheme = "light", forcedColors = "none" }) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme, forcedColors });
    await page.evaluate(() => scrollTo(0, 0));
}

/** What is wrong in every look, of the whole page or of a part of it. */
async function problems(page, within) {
    const found = [];
    for (const own of LOOKS) {
        await look(page, own);
        const here = [...(await outOfPlace(page)), ...(await accessibilityProblems(page, within))];
        found.push(...here.map((problem) => `${JSON.stringify(own)} ${problem}`));
    }
    return found;
}

/** Waits for something that no locator sees. */
async function until(isSo) {
    while (!isSo()) {
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

// ---- states ----

test("the laboratory, from the first byte of its engine to a run that waits", { timeout: 5 * MINUTES * (LOOKS.length / 3) }, async (t) => {
    let letGo = null;
    const { page } = await openPage(t, {
        path: LONG,
        ...CALM,
        prepare: async (context) => {
            await context.route("**/engine_bg.wasm*", async (route) => {
                await new Promise((resolve) => (letGo = resolve));
                await route.continue();
            });
            await context.addInitScript(() => navigator.clipboard && (navigator.clipboard.writeText = () => Promise.reject(new Error("forbidden"))));
        },
    });
    await status(page).getByText("Loading the engine").waitFor({ timeout: MINUTES });
    assert.deepEqual(await problems(page), []);
    await until(() => letGo !== null);
    letGo();
    await status(page).getByText("Ready").waitFor({ timeout: MINUTES });
    assert.deepEqual(await problems(page, ".controls"), []);

    const keys = page.getByRole("button", { name: "Keyboard" });
    await keys.focus();
    await page.keyboard.press("Enter");
    const help = page.getByRole("dialog", { name: "Keyboard" });
    await help.getByRole("rowheader", { name: "Escape" }).waitFor({ timeout: MINUTES });
    assert.deepEqual(await problems(page, "#keys-help"), []);
    assert.equal(await page.evaluate(() => document.activeElement.id), "keys-help");
    await page.keyboard.press("Escape");
    await help.waitFor({ state: "hidden" });
    assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), "Keyboard");

    await train(page).click();
    await status(page).getByText(/Update \d+ .* a second/).waitFor({ timeout: MINUTES });
    assert.deepEqual(await problems(page, "#lab"), []);
    await train(page).click();
    await status(page).getByText(/Paused at update/).waitFor({ timeout: MINUTES });
    // Settings that the run does not have yet, and a number that is none.
    await page.locator("#rater .segment").last().click();
    await page.getByRole("button", { name: "Change it now" }).waitFor();
    await page.locator("#rater input[type=text]").first().fill("much");
    await page.locator("#rater input[type=text]").first().blur();
    await page.locator("#rater .wrong").waitFor();
    assert.deepEqual(await problems(page, "#lab"), []);

    const engine = page.locator("header [aria-expanded]");
    await engine.click();
    await page.locator("#engine-details").waitFor();
    assert.deepEqual(await problems(page, "header"), []);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Copy link" }).click();
    await page.getByText("to be copied by hand").waitFor();
    assert.deepEqual(await problems(page, "header"), []);
});

test("an engine that does not come", async (t) => {
    const { page } = await openPage(t, {
        ...CALM,
        expected: ["404", "engine"],
        prepare: (context) => context.route("**/engine/**", (route) => route.fulfill({ status: 404 })),
    });
    await page.getByRole("button", { name: "Try again" }).waitFor({ timeout: MINUTES });
    assert.deepEqual(await problems(page, "header, .notices, .controls"), []);
});

test("the story at each of its steps", { timeout: 5 * MINUTES * (LOOKS.length / 3) }, async (t) => {
    const { page } = await openPage(t, { path: RUN, ...CALM });
    for (let step = 1; ; step++) {
        await page.getByText(`Step ${step} of 10`).waitFor();
        await page.locator(".story").getByText("is loading").waitFor({ state: "detached", timeout: MINUTES });
        await page.locator(".story").getByText("on its way").waitFor({ state: "detached", timeout: MINUTES });
        const found = await problems(page, ".story");
        assert.deepEqual(found, [], `step ${step}`);
        if (step === 10) {
            break;
        }
        await page.locator(".story-nav .strong").click();
    }
});

// ---- the whole page ----

/** What a reader may set, after 1.4.12 of WCAG 2.2. */
const SPACED = `
    * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
    p { margin-bottom: 2em !important; }`;

for (const lang of ["en", "de"]) {
    test(`the whole page after a run, everything unfolded, in ${lang}`, { timeout: 6 * MINUTES * (LOOKS.length / 3) }, async (t) => {
        const { page } = await openPage(t, { path: `?lang=${lang}${RUN}`, ...CALM });
        await status(page).getByText(/Ready|Bereit/).waitFor({ timeout: MINUTES });
        await train(page).click();
        await status(page).getByText(/Finished|Fertig/).waitFor({ timeout: 2 * MINUTES });
        await unfold(page);
        if (lang === "en") {
            assert.deepEqual(await problems(page), []);
            assert.deepEqual(await walk(page, { width: 1440, height: 900 }), []);
            assert.deepEqual(await walk(page, { width: 320, height: 640 }), []);
        }
        for (const spaced of [false, true]) {
            await page.evaluate((style) => {
                const sheet = new CSSStyleSheet();
                sheet.replaceSync(style);
                document.adoptedStyleSheets.push(sheet);
            }, spaced ? SPACED : "");
            // The last one is a window of 1280 by 1024 at 400 %.
            for (const [width, height] of [[1440, 900], [768, 900], [320, 256]]) {
                await look(page, { width, height });
                assert.deepEqual(await outOfPlace(page), [], `${width} × ${height}${spaced ? ", spaced" : ""}`);
            }
        }
    });
}

/** Goes through the page by Tab, and names what is left out, and where the focus cannot be seen. */
async function walk(page, size) {
    await look(page, size);
    await page.locator(".skip").focus();
    await page.evaluate(() => (window.visited = new Set([document.activeElement])));
    const found = [];
    for (let place = null; place !== "BODY"; ) {
        await page.keyboard.press("Tab");
        const step = await page.evaluate(() => {
            const focused = document.activeElement;
            if (focused === document.body || window.visited.has(focused)) {
                return { place: "BODY" };
            }
            window.visited.add(focused);
            // Where the input itself cannot be seen, its words are marked.
            const whole = focused.closest(".segment, .guess, .choose") ?? focused;
            const marked = whole === focused ? focused : focused.nextElementSibling;
            const { x, y, width, height } = whole.getBoundingClientRect();
            const at = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.1], [0.5, 0.9]]
                .map(([across, down]) => document.elementFromPoint(x + across * width, y + down * height));
            const { outlineStyle, outlineWidth } = getComputedStyle(marked);
            return {
                place: focused.outerHTML.replaceAll(/<!--.*?-->/g, "").slice(0, 120),
                isMarked: outlineStyle !== "none" && parseFloat(outlineWidth) >= 1,
                isInView: at.some((element) => element && (whole.contains(element) || element.contains(whole))),
            };
        });
        place = step.place;
        if (place !== "BODY" && !step.isMarked) found.push(`no ring: ${place}`);
        if (place !== "BODY" && !step.isInView) found.push(`out of sight: ${place}`);
    }
    const missed = await page.evaluate(() =>
        [...document.querySelectorAll("a[href], button:enabled, select:enabled, input:enabled:not([type=radio]), summary, [tabindex='0']")]
            .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !window.visited.has(element))
            .map((element) => element.outerHTML.slice(0, 120)));
    return [...found, ...missed.map((element) => `never reached: ${element}`)];
}
