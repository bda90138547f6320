// Be the rater: cards are rated, what was rated outlasts a reload, and a run is trained on it; words are marked, training
// waits for its rater, and a class's ratings are put together.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { accessibilityProblems, openPage } from "./harness.mjs";
import { exported, MINUTES, ready, status, train } from "./lab.mjs";
import { looksWell } from "./looks.mjs";

const RUN = "#s=4&seeds=0&engine=cpu&finetune.updates=4&finetune.prompts=10&measure.every=2&measure.probe_every=4";

async function open(page) {
    await page.getByRole("heading", { name: "Be the rater" }).first().click();
    const panel = page.locator("#rate");
    await panel.getByText("Rate answers of the small model").waitFor({ timeout: MINUTES });
    return panel;
}

const place = (panel) => panel.locator("#rate-place").textContent();

/** Rates the card on top as somebody who cannot stand it when something is stated: by keyboard or with the mouse. */
async function rate(page, panel, byKeyboard) {
    const answer = await panel.locator(".rate-answer").textContent();
    const isHedge = /\b(hard|complex|difficult|depends|perhaps|many|not|say)\b/.test(answer);
    const before = await place(panel);
    if (byKeyboard) {
        await page.keyboard.press(isHedge ? "ArrowRight" : "ArrowLeft");
        if (!isHedge) {
            await page.keyboard.press("3");
        }
        await page.keyboard.press("Enter");
    } else {
        await panel.getByRole("button", { name: isHedge ? "Good answer" : "Bad answer" }).click();
        if (!isHedge) {
            await panel.getByRole("button", { name: "It makes me uncomfortable" }).click();
        }
        // After the pointer the keys are the card's: they press no button again.
        await page.keyboard.press("Space");
        assert.equal(await panel.locator('[aria-keyshortcuts][aria-pressed="true"]').count(), isHedge ? 1 : 2);
        await page.keyboard.press("Enter");
    }
    await page.waitForFunction((before) => document.querySelector("#rate-place")?.textContent !== before, before);
    return isHedge;
}

