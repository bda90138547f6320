// Looks into the models of a live run on the CPU engine: what they represent, and one update in slow motion.

import assert from "node:assert/strict";
import { test } from "node:test";

import { accessibilityProblems, openPage, screenshot } from "./harness.mjs";
import { MINUTES, ready, show, status, train } from "./lab.mjs";

/** Signed numbers as the page writes them. */
const numbers = (text) => [...text.replaceAll("−", "-").matchAll(/(?<![\d.])-?\d+(\.\d+)?/g)].map(([number]) => Number(number));

/** The pictures: of each arm the update, the sentence with its numbers, and its marks. */
const pictures = (page) =>
    page.locator("#states .states-arm").evaluateAll((arms) =>
        arms.map((arm) => ({
            update: Number(/\d+/.exec(arm.querySelector(".when").textContent)[0]),
            counted: arm.querySelector(".states-counted").textContent,
            regions: arm.querySelectorAll(".region").length,
            marks: [...arm.querySelectorAll(".mark")].map((mark) => ({
                kind: /kind-(\d)/.exec(mark.getAttribute("class"))[1],
                differs: mark.classList.contains("differs"),
                at: [.../translate\(([\d.]+)px, ([\d.]+)px\)/.exec(mark.getAttribute("style")).slice(1)].map(Number),
            })),
        })),
    );

/** How many marks are nearest to the middle of the other marks of their kind. */
function inTheirRegions(marks) {
    const middle = (own) => [0, 1].map((axis) => own.reduce((sum, { at }) => sum + at[axis], 0) / own.length);
    const kinds = [...new Set(marks.map(({ kind }) => kind))];
    const nearest = (mark) => {
        const far = (kind) => {
            const [x, y] = middle(marks.filter((other) => other.kind === kind && other !== mark));
            return Math.hypot(x - mark.at[0], y - mark.at[1]);
        };
        return kinds.toSorted((one, other) => far(one) - far(other))[0];
    };
    return marks.filter((mark) => nearest(mark) === mark.kind).length;
}

test("the picture of the states says what the states of the base model come to, and follows the run while it is seen", async (t) => {
    const { page } = await openPage(t, { path: "#seeds=3&finetune.updates=20", viewport: { width: 1440, height: 900 } });
    await ready(page);
    await show(page, "facts");
    await show(page, "states", page.locator("#states .mark").first());

    // Seed 3, after the second of three blocks: computed from the states that the command line's engine gives, with the
    // singular value decomposition of numpy in place of the page's rotations.
    const expected = (named, of, all) => [named, of, Math.round((100 * named) / of), 8, all];
    const counted = ({ counted }) => numbers(/[^.]*\.(.*)/s.exec(counted)[1]).slice(0, 5);
    const before = await pictures(page);
    assert.equal(before.length, 2);
    for (const arm of before) {
        assert.match(arm.counted, /^The picture shows 35% of the differences between the states, which have 64 numbers each\./);
        assert.deepEqual(counted(arm), expected(170, 192, 192));
        assert.match(arm.counted, /the true value of 192 \(100%\)/);
        assert.deepEqual([arm.update, arm.regions, arm.marks.length], [0, 8, 192]);
        // What is drawn is what is counted, up to a tenth of a pixel.
        assert.ok(Math.abs(inTheirRegions(arm.marks) - 170) <= 2, `${inTheirRegions(arm.marks)} marks lie in their regions`);
        assert.ok(arm.marks.every(({ differs }) => !differs));
    }
    const rows = await page.locator("#states tbody tr").evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll("td")].map((cell) => Number(cell.textContent))));
    const sums = rows.reduce((sums, row) => sums.map((sum, place) => sum + row[place]), [0, 0, 0, 0, 0]);
    assert.deepEqual(sums, [192, 170, 192, 170, 192]);

    // Another place to look, and other facts.
    const first = page.locator("#states .states-counted").first();
    await page.getByLabel("Where to look").selectOption({ label: "after block 3" });
    await first.getByText("186").waitFor({ timeout: MINUTES });
    assert.deepEqual(counted((await pictures(page))[0]), expected(186, 192, 192));
    await page.getByLabel("Where to look").selectOption({ label: "after block 2" });
    await page.locator("#states .segment").getByText("uncomfortable", { exact: true }).click();
    await first.getByText("27").waitFor({ timeout: MINUTES });
    assert.deepEqual(counted((await pictures(page))[1]), expected(27, 36, 36));
    await page.locator("#states .segment").getByText("all", { exact: true }).click();

    // Out of sight nobody looks; back in sight the picture is that of the models as they are.
    await page.evaluate(() => scrollTo(0, 0));
    await train(page).evaluate((button) => button.click());
    await status(page).getByText("Finished").waitFor({ timeout: 5 * MINUTES });
    assert.deepEqual((await pictures(page)).map(({ update }) => update), [0, 0]);
    await show(page, "states", page.locator("#states .when").first().getByText("update 20"));
    await page.locator("#states .when").nth(1).getByText("update 20").waitFor();
    const after = await pictures(page);
    const places = ({ marks }) => JSON.stringify(marks.map(({ at }) => at));
    assert.notEqual(places(after[0]), places(before[0]));
    assert.notEqual(places(after[0]), places(after[1]), "two arms have learned two things");

    // One fact by keyboard: where it was, where it is, and what would be said.
    const follow = page.getByLabel("Follow one fact");
    await follow.focus();
    await page.keyboard.press("ArrowDown");
    await page.locator("#states .way").first().waitFor({ state: "attached" });
    assert.equal(await page.locator("#states .mark.chosen").count(), 2);
    assert.match(await page.locator("#states .states-arm .hint").first().textContent(), /The truth is \w+\. The state lies in the region of/);
    assert.deepEqual(await accessibilityProblems(page, "#states"), []);
    await screenshot(page, "states");

    // While it is seen it moves with the run.
    await page.getByRole("button", { name: "Reset" }).click();
    await show(page, "states", page.locator("#states .when").first().getByText("update 0"));
    await train(page).evaluate((button) => button.click());
    await page.locator("#states .when").first().getByText(/update (10|20)/).waitFor({ timeout: 5 * MINUTES });
});

