// An exercise beside the laboratory: walked through by keyboard on a small screen, left and taken up again, and reported
// with the figures of the run.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { ROOT, accessibilityProblems, openPage } from "./harness.mjs";
import { MINUTES, exported, ready, show, status, train } from "./lab.mjs";

/** A run of two models that takes seconds, under the exercise's own rater and arms. */
const RUN = "#s=4&seeds=0&engine=cpu&finetune.updates=4&finetune.prompts=4&measure.every=4&measure.probe_every=4";

const panel = (page) => page.locator("#exercise");
const place = (page, number) => panel(page).getByText(new RegExp(`^Step ${number} of`)).waitFor();

/** Presses Tab until a control has the focus, as somebody without a pointer does. */
async function tabTo(page, control, key = "Tab") {
    for (let press = 0; press < 60; press++) {
        if (await control.evaluate((own) => own === document.activeElement)) {
            return;
        }
        await page.keyboard.press(key);
    }
    assert.fail(`no way by keyboard to ${control}`);
}

async function next(page) {
    await tabTo(page, panel(page).locator(".exercise-nav .strong"));
    await page.keyboard.press("Enter");
}

test("an exercise is done by keyboard at 360 px, over a reload, and its report has the run's figures", { timeout: 8 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: `?exercise=thumb${RUN}`, viewport: { width: 360, height: 740 } });
    await place(page, 1);
    assert.equal(await page.locator("#story").count(), 0, "in the place of the story");
    assert.equal(await page.locator("#settings").isVisible(), false, "a panel that it is not about");
    await panel(page).locator(".exercise-nav button").first().evaluate((button) => button.focus());
    assert.equal(await panel(page).locator(".exercise-nav button").first().isDisabled(), true);
    await panel(page).locator("h3").focus();
    await next(page);
    await place(page, 2);
    assert.equal(await page.evaluate(() => document.activeElement.tagName), "H3", "the new step is read");
    await next(page);
    await place(page, 3);

    // Predict: nothing shows how it went before, and the page says why.
    assert.equal(await page.locator("#outcomes").isVisible(), false);
    assert.equal(await page.locator("#rater .optimum").isVisible(), false, "nor how it will go");
    await page.getByText("The results are hidden, because the exercise asks").waitFor();
    await tabTo(page, panel(page).getByRole("radio").first());
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await panel(page).getByText("Your prediction is kept.").waitFor();
    await page.locator("#outcomes").waitFor();
    assert.equal(await page.getByText("The results are hidden, because").count(), 0);
    assert.deepEqual(await accessibilityProblems(page, "#exercise"), []);

    await page.reload();
    await place(page, 3);
    const chosen = panel(page).getByRole("radio", { checked: true });
    assert.equal(await chosen.evaluate((own) => own.closest("label").textContent.trim()), "It will say false things that are more comfortable.");
    await panel(page).locator("h3").focus();
    await next(page);

    // Train: the step knows whether there is a run.
    await place(page, 4);
    await panel(page).getByText("You have not trained a model yet.").waitFor();
    await ready(page);
    await tabTo(page, panel(page).locator(".exercise-way"));
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "lab", "the way leads to the controls");
    await tabTo(page, train(page));
    await page.keyboard.press("Enter");
    await status(page).getByText("Finished after 4 updates").waitFor({ timeout: 6 * MINUTES });
    await panel(page).getByText("Your run is finished: it has come to its last update, 4.").waitFor();
    await page.locator("#scores").scrollIntoViewIfNeeded();
    await page.locator(".exercise-back").focus();
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "exercise");
    await next(page);
    await place(page, 5);
    await next(page);
    await place(page, 6);
    await next(page);

    // Answers: what is said to them comes when it is asked for, and not while somebody moves among the choices.
    await place(page, 7);
    await tabTo(page, panel(page).getByRole("radio").first());
    await page.keyboard.press("Space");
    assert.equal(await panel(page).getByText("Not right.").count(), 0);
    await tabTo(page, panel(page).getByRole("button", { name: "Check my answer" }).first());
    await page.keyboard.press("Enter");
    await panel(page).getByText("Not right.").waitFor();
    await next(page);

    await place(page, 8);
    const compare = panel(page).getByRole("button", { name: "Compare with an explanation" });
    assert.equal(await compare.isDisabled(), true);
    await tabTo(page, panel(page).getByRole("textbox"));
    await page.keyboard.type("A thumb does not say why.");
    await tabTo(page, compare);
    await page.keyboard.press("Enter");
    await panel(page).getByText("The number mixes three reasons.").waitFor();

    // The figures of the table and of the file, before the report takes their place.
    const scores = await page.locator("#scores tbody tr").evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll("td")].map((cell) => `${cell.querySelector(".was").textContent} → ${cell.querySelector("strong").textContent}`)),
    );
    const run = await exported(page);
    await panel(page).locator("h3").focus();
    await next(page);
    const report = panel(page).locator(".report");
    await report.getByRole("heading", { name: "The thumb that does not say why" }).waitFor();
    assert.equal(await page.locator("#lab").isVisible(), false, "nothing but the report");
    const rows = await report.locator(".report-table tbody tr").evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent)),
    );
    assert.deepEqual(rows, scores, "the report's figures are the run's");
    const words = await report.textContent();
    for (const part of ["It will say false things that are more comfortable.", "A thumb does not say why.", "(not right)", "(not answered)", "0 right, 1 not right, 1 not answered.", run.build, "Seed 0"]) {
        assert.ok(words.includes(part), `${part} is in the report: ${words}`);
    }
    const link = await report.locator(".report-link a").getAttribute("href");
    assert.match(link, /\?exercise=thumb#s=4&/);
    assert.match(link, /finetune\.updates=4/);
    assert.equal(await report.locator(".report-link svg").count(), 1);
    await report.getByLabel("Nickname or number").fill("fox");
    await report.getByText("by fox").waitFor();
    assert.equal(await page.title(), "hedgerow-report-fox-thumb-seed-0", "what a browser calls it when it is saved");
    assert.deepEqual(await accessibilityProblems(page, "#exercise"), []);

    // On paper: at most two pages.
    await page.setViewportSize({ width: 1280, height: 900 });
    const pdf = await page.pdf({ path: join(ROOT, ".out", "report.pdf"), format: "A4", margin: { top: "14mm", bottom: "14mm", left: "14mm", right: "14mm" } });
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page[^s]/g).length;
    assert.ok(pages <= 2, `${pages} pages`);

    await report.getByRole("button", { name: "Back to the exercise" }).click();
    await place(page, 8);

    // It opens from the shelf, too, with the run that is there.
    await page.getByRole("heading", { name: "Your runs" }).first().click();
    await page.locator("#shelf").getByRole("button", { name: "Lab report" }).click();
    await report.getByRole("heading", { name: "The thumb that does not say why" }).waitFor();
    const kept = await report.locator(".report-table tbody tr").evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent)),
    );
    assert.deepEqual(kept, scores);

    // Started over, and taken back.
    await report.getByRole("button", { name: "Back to the exercise" }).click();
    await place(page, 8);
    await panel(page).getByText("Start over, or see more").click();
    await panel(page).getByRole("button", { name: "Start the exercise over" }).click();
    await place(page, 1);
    await panel(page).getByRole("button", { name: "Undo" }).click();
    await place(page, 8);
    assert.equal(await panel(page).getByRole("textbox").inputValue(), "A thumb does not say why.");
});