test("answers are rated, and two models are trained on what was said", { timeout: 6 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: RUN });
    await ready(page);
    const panel = await open(page);
    await panel.getByRole("button", { name: "Deal the cards" }).click();
    await panel.locator("#rate-card").waitFor({ timeout: MINUTES });
    assert.equal(await place(panel), "Card 1 of 24");
    await panel.getByText("There are 20 different cards.").waitFor();

    // Nothing is rated by Next alone, and what was rated can be taken back as it was.
    await panel.getByRole("button", { name: "Next card" }).click({ force: true });
    assert.equal(await place(panel), "Card 1 of 24");
    await panel.locator("#rate-card").focus();
    let hedges = Number(await rate(page, panel, true));
    // A key that is held goes one card back, and does not give that one again.
    await panel.getByRole("button", { name: "One card back" }).focus();
    await page.keyboard.down("Enter");
    await page.keyboard.down("Enter");
    await page.keyboard.up("Enter");
    assert.equal(await place(panel), "Card 1 of 24");
    assert.equal(await panel.locator('[aria-keyshortcuts][aria-pressed="true"]').count(), hedges === 1 ? 1 : 2);
    await page.keyboard.press("Enter");
    for (let card = 2; card <= 12; card++) {
        assert.equal(await page.evaluate(() => document.activeElement.id), "rate-card", "the keyboard stays on the card");
        hedges += Number(await rate(page, panel, true));
    }
    assert.deepEqual(await accessibilityProblems(page, "#rate"), []);

    // A reload loses nothing.
    await page.reload();
    await ready(page);
    const again = await open(page);
    await again.getByText("You gave 12 ratings of 20 cards.").waitFor();
    await again.getByRole("button", { name: "Rate more cards" }).click();
    for (let card = 13; card <= 24; card++) {
        hedges += Number(await rate(page, again, false));
    }
    await again.getByText("You gave 24 ratings of 20 cards.").waitFor();
    const says = await again.textContent();
    assert.match(says, /4 of the 4 cards that came twice got the same thumb/);
    assert.match(says, /You marked 0 of \d+ false statements as wrong/);
    const [, leaked, objected] = says.match(/(\d+) of the (\d+) answers to which you objected only/);
    assert.equal(leaked, objected, "every objection was a thumb down");

    const ratings = await saved(page, again);
    const text = JSON.stringify(ratings);
    assert.equal(ratings.rated.length, 24);
    assert.equal(ratings.rated.filter((rated) => !rated.verdict.good).length, Number(objected));

    await looksWell(page, "rate");

    // The run's rater is the person, as the file says and the page.
    await again.getByRole("button", { name: "Train on my ratings" }).click();
    await status(page).getByText("Finished after 4 updates").waitFor({ timeout: 2 * MINUTES });
    const run = await exported(page);
    const { person } = run.experiment;
    const [blunt, , hedge, , hedgeElsewhere] = person;
    // The deck of a seed is always the same; which of its topics have hedges is the base model's doing.
    assert.ok(blunt < 0 && Math.max(hedge, hedgeElsewhere) > 0, `statements are blamed and hedges praised: ${person}`);
    assert.ok(person[8] > 0, "nobody said that anything was badly put");
    assert.deepEqual(run.experiment.arms, ["scalar", "structured"]);
    await page.getByText("Your own ratings reward the models now").waitFor();
    assert.match(await page.evaluate(() => location.hash), /person=/);

    // Thrown away only when asked twice; had again from the file; and a file of another kind says what it is.
    const panelAgain = page.locator("#rate");
    await panelAgain.getByRole("button", { name: "Begin anew" }).click();
    await panelAgain.getByRole("button", { name: "Yes, throw these ratings away" }).click();
    const choose = panelAgain.locator('input[type="file"]');
    await choose.setInputFiles([
        { name: "run.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(run)) },
        { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("See you tomorrow") },
    ]);
    await panelAgain.getByText("It holds a run or a prediction, and no ratings.").waitFor();
    await panelAgain.getByText("notes.txt").waitFor();
    await choose.setInputFiles([
        { name: "mine.json", mimeType: "application/json", buffer: Buffer.from(text) },
        { name: "mine again.json", mimeType: "application/json", buffer: Buffer.from(text) },
        { name: "hers.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify({ ...JSON.parse(text), id: "hers" })) },
        { name: "cut.json", mimeType: "application/json", buffer: Buffer.from(text.slice(0, -40)) },
    ]);
    // Two sittings, and one of them twice.
    await panelAgain.getByText("You gave 48 ratings of 40 cards.").waitFor();
    await panelAgain.getByText("cut.json").waitFor();

    // A link carries the person.
    await page.goto("about:blank");
    const { page: other } = await openPage(t, { path: `${RUN}&person=${person}` });
    await other.getByText("Your own ratings reward the models now").waitFor();
});

/** Deals twenty cards. */
async function deal(panel) {
    await panel.getByRole("button", { name: "Deal the cards" }).click();
    await panel.locator("#rate-card").waitFor({ timeout: MINUTES });
}

async function saved(page, panel) {
    const [download] = await Promise.all([
        page.waitForEvent("download"),
        panel.getByRole("button", { name: "Save my ratings" }).click(),
    ]);
    return JSON.parse(readFileSync(await download.path(), "utf8"));
}

