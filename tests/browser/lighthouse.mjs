// What Lighthouse says of a release, on a phone and on a desktop. Not in the suite: half of its marks are times, and a busy
// machine gives other ones than an idle one. It is fetched for the occasion, because nothing else needs its 200 packages.
//
//     cargo xtask release && node tests/browser/lighthouse.mjs

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { SITE, packedHost } from "./release.mjs";

const LIGHTHOUSE = "lighthouse@13.5.0";
const LEAST = 0.95;
const FIRST = ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift", "total-byte-weight"];

const { address, close } = await packedHost(SITE);

const folder = mkdtempSync(join(tmpdir(), "hedgerow-lighthouse-"));
let low = 0;
for (const device of ["mobile", "desktop"]) {
    const file = join(folder, `${device}.json`);
    const preset = device === "desktop" ? ["--preset=desktop"] : [];
    const flags = ["--chrome-flags=--headless=new --no-sandbox", "--output=json", `--output-path=${file}`, "--quiet"];
    await promisify(execFile)("npx", ["--yes", LIGHTHOUSE, address, ...preset, ...flags]);
    const { categories, audits } = JSON.parse(readFileSync(file, "utf8"));
    for (const { title, score, auditRefs } of Object.values(categories)) {
        console.log(`${device}: ${title} ${Math.round(score * 100)}`);
        low += score < LEAST;
        for (const { id, weight } of auditRefs) {
            const { score, title, displayValue = "" } = audits[id];
            if (weight > 0 && score !== null && score < 0.9) console.log(`    ${title} ${displayValue}`);
        }
    }
    console.log(`    ${FIRST.map((id) => `${id} ${audits[id].displayValue}`).join(", ")}`);
}
close();
process.exitCode = low > 0 ? 1 : 0;