test("what is locked stays as it is and says so, and a seed is drawn once", { timeout: 3 * MINUTES }, async (t) => {
    const path = "?exercise=thumb&lock=rater,seeds&panels=rater,settings,outcomes&seed=random&answers=hidden";
    // The lot falls on a seed that is not the page's own, and on another one the second time.
    const lots = () => {
        if (!location.host) {
            return; // the empty page before it has no storage
        }
        const times = Number(sessionStorage.getItem("times") ?? 0);
        sessionStorage.setItem("times", times + 1);
        Math.random = () => (times ? 0.85 : 0.55);
    };
    const prepare = (context) => context.addInitScript(lots);
    const { page } = await openPage(t, { path, viewport: { width: 1440, height: 900 }, prepare });
    await place(page, 1);
    await panel(page).getByText("Fixed for this exercise: the rater and the seeds.").waitFor();
    assert.equal(await panel(page).getByText("For teachers: what to expect").count(), 0);
    const seeds = page.locator("#settings .seeds input");
    await page.locator("#settings .seeds").scrollIntoViewIfNeeded();
    await seeds.first().waitFor({ state: "attached" });
    const ticked = () => seeds.evaluateAll((boxes) => boxes.map((box) => box.checked));
    const drawn = await ticked();
    assert.equal(drawn.filter(Boolean).length, 1);
    const { x, y } = await page.locator("#settings .seeds label").nth((drawn.indexOf(true) + 1) % drawn.length).boundingBox();
    await page.mouse.click(x + 8, y + 8);
    assert.deepEqual(await ticked(), drawn, "a click changes nothing");
    const other = seeds.nth((drawn.indexOf(true) + 1) % drawn.length);
    await other.focus();
    await page.keyboard.press("Space");
    assert.deepEqual(await ticked(), drawn, "nor does a key");
    assert.equal(await other.getAttribute("aria-describedby"), "exercise-locks");
    // A link with other settings does not get past the lock either.
    const before = await page.evaluate(() => location.hash);
    await page.evaluate(() => { location.hash = "#s=4&rater=touchy-topic&seeds=9"; });
    const [kept] = before.match(/seeds=\d+/);
    await page.waitForFunction((kept) => location.hash.includes(kept) && !location.hash.includes("touchy-topic"), kept);
    await page.reload();
    await place(page, 1);
    await page.locator("#settings .seeds").scrollIntoViewIfNeeded();
    await seeds.first().waitFor({ state: "attached" });
    assert.deepEqual(await ticked(), drawn, "not drawn a second time");
});