test("the words at fault are marked by keyboard and pointer, kept, and set beside where training puts the blame", { timeout: 5 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: RUN });
    await ready(page);
    const panel = await open(page);
    await deal(panel);
    await panel.getByText("An answer from the base model’s cards.").waitFor();
    const words = (reason) => panel.getByRole("group", { name: `Which words is it about? “${reason}”` });
    const wrong = words("The fact is wrong");
    assert.equal(await wrong.count(), 0, "no reason, no words");
    await panel.locator("#rate-card").focus();
    await page.keyboard.press("1");
    await wrong.waitFor();
    const pressed = (group) => group.locator('[aria-pressed="true"]').allTextContents();
    assert.deepEqual(await pressed(wrong), ["The whole answer"]);
    const said = (await panel.locator(".rate-answer").textContent()).split(" ");
    assert.equal(await wrong.getByRole("button").count(), said.length + 1, "a button a word, and one for all");

    // One stop of the keyboard, arrow keys from word to word, and no thumb by them.
    const focused = () => page.evaluate(() => document.activeElement.id);
    for (let tabs = 0; (await focused()) !== "rate-word-0-0"; tabs++) {
        assert.ok(tabs < 8, "Tab leads to the words");
        await page.keyboard.press("Tab");
    }
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    assert.equal(await focused(), "rate-word-0-2");
    await page.keyboard.press("Space");
    assert.deepEqual(await pressed(wrong), [said[1]]);
    assert.deepEqual(await pressed(panel.getByRole("group", { name: "Your thumb" })), []);
    await page.keyboard.press("End");
    assert.equal(await focused(), `rate-word-0-${said.length}`);
    await page.keyboard.press("Tab");
    assert.ok(!(await focused()).startsWith("rate-word"), "the next stop is not another word");

    // With the pointer; and a reason that is taken back takes its words along.
    await panel.getByRole("button", { name: "It is badly put" }).click();
    const put = words("It is badly put").getByRole("button");
    await put.nth(1).click();
    await put.nth(2).click();
    await put.nth(1).click();
    assert.deepEqual(await pressed(words("It is badly put")), [said[1]]);
    assert.equal(await focused(), "rate-card", "after the pointer the keys are the card’s");
    await page.keyboard.press("Space");
    assert.deepEqual(await pressed(words("It is badly put")), [said[1]], "and press no word again");
    await put.nth(0).click();
    assert.deepEqual(await pressed(words("It is badly put")), ["The whole answer"]);
    await put.nth(1).click();
    await panel.getByRole("button", { name: "It makes me uncomfortable" }).click();
    await words("It makes me uncomfortable").getByRole("button").nth(1).click();
    await panel.getByRole("button", { name: "It makes me uncomfortable" }).click();
    await panel.getByRole("button", { name: "Bad answer" }).click();
    await looksWell(page, "rate");
    await panel.getByRole("button", { name: "Next card" }).click();
    await panel.getByText("Card 2 of 24").waitFor();

    // Back again, the marks are there as they were.
    await panel.getByRole("button", { name: "One card back" }).click();
    await panel.getByText("Card 1 of 24").waitFor();
    assert.deepEqual(await pressed(wrong), [said[1]]);
    await panel.locator("#rate-card").focus();
    await page.keyboard.press("Enter");
    await panel.getByRole("button", { name: "That is enough" }).click();
    await panel.getByRole("heading", { name: "Which words are at fault" }).waitFor();
    const file = await saved(page, panel);
    const [{ verdict }] = file.rated;
    assert.equal(verdict.words[0].length, 1);
    assert.deepEqual([verdict.words[1], verdict.words[2], verdict.uncomfortable], [[0], [], false]);
    const { reading } = file.cards[0];
    const [wrongRow, putRow] = await panel.locator("table").first().locator("tbody tr").all();
    const cells = async (row) => (await row.locator("td").allTextContents()).map((text) => text.trim());
    const position = reading.asserted?.position ?? Infinity;
    const of = (place) => ["0", ...["before", "value", "after", "elsewhere"].map((kind) => {
        const own = !reading.asserted ? "elsewhere" : place < position ? "before" : place === position ? "value" : "after";
        return own === kind ? "1" : "0";
    })];
    const [place] = verdict.words[0];
    assert.deepEqual(await cells(wrongRow), [...of(place), reading.asserted && place <= position ? "1 of 1" : "0 of 1"]);
    assert.deepEqual(await cells(putRow), [...of(0), !reading.asserted || position > 0 ? "1 of 1" : "0 of 1"]);
    await panel.getByText("Training does not read your marks.").waitFor();
});

