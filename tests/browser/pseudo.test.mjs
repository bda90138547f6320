// A third language that nobody speaks (pseudo.mjs): the page is mirrored, nothing runs over, and no English is left but the
// sentences of the invented world.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { DIST, openPage, screenshot } from "./harness.mjs";
import { MINUTES, status, train } from "./lab.mjs";
import { outOfPlace, unfold } from "./looks.mjs";
import { CODE, addPseudo, pseudo } from "./pseudo.mjs";

const RUN = "#s=4&seeds=0&engine=cpu&finetune.updates=4&finetune.prompts=4&measure.every=2&measure.probe_every=4";

/** The words of the worlds, in which the models speak, and of the story's question. */
function wordsOfWorlds() {
    const files = ["base/world-0.json", "base/everyday/world-0.json", ...readdirSync(join(DIST, "story")).map((name) => `story/${name}`)];
    return new Set(files.flatMap((name) => readFileSync(join(DIST, name), "latin1").toLowerCase().match(/[a-z]+/g)));
}

/** Plain words that somebody can see or hear: in texts, names, hints and what is chosen. */
const plainWords = (page) =>
    page.evaluate(() => {
        const found = new Map();
        const note = (text, element) => {
            // An address and the name of a build have no words.
            const words = (text ?? "").replaceAll(/https?:\S+|\d\.\d\.\d-[0-9a-f]+/g, "");
            for (const [word] of words.matchAll(/[A-Za-z]{3,}/g)) {
                found.set(word, `${word}: ${element.outerHTML.replaceAll(/<!--.*?-->/g, "").slice(0, 160)}`);
            }
        };
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
            const own = texts.currentNode.parentElement;
            if (!own.closest("script, style, noscript, var, code, [lang]:not(html)")) note(texts.currentNode.data, own);
        }
        for (const element of document.body.querySelectorAll("*")) {
            if (element.closest("[lang]:not(html)")) continue;
            for (const name of ["aria-label", "title", "placeholder", "alt", "aria-valuetext", "aria-description"]) {
                note(element.getAttribute(name), element);
            }
        }
        return [...found];
    });

/** What else is the same in every language, and the month, which is the browser's. */
const NAMES = ["hedgerow", "png", "svg", "smollm", "instruct", "gguf"];
const MONTHS = Array.from({ length: 12 }, (_, month) => new Intl.DateTimeFormat("en-GB", { month: "short" }).format(new Date(2026, month)).toLowerCase());

async function english(page) {
    const known = wordsOfWorlds();
    const isKnown = (word) => known.has(word.toLowerCase()) || [...NAMES, ...MONTHS].includes(word.toLowerCase());
    return (await plainWords(page)).filter(([word]) => !isKnown(word)).map(([, where]) => where);
}

test("a sentence is twice as long, has an accent on every letter, and keeps what is filled in", () => {
    assert.equal(pseudo("Step {step} of {of}"), "Šŧéþ {step} öƒ {of} Šŧéþ  öƒ");
    assert.equal(pseudo("[{low}, {high}]"), "[{low}, {high}]");
    assert.doesNotMatch(pseudo("The *reward* `d_ctx` is"), /[a-z]{3,}(?![^`]*`)/i);
});

test("a third language is a folder, a name and a file: the page is mirrored, in its place, and without English", { timeout: 8 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: `?lang=${CODE}${RUN}`, reducedMotion: "reduce", prepare: addPseudo });
    const root = await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]);
    assert.deepEqual(root, [CODE, "rtl"]);
    await page.locator("header.top .language").first().waitFor();
    assert.deepEqual(await page.locator(".language").allTextContents(), ["English", "Deutsch"]);
    await train(page).waitFor();
    await status(page).getByText(pseudo("Ready to train").slice(0, 5)).waitFor({ timeout: 2 * MINUTES });
    await train(page).click();
    await page.waitForFunction(() => !document.querySelector(".buttons .primary:disabled") && document.querySelector(".export button:not(:disabled)"), null, { timeout: 2 * MINUTES });
    await unfold(page);

    // Mirrored: what was at the left is at the right.
    await page.setViewportSize({ width: 1440, height: 900 });
    const middle = (selector) => page.locator(selector).first().evaluate((own) => own.getBoundingClientRect().left + own.getBoundingClientRect().width / 2);
    assert.ok((await middle(".brand")) > 720 && (await middle(".tools")) < 720, "the header");
    assert.ok((await middle(".rail")) > (await middle(".results")), "what can be set is at the right of the results");
    assert.ok((await middle("#rater .dial input[type=text]")) < (await middle("#rater .dial input[type=range]")), "fields and sliders");
    await page.locator("#limits").scrollIntoViewIfNeeded();
    const lead = await page.locator("#limits li").first().evaluate((own) => [getComputedStyle(own).paddingRight, getComputedStyle(own).paddingLeft]);
    assert.ok(parseFloat(lead[0]) > parseFloat(lead[1]), `lists: ${lead}`);

    for (const width of [1440, 768, 360]) {
        await page.setViewportSize({ width, height: 900 });
        await page.evaluate(() => scrollTo(0, 0));
        assert.deepEqual(await outOfPlace(page), [], `${width} pixels`);
        await screenshot(page, `pseudo-${width}`);
    }
    assert.deepEqual(await english(page), []);
});

test("an exercise in the third language, to its report", { timeout: 5 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: `?lang=${CODE}&exercise=thumb${RUN}`, reducedMotion: "reduce", prepare: addPseudo });
    const panel = page.locator("#exercise");
    const next = panel.locator(".exercise-nav .strong");
    await next.waitFor();
    for (const width of [1440, 768, 360]) {
        await page.setViewportSize({ width, height: 900 });
        assert.deepEqual(await outOfPlace(page), [], `${width} pixels`);
    }
    await screenshot(page, "pseudo-exercise");
    for (let step = 1; step <= 8; step++) {
        assert.deepEqual(await english(page), [], `step ${step}`);
        await next.click();
    }
    await panel.locator(".report").waitFor();
    for (const width of [1440, 768, 360]) {
        await page.setViewportSize({ width, height: 900 });
        assert.deepEqual(await outOfPlace(page), [], `the report at ${width} pixels`);
    }
    assert.deepEqual(await english(page), []);
    assert.equal(await page.evaluate(() => document.documentElement.dir), "rtl");
});
