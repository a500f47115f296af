// SPDX-License-Identifier: Apache-2.0
// Alignments in a real browser against a real daemon and its simulated deck: seen step by step, from more than one
// browser, by converters and by hand.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, motion, new_page, open_live } from "./browser.mjs";
import { Daemon } from "./daemon.mjs";
import { looks_right } from "./looks.mjs";

const WITHIN = { timeout: 180_000 }; // an alignment takes a minute of deck time, on a machine that has more to do
let daemon, browser, page, methods;
const problems = [];

/** A page whose console must stay free of errors. */
async function a_page() {
  const opened = await new_page(browser, problems);
  opened.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  return opened;
}
/** Remembers every title and every words of a track that are shown from now on. */
const watch_steps = (shown) =>
  shown.evaluate(() => {
    globalThis.titles = [];
    globalThis.readings = new Set();
    const look = () => {
      const title = document.querySelector("#align-title")?.textContent;
      if (title && title !== globalThis.titles.at(-1)) {
        globalThis.titles.push(title);
      }
      document.querySelectorAll(".track-reading").forEach((each) => /\d/.test(each.textContent) && globalThis.readings.add(each.textContent));
    };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
    look();
  });
async function choose(shown, procedure, way) {
  await shown.click("#view-align");
  await shown.waitForSelector(`.procedure input[value=${procedure}]`);
  await shown.click(`.procedure input[value=${procedure}]`);
  await shown.click(way);
}
const records = async () => JSON.parse(await daemon.command("alignments", "--json")).alignments;

before(async () => {
  [daemon, browser] = await Promise.all([Daemon.start("--time-scale", "4"), launch()]);
  page = await a_page();
  await open_live(page, daemon.pairing_address);
  await motion(page, "STOPPED");
  methods = await page.evaluate(async () => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "schema" });
    return await (await fetch("/api/v1/rpc", { method: "POST", headers: { "Content-Type": "application/json" }, body })).text();
  });
});
/** A test of what a daemon may not have; it says so when it is left out. */
const test_with = (method, name, run) => test(name, (context) => (methods.includes(`"${method}"`) ? run() : context.skip(`this daemon has no method ${method}`)));
after(async () => {
  await browser?.close();
  await daemon?.end();
});

test("a part of the panel that can't be fetched says so in words, STOP is there, and loading anew helps", async () => {
  const cut_off = await new_page(browser, []); // the browser itself reports what is taken away from it here
  await open_live(cut_off, `${daemon.address}/#token=${await daemon.new_token()}`);
  await cut_off.route("**/assets/align_view-*.js", (route) => route.abort());
  await cut_off.click("#view-align");
  await cut_off.waitForSelector("#not-fetched");
  assert.match(await cut_off.textContent("#not-fetched"), /could not be fetched from the machine/);
  await cut_off.dispatchEvent("#stop", "pointerdown", { button: 0, bubbles: true });
  await cut_off.waitForSelector("#stop.stop-confirmed");
  await cut_off.unroute("**/assets/align_view-*.js");
  await cut_off.click("#not-fetched button");
  await cut_off.waitForSelector(".align-start");
  assert.equal(new URL(cut_off.url()).hash, "#align");
  await cut_off.context().close();
});

test_with("align", "what can be begun is listed, and looks right on a phone and on a desk", async () => {
  await page.click("#view-align");
  await page.waitForSelector(".procedure");
  const names = await page.evaluate(() => [...document.querySelectorAll(".procedure input")].map((each) => each.value));
  assert.ok(names.includes("record") && names.includes("quick"), names.join(" "));
  await looks_right(page, "what can be begun");
});