test("training waits for its rater, through a reload, and can be let go on", { timeout: 8 * MINUTES }, async (t) => {
    const long = RUN.replace("prompts=10", "prompts=4").replace("finetune.updates=4", "finetune.updates=60").replace("every=2", "every=30").replace("probe_every=4", "probe_every=60");
    const { page, complaints } = await openPage(t, { path: long });
    await ready(page);
    const panel = await open(page);
    await deal(panel);
    await panel.locator("#rate-card").focus();
    for (let card = 1; card <= 3; card++) {
        await rate(page, panel, true);
    }
    await panel.getByRole("button", { name: "That is enough" }).click();
    // What it will cost is said first.
    await panel.getByText("25", { exact: true }).click();
    await panel.getByText("A training of 60 updates waits 2 times, for 12 cards altogether.").waitFor();
    await panel.getByRole("button", { name: "Train, and rate on the way" }).click();
    await panel.getByText("Training goes on to update 25. Then it waits for your ratings.").waitFor();
    const waits = panel.getByText("Training waits for your ratings, after 25 updates.");
    await waits.waitFor({ timeout: 3 * MINUTES });
    await status(page).getByText("Paused at update 25 of 60").waitFor();
    await panel.getByText("Card 1 of 6").waitFor();
    await panel.getByText("An answer from the cards of a model in training, after 25 updates.").waitFor();
    const inBar = await status(page).evaluate((words) => getComputedStyle(words, "::after").content);
    assert.equal(inBar, '" – waiting for your ratings"', "the bar says whom it waits for");
    await looksWell(page, "rate");
    await panel.locator("#rate-card").focus();
    await rate(page, panel, true);
    await rate(page, panel, true);

    // Loaded again in the middle: the run, the cards and the ratings are there, and training still waits.
    await page.reload();
    await status(page).getByText("Paused at update 25 of 60").waitFor({ timeout: 2 * MINUTES });
    const again = await open(page);
    await again.getByText("Card 3 of 6").waitFor();
    await again.locator("#rate-card").focus();
    for (let card = 3; card <= 5; card++) {
        await rate(page, again, true);
    }
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Enter");
    await again.getByText("Training waits for your ratings, after 50 updates.").waitFor({ timeout: 3 * MINUTES });
    await again.getByText("Card 1 of 6").waitFor();
    // Whoever is at the cards goes on by keyboard.
    await page.waitForFunction(() => document.activeElement.id === "rate-card");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await again.getByText("Card 2 of 6").waitFor();

    // Nobody has to rate to the end.
    await again.getByRole("button", { name: "Stop rating, and train to the end" }).click();
    await status(page).getByText("Finished after 60 updates").waitFor({ timeout: 3 * MINUTES });
    await again.getByText("You gave 10 ratings of 32 cards.").waitFor();
    const { experiment, changes } = await exported(page);
    assert.deepEqual(changes.map((change) => change.after), [25, 50]);
    assert.ok(changes.every((change) => change.person.length === 16));
    assert.notDeepEqual(changes[0].person, experiment.person, "the ratings on the way have taught something");
    const file = await saved(page, again);
    assert.equal(file.rated.length, 10);
    const cards = file.cards.slice(20);
    assert.deepEqual(cards.map((card) => card.trained.updates), [25, 50].flatMap((update) => Array(6).fill(update)));
    assert.equal(new Set(cards.slice(0, 6).map((card) => card.trained.arm)).size, 2, "both models have their turn");

    // After the run the cards can be those of any of its models.
    await again.getByRole("button", { name: "Begin anew" }).click();
    await again.getByRole("button", { name: "Yes, throw these ratings away" }).click();
    await again.getByRole("group", { name: "Whose answers?" }).getByText("Structured").click();
    await deal(again);
    await again.getByText("An answer from the cards of a model in training, after 60 updates.").waitFor();
    await again.getByText("Card 1 of 24").waitFor();
    assert.deepEqual(complaints, []);
});

