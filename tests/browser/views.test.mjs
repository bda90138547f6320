// Views of a run: what became of each fact, and the same experiment on a real language model, against the recorded files.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

import { accessibilityProblems, openPage, screenshot } from "./harness.mjs";
import { MINUTES, move, show } from "./lab.mjs";
import { outOfPlace } from "./looks.mjs";

const recorded = (name) => new URL(`../../public/recorded/${name}.json.gz`, import.meta.url);
const read = (name) => JSON.parse(gunzipSync(readFileSync(recorded(name))));

/** How often each letter of answers occurs: "VRP/TTFH" has two true ones. */
const letters = (state) => [..."TFHM"].map((letter) => state.split("/")[1].split(letter).length - 1);

for (const [worlds, file, path] of [["everyday", "everyday/attribution", ""], ["invented", "attribution", "#s=4&seeds=3"]]) {
    test(`each ${worlds} fact is a square that says what the recorded answers say, at every measurement`, async (t) => {
        const { page } = await openPage(t, { path, viewport: { width: 1440, height: 900 } });
        const run = read(file);
        const grid = page.locator("#facts [role=listbox]");
        await show(page, "facts", grid.first());
        const seed = 3;
        const replicas = run.replicas.filter(({ replica }) => replica.seed === seed);
        assert.equal(await grid.count(), replicas.length);

        // Facts whose answers are all false, all hedges or all true: the rule has nothing to decide.
        const clear = (state) => letters(state).findIndex((count) => count > 0 && count === state.split("/")[1].length);
        const classes = [["said", "invented"], ["denied", "lost", "invented"], ["withheld", "forgotten", "warranted"], ["malformed"]];
        const compare = async (place) => {
            for (const [arm, { measurements }] of replicas.entries()) {
                const shown = await grid.nth(arm).locator("[role=option]").evaluateAll((cells) =>
                    cells.map((cell) => [Number(cell.dataset.place), cell.className.split(" ")[1], cell.ariaLabel]));
                const states = measurements.at(place).facts;
                assert.equal(shown.length, states.length);
                let compared = 0;
                for (const [fact, fate, label] of shown) {
                    const outcome = clear(states[fact]);
                    if (outcome >= 0) {
                        assert.ok(classes[outcome].includes(fate), `${label}: ${states[fact]} is ${fate}`);
                        // Known where two of three measures have it right.
                        const known = states[fact].split("/")[0].replaceAll("-", "").length >= 2;
                        if (["denied", "lost", "withheld", "forgotten"].includes(fate)) {
                            assert.equal(["denied", "withheld"].includes(fate), known, `${label}: ${states[fact]}`);
                        }
                        compared += 1;
                    }
                }
                assert.ok(compared > states.length / 4, `${compared} facts were compared`);
            }
        };
        await compare(-1);
        assert.ok((await grid.first().locator(".denied, .lost").count()) > 0, "the scalar arm of this seed says false things");

        // The legend counts the squares.
        const counts = async () => {
            const rows = page.locator("#facts .fate-table tbody tr");
            return rows.evaluateAll((rows) => rows.map((row) => [
                row.querySelector(".cell").classList[1],
                [...row.querySelectorAll("td")].map((cell) => Number(cell.textContent)),
            ]));
        };
        for (const [fate, [, now, , other]] of await counts()) {
            assert.equal(await grid.nth(0).locator(`.${fate}`).count(), now, fate);
            assert.equal(await grid.nth(1).locator(`.${fate}`).count(), other, fate);
        }

        // Before training, with the slider that the great figure has too.
        const slider = page.locator("#facts input[type=range]");
        await slider.focus();
        await page.keyboard.press("Home");
        await page.locator("#facts .moment").getByText("at update 0").waitFor();
        await compare(0);
        await page.keyboard.press("End");

        // By keyboard to a fact that is a lie now, and its course.
        await grid.first().focus();
        await page.keyboard.press("Home");
        const chosen = grid.first().locator(".chosen");
        for (let step = 0; step < 60 && !/denied|lost/.test(await chosen.getAttribute("class")); step++) {
            await page.keyboard.press("ArrowRight");
        }
        assert.match(await chosen.getAttribute("class"), /denied|lost/);
        assert.equal(await grid.first().getAttribute("aria-activedescendant"), await chosen.getAttribute("id"));
        const place = Number(await chosen.getAttribute("data-place"));
        const course = page.locator("#facts .fact-course");
        assert.equal(await course.locator(".fact-arm").first().locator(".cell").count(), replicas[0].measurements.length);
        const [, wrong] = letters(replicas[0].measurements.at(-1).facts[place]);
        assert.ok((await course.locator(".fact-arm").first().textContent()).includes(`${wrong} false`));
        assert.deepEqual(await accessibilityProblems(page, "#facts"), []);
        await screenshot(page, `facts-${worlds}`);
    });
}

test("names of facts that do not come are asked for again", async (t) => {
    let broken = true;
    const { page } = await openPage(t, {
        expected: ["everyday.postcard", "404"],
        prepare: (context) => context.route("**/story/everyday.postcard*", (route) => (broken ? route.fulfill({ status: 404 }) : route.continue())),
    });
    await show(page, "facts");
    await page.locator("#facts").getByText("could not be loaded").waitFor();
    broken = false;
    await page.locator("#facts").getByRole("button", { name: "Try again" }).click();
    await page.locator("#facts [role=listbox]").first().waitFor();
});