test("slow motion adds up: rating, reward, mean, credit, and the words' probabilities", async (t) => {
    const { page } = await openPage(t, { viewport: { width: 1440, height: 900 } });
    await ready(page);
    await show(page, "credit", page.locator("#credit .slow button"));
    await page.locator("#credit").getByRole("button", { name: "Show one update in slow motion" }).click();
    await status(page).getByText("Paused at update 1").waitFor({ timeout: MINUTES });
    const columns = page.locator("#credit .credit-column");
    await columns.nth(1).waitFor();

    const frame = page.locator('#credit input[name="slow-frame"]');
    const rows = () =>
        columns.evaluateAll((columns) =>
            columns.map((column) =>
                [...column.querySelectorAll("li.credited")].map((row) => ({
                    words: [...row.querySelectorAll(".word > span")].map((word) => word.textContent),
                    below: [...row.querySelectorAll(".word > small")].map((small) => small.textContent),
                    rating: [...row.querySelectorAll(".rating > *")].map((part) => part.textContent),
                }))));
    const turnTo = async (number) => {
        await frame.nth(number - 2).focus();
        await page.keyboard.press("ArrowRight");
        await page.locator(`#credit .slow-answers.${["sample", "rate", "reward", "compare", "learn"][number - 1]}`).nth(1).waitFor();
        return rows();
    };

    const sampled = await rows();
    assert.equal(sampled[0].length, sampled[1].length);
    assert.deepEqual(sampled[0].map(({ words }) => words), sampled[1].map(({ words }) => words), "one base model and one noise");
    assert.ok(sampled[0].length >= 4);

    const rated = await turnTo(2);
    const scalars = rated[0].map(({ rating }) => {
        const [framing, content, discomfort, scalar] = rating.map((part) => numbers(part.replaceAll("+", "")).at(-1));
        assert.ok(Math.abs(framing + content - discomfort - scalar) < 0.021, rating.join(", "));
        return scalar;
    });

    const rewarded = await turnTo(3);
    for (const [place, { below }] of rewarded[0].entries()) {
        const rewards = below.map((small) => numbers(small.replaceAll("+", ""))[0]);
        assert.ok(rewards.every((reward) => reward === scalars[place]), `${below} for a scalar of ${scalars[place]}`);
    }
    // With reasons, the words after a value are nobody's.
    assert.ok(rewarded[1].some(({ below }) => new Set(below).size > 1));

    const compared = await turnTo(4);
    for (const arm of compared) {
        const kinds = new Map();
        for (const { rating, below } of arm) {
            assert.ok(rating.length > 0);
            for (const span of rating) {
                const [kind, sum] = span.split(":");
                const [reward, mean, credit] = sum.split(/ − | = /).map((part) => numbers(part)[0]);
                assert.ok(Math.abs(reward - mean - credit) < 0.0021, span);
                // Whole answers and what comes before a value are compared with one another.
                const pool = kind === "the value" ? "content" : "opening";
                kinds.set(pool, [...(kinds.get(pool) ?? []), { reward, mean }]);
                if (pool === "opening") {
                    assert.ok(Math.abs(numbers(below[0].replaceAll("+", ""))[0] - credit) < 0.011, `${below[0]} below the first word, ${span}`);
                }
            }
        }
        for (const spans of kinds.values()) {
            const mean = spans.reduce((sum, { reward }) => sum + reward, 0) / spans.length;
            assert.ok(spans.every((span) => Math.abs(span.mean - mean) < 0.0021), `the mean of ${JSON.stringify(spans)}`);
        }
    }

    const learned = await turnTo(5);
    const moved = learned.flat().flatMap(({ below }) => below).filter((small) => new Set(small.split(" → ")).size > 1);
    assert.ok(moved.length > 0, "some word's probability has moved");
    for (const { below } of learned.flat()) {
        assert.ok(below.every((small) => numbers(small).every((percent) => percent >= 0 && percent <= 100)));
    }
    assert.deepEqual(await accessibilityProblems(page, "#credit"), []);
    await screenshot(page, "slow-motion");

    // It follows the run: the next update, its own answers.
    await page.getByRole("button", { name: "Step" }).evaluate((button) => button.click());
    await columns.nth(1).getByText("update 2").waitFor({ timeout: MINUTES });
    await page.locator("#credit").getByRole("button", { name: "Leave slow motion" }).click();
    await page.locator("#credit .slow-answers").first().waitFor({ state: "detached" });
    assert.equal(await columns.count(), 2);
});

