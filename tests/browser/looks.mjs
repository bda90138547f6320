// How the page is laid out, whatever it says: text without room, parts that lie on each other, and all of it unfolded.

import assert from "node:assert/strict";

import { accessibilityProblems, screenshot } from "./harness.mjs";
import { MINUTES, show } from "./lab.mjs";

/** A panel on three screens in two themes: nothing scrolls sideways, and axe finds nothing. */
export async function looksWell(page, id) {
    const panel = page.locator(`#${id}`);
    for (const [width, height] of [[1440, 1000], [768, 1000], [360, 740]]) {
        await page.setViewportSize({ width, height });
        for (const colorScheme of ["light", "dark"]) {
            await page.emulateMedia({ colorScheme });
            await panel.scrollIntoViewIfNeeded();
            await screenshot(panel, `${id}-${width}-${colorScheme}`);
            const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(wide <= 0, `scrolls sideways by ${wide} at ${width}`);
            await page.evaluate(coloured);
        }
        assert.deepEqual(await accessibilityProblems(page, `#${id}`), [], `${width}`);
    }
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 1280, height: 900 });
}

/** Waits for colours that are on their way to others: runs in the page. */
async function coloured() {
    const changing = document.getAnimations().filter((change) => change instanceof CSSTransition);
    await Promise.allSettled(changing.map((change) => change.finished));
}

/** Text that has no room in a part of the page, in words, once charts and panels have their new widths. */
export async function outOfPlace(page, within = "html") {
    for (const end = Date.now() + MINUTES / 4; ; await page.waitForTimeout(100)) {
        const found = await page.evaluate(misfits, within);
        if (found.length === 0 || Date.now() > end) {
            return found;
        }
    }
}

/** The same at once: runs in the page. */
function misfits(within) {
    const root = document.querySelector(within);
    const said = (element) => element.outerHTML.replaceAll(/<!--.*?-->/g, "").slice(0, 120);
    const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".unseen, .patterns");
    const found = [];
    const beyond = document.documentElement.scrollWidth - innerWidth;
    if (beyond > 0) {
        const scrolls = (element) => element && (getComputedStyle(element).overflowX !== "visible" || scrolls(element.parentElement));
        const isOut = ({ left, right }) => right > innerWidth + 0.5 || left < -0.5;
        const isBeyond = (element) => isOut(element.getBoundingClientRect()) && !scrolls(element.parentElement);
        const last = [...document.body.querySelectorAll("*")].findLast(isBeyond);
        found.push(`the page scrolls sideways by ${beyond}: ${last && said(last)}`);
    }
    const range = document.createRange();
    for (const box of root.querySelectorAll("button, summary, label > span, label, .tag, .status-words, th, td, li, p, h2, h3")) {
        const { left, right, top, bottom } = box.getBoundingClientRect();
        const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
        while (isSeen(box) && getComputedStyle(box).display !== "inline" && texts.nextNode()) {
            const own = texts.currentNode.parentElement;
            range.selectNodeContents(texts.currentNode);
            const { width, ...text } = range.getBoundingClientRect().toJSON();
            const isThere = width > 1 && isSeen(own) && getComputedStyle(own).clipPath === "none" && !own.closest(".popover, select, .wide, .name");
            if (isThere && (text.left < left - 1 || text.right > right + 1 || text.top < top - 6 || text.bottom > bottom + 6)) {
                found.push(`text leaves its box: ${said(box)}: ${texts.currentNode.data}`);
                break;
            }
        }
    }
    const apart = [...root.querySelectorAll("button, .segment, .guess, select, input[type=text], summary, .layer-label")]
        .filter((part) => isSeen(part) && !part.closest(".controls, .story-nav, .popover, [popover]"))
        .map((part) => [part, part.getBoundingClientRect()]);
    for (const [place, [one, a]] of apart.entries()) {
        for (const [other, b] of apart.slice(place + 1)) {
            const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            if (across > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1 && !one.contains(other)) {
                found.push(`one lies on the other: ${said(one)}, ${said(other)}`);
            }
        }
    }
    return found;
}

/** Scrolls to every panel, so that it comes, and opens whatever is folded. */
export async function unfold(page) {
    const open = () => page.evaluate(() => document.querySelectorAll("details").forEach((folded) => (folded.open = true)));
    await open();
    for (const id of await page.locator("section.deferred").evaluateAll((all) => all.map(({ id }) => id))) {
        await show(page, id);
    }
    await page.getByText("This part of the page is loading.").filter({ visible: true }).first().waitFor({ state: "detached" });
    // What they hold is folded, too.
    await open();
    // Taken down first: what is open is no longer among them.
    for (const closed of await page.locator("[aria-expanded=false]:not(header button)").elementHandles()) {
        await closed.evaluate((button) => button.click());
    }
}