test_with("align", "an automatic record alignment is seen step by step to its verdict; a reload and a second browser show it at once", async () => {
  await choose(page, "record", "#align-automatic");
  await page.click("#align-begin");
  await page.waitForSelector(".align-step");
  await watch_steps(page);
  await page.waitForFunction(() => globalThis.readings.size >= 3, undefined, WITHIN);
  const seen_before = await page.evaluate(() => globalThis.titles);

  await page.reload();
  await page.waitForSelector(".align-step .track-card", WITHIN);
  await watch_steps(page);
  const second = await a_page();
  await second.goto(`${daemon.address}/#token=${await daemon.new_token()}`);
  await second.waitForSelector(".align-step .track-card", WITHIN); // it has chosen nothing: it is shown what runs
  await looks_right(second, "a step by converters");
  assert.equal(await second.locator("#align-accept").count(), 0);
  await second.context().close();

  await page.waitForSelector("#align-end", WITHIN);
  await page.waitForSelector("#align-end .values", WITHIN);
  const titles = new Set([...seen_before, ...(await page.evaluate(() => globalThis.titles))].map((title) => title.toLowerCase()));
  for (const step of [/bias/, /level/]) {
    assert.ok([...titles].some((title) => step.test(title)), [...titles].join(", "));
  }
  assert.equal(await page.textContent("#align-verdict"), "PASS", await page.textContent(".verdict-reason"));
  const [newest] = await records();
  assert.equal(newest.verdict, "pass");
  assert.match(await page.textContent("#align-end"), new RegExp(newest.uuid));
  const rows = await page.locator("#align-end .values tbody tr").allTextContents();
  assert.ok(rows.length >= 4, rows.join("\n"));
  assert.ok(rows.every((row) => !/outside/.test(row)), rows.join("\n"));
  assert.ok(rows.some((row) => /record bias.*left.*within/.test(row)), rows.join("\n"));
  await looks_right(page, "a verdict");
});

test_with("align", "the record is downloaded as the machine has it, and stands among the earlier ones", async () => {
  const [newest] = await records();
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#align-end .end-keys button")]);
  assert.equal(download.suggestedFilename(), `alignment-${newest.uuid}.json`);
  const chunks = [];
  for await (const chunk of await download.createReadStream()) {
    chunks.push(chunk);
  }
  const saved = JSON.parse(Buffer.concat(chunks).toString());
  assert.equal(saved.uuid, newest.uuid);
  assert.equal(saved.steps.length, newest.steps);
  await page.waitForSelector("#align-earlier tbody tr");
  await page.locator("#align-earlier tbody input").first().click();
  await page.waitForSelector(".earlier > .table-box + .table-box");
});

test_with("align", "guided: the reading and what to do, ACCEPT goes on to the next step, ABORT asks and ends it", async () => {
  await page.click("#align-another");
  await choose(page, "record", "#align-guided");
  await page.fill("#align-operator", "M.K.");
  await page.click("#align-begin");
  await page.waitForSelector(".align-step .track-card", WITHIN);
  await page.waitForFunction(() => [...document.querySelectorAll(".track-card:not(.unread) .track-reading")].some((each) => /\d/.test(each.textContent)), undefined, WITHIN);
  await looks_right(page, "a step by hand");
  assert.ok((await page.textContent("#align-instruction")).length > 0);
  await page.setViewportSize({ width: 390, height: 844 });
  const height = await page.evaluate(() => Math.min(...[...document.querySelectorAll(".track-card:not(.unread) .track-reading")].map((each) => Number.parseFloat(getComputedStyle(each).fontSize))));
  assert.ok(height >= 84, `figures of ${height} pixels are not read from two metres`);
  await page.setViewportSize({ width: 1280, height: 800 });
  const before = await page.textContent("#align-place");
  await page.click("#align-accept");
  await page.waitForFunction((old) => document.querySelector("#align-place").textContent !== old, before, WITHIN);
  await page.waitForFunction(() => /[1-9]\d* values? accepted/.test(document.querySelector(".step-place").textContent), undefined, WITHIN);
  await page.click("#align-sound");
  await page.waitForSelector("#align-sound.on");
  await page.click("#align-abort");
  assert.equal(await page.locator(".align-step").count(), 1);
  await page.click("#align-abort-yes");
  await page.waitForSelector("#align-end", WITHIN);
  await page.waitForFunction(() => document.querySelector("#align-verdict").textContent !== "ENDED", undefined, WITHIN);
  const [newest] = await records();
  assert.equal(newest.verdict, "unfinished");
  assert.match(await page.textContent("#align-end .values"), /record/);
});

test_with("align", "STOP ends an alignment, on this page too", async () => {
  await page.click("#align-another");
  await choose(page, "record", "#align-automatic");
  await page.click("#align-begin");
  await page.waitForSelector(".align-step");
  await page.keyboard.press("Space");
  await page.waitForSelector("#align-end", WITHIN);
  await page.waitForFunction(() => document.querySelector("#align-verdict").textContent === "STOPPED", undefined, WITHIN);
  await page.click("#view-deck");
  await motion(page, "STOPPED");
});

test_with("bias", "the bias page says what it knows, and looks right", async () => {
  await page.click("#view-bias");
  await page.waitForSelector("#bias-unwatched, .bias-track");
  await looks_right(page, "bias");
});

test("nothing is wrong on the page", () => assert.deepEqual(problems, []));