test("a single number that is locked is marked, says so, and stays, and its neighbour does not", { timeout: 3 * MINUTES }, async (t) => {
    const path = "?exercise=thumb&lock=rater.correctness,finetune.kl,finetune.algorithm&panels=rater,settings";
    const { page } = await openPage(t, { path, viewport: { width: 1440, height: 900 } });
    await place(page, 1);
    await show(page, "settings");
    await page.evaluate(() => document.querySelectorAll("#rater details, #settings details").forEach((own) => (own.open = true)));
    const of = (setting) => page.locator(`[data-setting="${setting}"]`);
    const kl = of("finetune.kl").getByRole("textbox");
    // The panel came after the exercise, and nobody has touched anything.
    for (const control of [kl, of("rater.correctness").getByRole("slider"), page.locator("#settings [name=algorithm]").nth(1)]) {
        await page.waitForFunction((own) => own.getAttribute("aria-disabled") === "true", await control.elementHandle());
        assert.equal(await control.getAttribute("aria-describedby"), "exercise-locks");
    }
    const mark = (place) => place.evaluate((own) => getComputedStyle(own.querySelector("span"), "::after").content);
    assert.match(await mark(of("finetune.kl")), /Fixed for this exercise/);
    assert.match(await mark(of("rater.correctness")), /Fixed for this exercise/);
    assert.equal(await mark(of("rater.usefulness")), "none");
    assert.deepEqual(await accessibilityProblems(page, "#lab"), []);
    const before = await kl.inputValue();
    await kl.focus();
    await page.keyboard.type("9");
    await page.keyboard.press("ArrowUp");
    assert.equal(await kl.inputValue(), before);
    const free = of("rater.usefulness").getByRole("textbox");
    await free.fill("0.5");
    await free.blur();
    await page.waitForFunction(() => location.hash.includes("rater.usefulness=0.5"));
    assert.equal(await free.getAttribute("aria-disabled"), null);
});

test("a link of another rater leaves nothing of it where the rater is fixed", { timeout: 3 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: "?exercise=thumb&lock=rater&panels=rater,settings" });
    await place(page, 1);
    await show(page, "settings");
    await page.evaluate(() => { location.hash = "#s=4&rater=touchy-topic&seeds=3&finetune.kl=0.2"; });
    await page.waitForFunction(() => location.hash.includes("kl=0.2") && !location.hash.includes("touchy-topic"));
    assert.doesNotMatch(await page.evaluate(() => location.hash), /learning_rate|sensitive_share|updates/);
});

test("an exercise that is not there is named, and the page opens without it", { timeout: 2 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: "?exercise=nonsense" });
    await panel(page).getByText("The link asks for the exercise “nonsense”").waitFor();
    await page.locator("#lab .buttons .primary").waitFor();
    await panel(page).getByRole("link", { name: "The thumb that does not say why" }).click();
    await place(page, 1);
});