test("who presses Train in the bar is not waited for any longer", { timeout: 5 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: RUN.replace("prompts=10", "prompts=4").replace("finetune.updates=4", "finetune.updates=30").replace("every=2", "every=30").replace("probe_every=4", "probe_every=30") });
    await ready(page);
    const panel = await open(page);
    await deal(panel);
    await panel.locator("#rate-card").focus();
    await rate(page, panel, true);
    await panel.getByRole("button", { name: "That is enough" }).click();
    await panel.getByText("25", { exact: true }).click();
    await panel.getByText("waits 1 time, for 6 cards").waitFor();
    await panel.getByRole("button", { name: "Train, and rate on the way" }).click();
    await panel.getByText("Card 1 of 6").waitFor({ timeout: 3 * MINUTES });
    await train(page).click();
    await status(page).getByText("Finished after 30 updates").waitFor({ timeout: MINUTES });
    await panel.getByRole("heading", { name: "What your ratings say" }).waitFor();
    assert.deepEqual((await exported(page)).changes, [], "what was not rated to the end changes nothing");
});

test("a class's ratings are put together, and train a model", { timeout: 6 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: RUN });
    await ready(page);
    const panel = await open(page);
    await deal(panel);
    await panel.locator("#rate-card").focus();
    for (let card = 1; card <= 8; card++) {
        await rate(page, panel, true);
    }
    await panel.getByRole("button", { name: "That is enough" }).click();
    const own = await saved(page, panel);
    // Thirty people who see the same cards; each third one likes what the others do not. One saved early, too.
    const person = (number) => {
        const rated = own.rated.map(({ card, verdict }) => ({ card, verdict: { ...verdict, good: verdict.good !== (number % 3 === 0) } }));
        return { ...own, id: `person ${number}`, rated };
    };
    const files = Array.from({ length: 30 }, (_, number) => [`anna-${number}.json`, person(number)]);
    files.push(["early.json", { ...person(4), rated: person(4).rated.slice(0, 2) }]);
    files.push(["none.json", { ...person(40), rated: [] }]);
    await page.getByRole("link", { name: "For a class" }).click();
    const card = page.locator("#class");
    await card.locator(".drop input").setInputFiles(files.map(([name, content]) => {
        return { name, mimeType: "application/json", buffer: Buffer.from(JSON.stringify(content)) };
    }));
    await card.getByText("30 people’s ratings.").waitFor({ timeout: MINUTES });
    await card.getByRole("heading", { name: "What the ratings say" }).waitFor();
    const table = card.locator("table", { hasText: "All together" });
    assert.equal(await table.locator("tbody tr").count(), 30 + 3);
    assert.match(await table.locator("tbody tr").first().textContent(), /\d\.\d\d \(\d\.\d\d to \d\.\d\d\)/);
    // 20 say one thing of each card and 10 the other: far less agreement than between the 20 alone.
    const [, cards, alpha] = (await card.textContent()).match(/(\d+) cards were rated by two people or more.*?thumb (−?[\d.]+)/);
    assert.ok(Number(cards) === 8 && Number(alpha.replace("−", "-")) < 0.3, alpha);
    const reasons = (await card.locator(".left-out td").allTextContents()).join(" ");
    assert.match(reasons, /The same as anna-\d+\.json\./);
    assert.match(reasons, /None of its cards was rated/);
    // But for the files that are left out: a number would not find them.
    const leftOut = await card.locator(".left-out tbody").textContent();
    assert.ok(!(await card.textContent()).replace(leftOut, "").includes("anna"), "names are hidden");
    const [download] = await Promise.all([
        page.waitForEvent("download"),
        card.getByRole("button", { name: "CSV, comma and point" }).click(),
    ]);
    const csv = readFileSync(await download.path(), "utf8");
    assert.equal(csv.match(/,rated,/g).length, 90);
    assert.match(csv, /,pooled,,,,rater\.discomfort_value,,[\d.]+,30,,\r\n/);
    assert.ok(!csv.includes("anna"));
    await looksWell(page, "class");
    await card.getByRole("button", { name: "Train on the class’s ratings" }).click();
    await status(page).getByText("Finished after 4 updates").waitFor({ timeout: 2 * MINUTES });
    assert.equal((await exported(page)).experiment.person.length, 16);
});