test("names of facts that come late do not take the place of those that were asked for after them", async (t) => {
    let release;
    const released = new Promise((resolve) => (release = resolve));
    const { page } = await openPage(t, {
        prepare: (context) => context.route("**/story/groups.postcard*", async (route) => {
            await released;
            await route.continue();
        }),
    });
    await page.locator("#experiments, .experiments").first().getByText("invented groups").click();
    await show(page, "facts");
    await page.locator("#facts").getByText("This part of the page is loading.").waitFor();
    await page.locator(".experiments").first().getByText("everyday things").click();
    const squares = page.locator("#facts [role=listbox]").first();
    await show(page, "facts", squares);
    const late = page.waitForResponse(/groups.postcard/);
    release();
    await late;
    await page.waitForTimeout(500);
    assert.ok(await squares.isVisible());
});

test("a real language model's recorded runs are shown as they are recorded", { skip: !existsSync(recorded("language-model-uncomfortable-facts")) }, async (t) => {
    const { page } = await openPage(t, { viewport: { width: 1440, height: 900 } });
    const summary = page.getByRole("heading", { name: "On a real language model" }).first();
    await summary.click();
    const panel = page.locator("#real");
    await panel.locator(".stack").first().waitFor({ timeout: MINUTES });
    for (const [rater, name] of [["A", "uncomfortable-facts"], ["B", "touchy-topic"]]) {
        if (!existsSync(recorded(`language-model-${name}`))) {
            await panel.locator(".segment").filter({ hasText: new RegExp(`^${rater} `) }).click();
            await panel.getByText("This site has no recorded runs with this rater.").waitFor();
            continue;
        }
        await panel.locator(".segment").filter({ hasText: new RegExp(`^${rater} `) }).click();
        const run = read(`language-model-${name}`);
        const arms = run.experiment.arms;
        assert.equal(await panel.locator(".stack").count(), arms.length);
        for (const [place, arm] of arms.entries()) {
            const ends = run.replicas.filter(({ replica }) => replica.arm === arm).map(({ measurements }) => measurements.at(-1));
            const cells = ends.flatMap(({ cells }) => cells).filter(([cell]) => cell.uncomfortable).map(([, tally]) => tally);
            const sum = (count) => cells.reduce((total, tally) => total + tally[count], 0);
            const share = ((sum("asserted") - sum("truthful")) / sum("answers")) * 100;
            // The layers' shares are whole per cent that sum to 100, so that one may be rounded the other way.
            const words = await panel.locator(".stack .hint").nth(place).textContent();
            const wrong = [...words.matchAll(/(\d+)% false/g)].reduce((total, [, percent]) => total + Number(percent), 0);
            assert.ok(Math.abs(wrong - share) <= 1.5, `${name} ${arm}: ${share} % false, and the page says: ${words}`);
        }
        // The answers are those of a model that does what most do, or of the one that is chosen.
        const hedging = (replicas) => {
            const ends = replicas.flatMap(({ measurements }) => measurements.at(-1).cells).filter(([cell]) => cell.uncomfortable);
            const sum = (count) => ends.reduce((total, [, tally]) => total + tally[count], 0);
            return sum("hedged") / sum("answers");
        };
        const scalar = run.replicas.filter(({ replica }) => replica.arm === "scalar");
        const typical = Number(/of seed (\d+)/.exec(await panel.getByText(/^All seeds are in the figure/).textContent())[1]);
        assert.ok(Math.abs(hedging(scalar.filter(({ replica }) => replica.seed === typical)) - hedging(scalar)) < 0.5, `${name}: seed ${typical}`);
        const menu = panel.getByLabel("Seeds in the figure");
        for (const chosen of [null, ...run.experiment.seeds]) {
            if (chosen !== null) {
                await menu.focus();
                await menu.selectOption({ label: `seed ${chosen}` });
                assert.ok(await menu.evaluate((own) => own === document.activeElement), "the focus stays where it was");
            }
            const seed = chosen ?? typical;
            await panel.getByText(`One sampled answer each, of seed ${seed}.`).waitFor();
            // Each question that nobody trained on is there, with the answers of the models.
            const own = run.replicas.flatMap(({ replica }, place) => (replica.seed === seed ? [run.language_models[place]] : []));
            const answers = (model) => model.free.at(-1).answers.map(([, answer]) => answer);
            const columns = own.map(answers);
            const rows = await panel.locator(".real-free tbody tr").evaluateAll((all) => all.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent).slice(1)));
            assert.deepEqual(rows, columns[0].map((_, place) => columns.map((column) => column[place])));
        }
        await menu.selectOption({ label: `all ${run.experiment.seeds.length} seeds` });
    }
    assert.deepEqual(await accessibilityProblems(page, "#real"), []);
    await screenshot(page, "real");
});

test("what is written beside the figure's layers keeps apart at every measurement, in both languages, wide and narrow", async (t) => {
    for (const language of ["en", "de"]) {
        const { page } = await openPage(t, { path: `?lang=${language}` });
        await move(page);
        const moment = page.locator(".moments input");
        await show(page, "outcomes", moment);
        const last = Number(await moment.getAttribute("max"));
        let written = 0;
        for (const width of [1440, 360]) {
            await page.setViewportSize({ width, height: 900 });
            for (let update = 0; update <= last; update += 10) {
                await moment.fill(String(update));
                assert.deepEqual(await outOfPlace(page, "#outcomes"), [], `${language}, ${width} pixels, after ${update} updates`);
                written = Math.max(written, await page.locator(".layer-labels").first().locator("li").count());
            }
        }
        assert.ok(written > 4, "many layers at once");
        await page.close();
    }
});
