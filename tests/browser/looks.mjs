// How the page is laid out, whatever it says: text without room, parts that lie on each other, and all of it unfolded.

import { MINUTES, show } from "./lab.mjs";

/** Text that has no room, in words, once charts and panels have their new widths. */
export async function outOfPlace(page) {
    for (const end = Date.now() + MINUTES / 4; ; await page.waitForTimeout(100)) {
        const found = await page.evaluate(misfits);
        if (found.length === 0 || Date.now() > end) {
            return found;
        }
    }
}

/** The same at once: runs in the page. */
function misfits() {
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
    for (const box of document.querySelectorAll("button, summary, label > span, label, .tag, .status-words, th, td, li, p, h2, h3")) {
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
    const apart = [...document.querySelectorAll("button, .segment, .guess, select, input[type=text], summary, .layer-label")]
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