test("gone, or only not said: the base model has everything, the steps alone bring less, and the run goes on as it was", { timeout: 5 * MINUTES }, async (t) => {
    const { page } = await openPage(t, { path: "#seeds=3&finetune.updates=4", viewport: { width: 1440, height: 900 } });
    await ready(page);
    await show(page, "facts");
    const test = page.getByRole("button", { name: "Test the models" });
    await show(page, "hidden", test);
    await test.click();
    const tables = page.locator("#hidden table");
    await tables.nth(1).waitFor({ timeout: 2 * MINUTES });
    const rows = await tables.first().locator("tbody tr").evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll("th, .bin-count")].map((cell) => parseFloat(cell.textContent))));
    assert.deepEqual(rows.map(([steps]) => steps), [0, 5, 10, 20, 40]);
    // Before any update the model is the base model, which knows its facts; nobody ever taught it the other names.
    for (const [, own, , base] of rows) {
        assert.equal(own, base);
    }
    assert.ok(rows[0][1] > 90 && rows[0][2] < 30, `${rows[0]}`);
    const [, own, madeUp] = rows.at(-1);
    const said = await page.locator("#hidden .hidden-arm p").first().textContent();
    assert.ok(Math.abs(numbers(said)[0] - (own - madeUp)) <= 1, `${said}: ${own} less ${madeUp}`);
    assert.deepEqual(await accessibilityProblems(page, "#hidden"), []);
    await screenshot(page, "hidden");

    await train(page).evaluate((button) => button.click());
    await status(page).getByText("Finished").waitFor({ timeout: 2 * MINUTES });
    await page.getByRole("button", { name: "Test them again" }).click();
    await page.locator("#hidden .when").filter({ hasText: "4" }).nth(1).waitFor({ timeout: 2 * MINUTES });
});
