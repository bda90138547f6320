// The laboratory's controls, as several tests use them.

import { readFileSync } from "node:fs";

export const MINUTES = 60_000;

/** Where the page says how far it is. */
export const status = (page) => page.locator(".status-words");

/** The button that trains, goes on or waits. */
export const train = (page) => page.locator(".buttons .primary");

/** Waits for engine, base models and their measurement. */
export const ready = (page) => status(page).getByText(/Ready/).waitFor({ timeout: 5 * MINUTES });

/** What is near the view, and not in it, is drawn when anybody moves. */
export async function move(page) {
    await page.locator("footer.foot").waitFor({ timeout: MINUTES });
    await page.keyboard.press("Shift");
}

/** Is a part of it in the view? What is drawn near the view only may otherwise never be. */
const isInView = (id) => {
    const { top, bottom } = document.getElementById(id).getBoundingClientRect();
    return top < window.innerHeight && bottom > 0;
};

/**
 * Scrolls to a panel that fetches its code or words only then, and waits for what is to be seen of it: the panel
 * itself, if nothing else is named. What comes above it meanwhile pushes it away.
 */
export async function show(page, id, seen = page.locator(`#${id}:not(.deferred)`)) {
    for (const end = Date.now() + MINUTES; ; ) {
        await page.locator(`#${id}`).evaluate((panel) => panel.scrollIntoView());
        try {
            await seen.waitFor({ timeout: 3000 });
            await page.waitForFunction(isInView, id, { timeout: 3000 });
            return;
        } catch (error) {
            if (Date.now() > end) {
                throw error;
            }
        }
    }
}

/** Sets numbers of the panel "How it learns", by their labels. */
export async function learn(page, numbers) {
    await show(page, "settings");
    await page.getByText("How it learns").click();
    for (const [label, number] of Object.entries(numbers)) {
        const field = page.getByLabel(label, { exact: true });
        await field.fill(String(number));
        await field.blur();
    }
}

/** The exported run: what the charts are drawn from. */
export async function exported(page) {
    const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "JSON", exact: true }).click(),
    ]);
    return JSON.parse(readFileSync(await download.path(), "utf8"));
}
