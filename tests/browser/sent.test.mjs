// A link that carries what came out of a run: made here, opened elsewhere, and compared with what comes out there.

import assert from "node:assert/strict";
import { test } from "node:test";

import { accessibilityProblems, openPage, screenshot } from "./harness.mjs";
import { MINUTES, ready, show, status, train } from "./lab.mjs";

const RUN = "#s=4&seeds=0&engine=cpu&finetune.updates=4&finetune.prompts=10&measure.every=2&measure.probe_every=4";
const finished = (page) => status(page).getByText("Finished after 4 updates").waitFor({ timeout: 2 * MINUTES });
const sent = (page) => page.locator("#sent");
const after = (link) => link.slice(link.indexOf("#"));

async function trained(page) {
    await ready(page);
    await train(page).click();
    await finished(page);
}

/** The link that a button makes. */
async function made(page, place) {
    await place.getByRole("button", { name: "Copy a link with this result" }).click();
    return place.getByLabel("Link with this result").inputValue();
}

test("a link says what came out, and whether the same comes out again", { timeout: 8 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: RUN });
    await trained(page);
    await show(page, "outcomes");
    const link = await made(page, sent(page));
    assert.match(link, /&result=updates:4,scalar:[\d.]+:[\d.]+:[\d.]+,structured:.*,sha256:[0-9a-f]{32},check:[0-9a-f]{8}$/);
    // The run itself is determined by what stands before it.
    assert.ok(link.includes("finetune.updates=4") && !link.includes("engine="), link);
    // The shelf hands out the same.
    await page.getByRole("heading", { name: "Your runs" }).first().click();
    const row = page.locator("#shelf .shelf > li").first();
    await row.waitFor({ timeout: MINUTES });
    assert.equal(await made(page, row), link);

    const receiver = await openPage(t, { path: `${after(link)}&engine=cpu` });
    await show(receiver.page, "outcomes");
    const said = sent(receiver.page);
    await said.getByText("by update 4").waitFor();
    await said.getByText("Train, and you will see").waitFor();
    assert.equal(await said.locator("tbody tr").count(), 2, "the sender's, an arm each");
    assert.equal(await receiver.page.locator(".notice.warning").count(), 0);
    await trained(receiver.page);
    await said.getByText("The same came out for you, to the last bit").waitFor();
    const rows = await said.locator("tbody tr").allTextContents();
    assert.equal(rows.length, 4);
    assert.equal(rows[0].replace("sender’s", ""), rows[1].replace("yours", ""));
    assert.deepEqual(await accessibilityProblems(receiver.page, "#sent"), []);
    await screenshot(receiver.page, "sent");

    // It stays in the address, wherever on the page one goes and after a reload, until other settings are chosen.
    const address = (test) => receiver.page.waitForFunction(test);
    await receiver.page.locator("a[href='#limits']").first().click();
    await address(() => location.hash.includes("&result=") && location.hash.includes("at=limits"));
    await receiver.page.reload();
    await show(receiver.page, "outcomes");
    await said.getByText("by update 4").waitFor();
    await receiver.page.locator("#rater .segment").last().click();
    await address(() => !location.hash.includes("result="));
});

test("another result is told apart, and a damaged one is not shown", { timeout: 6 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: RUN });
    await trained(page);
    await show(page, "outcomes");
    const link = await made(page, sent(page));

    // The same models with another rater, sent as the result of these settings: the check does not fit.
    for (const wrong of [link.replace("scalar:0", "scalar:1"), link.slice(0, -3), link.replace("s=4", "s=4&finetune.kl=0.3")]) {
        const receiver = await openPage(t, { path: `${after(wrong)}&engine=cpu` });
        await show(receiver.page, "outcomes");
        await sent(receiver.page).getByText("It is not shown").waitFor();
        assert.equal(await sent(receiver.page).locator("table").count(), 0);
        await receiver.context.close();
    }

    // Somebody who makes up a digest, with a check that fits, is found out by training.
    const [settings, result] = after(link).slice(1).split("&result=");
    const made_up = result.replace(/sha256:[0-9a-f]{6}/, "sha256:000000").replace(/,check:.*/, "");
    const checked = async (result) => {
        const check = await page.evaluate(async (text) => {
            const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
            return [...bytes].slice(0, 4).map((byte) => byte.toString(16).padStart(2, "0")).join("");
        }, `${settings}&result=${result}`);
        return `#${settings}&result=${result},check:${check}`;
    };
    const receiver = await openPage(t, { path: `${await checked(made_up)}&engine=cpu` });
    await show(receiver.page, "outcomes");
    await trained(receiver.page);
    await sent(receiver.page).getByText("Something else came out for you").waitFor();
    await sent(receiver.page).getByText("somebody has changed the link").waitFor();
    // So is somebody who changes the numbers and leaves the digest.
    const lied = result.replace(/,check:.*/, "").replace(/scalar:[^:]+:/, "scalar:0.123:");
    const fragment = await checked(lied);
    await receiver.page.evaluate((hash) => (location.hash = hash), fragment);
    await sent(receiver.page).getByText("The numbers in this link do not fit its digest").waitFor();
    // A result that comes into an open tab takes the place of the one before.
    await receiver.page.evaluate((hash) => (location.hash = hash), after(link));
    await sent(receiver.page).getByText("The same came out for you").waitFor();
});
