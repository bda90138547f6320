import { openPage, screenshot } from "/work/main/tests/browser/harness.mjs";
const t = { after() {} };
const { page, complaints } = await openPage(t, { gpu: true });
const say = (m) => console.log(((Date.now()-t0)/1000).toFixed(1), m);
const t0 = Date.now();
page.on("console", (m) => say("console: " + m.text().slice(0,300)));
page.on("worker", (w) => { say("worker " + w.url()); });
for (let i = 0; i < 6; i++) { await page.waitForTimeout(3000); say(await page.locator(".status-words").textContent()); if (/Ready/.test(await page.locator(".status-words").textContent())) break; }
await page.getByRole("button", { name: /CPU|WebGPU|engine/i }).first().click();
say("opened");
await page.locator("#engine-details").getByText("WebGPU", { exact: true }).last().click();
for (let i = 0; i < 40; i++) { await page.waitForTimeout(4000); const s = await page.locator(".status-words").textContent(); say(s + " | " + (await page.locator("#engine-details").innerText()).slice(0,600).replace(/\n/g," / ")); if (/Ready/.test(s)) break; }
await screenshot(page, "gpu-debug", {});
console.log(complaints);
process.exit(0);
