// SPDX-License-Identifier: Apache-2.0
// The bias page in a real browser against a real daemon whose simulated deck's bias drifts on the left track: at rest, taken
// as set-up, good, a warning, an alarm; and a deck whose bias nobody hears.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { a_page, second_browser, WITHIN } from "./align_page.mjs";
import { launch, motion, open_live, reads } from "./browser.mjs";
import { Daemon } from "./daemon.mjs";
import { looks_right } from "./looks.mjs";

let daemon, browser, page;
const problems = [];
const state_of = (track) => `#bias-track-${track} h2 .bias-state`;
const becomes = (shown, selector, word) => shown.waitForFunction(([where, wanted]) => document.querySelector(where)?.textContent === wanted, [selector, word], WITHIN);

before(async () => {
  // a thirtieth of the warning in the five seconds that bias has to stand still for set-up
  [daemon, browser] = await Promise.all([Daemon.start("--time-scale", "8", "--deck", "simulated-bias", "--fault", "bias_drift:db=-3,over_s=1800,channel=left"), launch()]);
  page = await a_page(browser, problems);
  await open_live(page, daemon.pairing_address);
  await motion(page, "STOPPED");
});
after(async () => {
  await browser?.close();
  await daemon?.end();
});

test("a deck at rest has no bias to judge, and nothing can be taken as set-up", async () => {
  await page.click("#view-bias");
  await page.waitForSelector(state_of(2));
  await becomes(page, state_of(1), "NOT JUDGED");
  await page.waitForSelector("#key-set-up:disabled");
  await looks_right(page, "bias at rest");
});

test("while it records, what stands still is taken as set-up after a question, and is good", async () => {
  await daemon.command("play");
  await page.waitForFunction(() => /PLAY/.test(document.querySelector(".dock-motion").textContent), undefined, WITHIN);
  await daemon.command("arm");
  await daemon.command("record");
  await page.waitForSelector("#key-set-up:enabled", WITHIN);
  for (;;) {
    await page.click("#key-set-up");
    await page.click("#key-set-up-yes");
    await page.waitForFunction(() => document.querySelector("#set-up-words").textContent + document.querySelector("#message").textContent !== "", undefined, WITHIN);
    const words = await page.textContent("#set-up-words");
    if (/Taken as set-up: 4 values/.test(words)) {
      break;
    }
    // not yet: it has to be heard for some seconds first; the machine says which and why
    assert.match(words + (await page.textContent("#message")), /bias/i);
  }
  await becomes(page, state_of(2), "GOOD");
  await reads(page, "#bias-track-2", /set-up.*operator/, WITHIN);
  await looks_right(page, "bias that is good");
});

test("bias that drifts is a warning, then an alarm: on its track, on the page's key, on every page, in every browser", async () => {
  await becomes(page, state_of(1), "WARNING");
  await page.waitForSelector("#view-bias .view-mark-warn, #view-bias .view-mark-fail");
  await becomes(page, state_of(1), "ALARM");
  await page.waitForSelector("#view-bias .view-mark-fail", WITHIN);
  assert.equal(await page.textContent(state_of(2)), "GOOD");
  const drift = await page.textContent("#bias-track-1 .bias-figure-fail .bias-drift b");
  assert.ok(Number(drift.replace("\u2212", "-")) <= -0.5, drift);
  await page.waitForSelector("#bias-track-1 .plot");
  await looks_right(page, "a bias alarm");
  await page.click("#view-deck");
  await reads(page, ".banners", /Bias alarm.*track 1/);
  const second = await second_browser(browser, problems, daemon);
  await second.waitForFunction(() => /Bias alarm.*track 1/.test(document.querySelector(".banners")?.textContent ?? ""), undefined, WITHIN);
  await second.context().close();
  await page.click(".concern a");
  await page.waitForSelector("#bias-page");
});

test("STOP ends the recording, and its bias is judged no more", async () => {
  await page.keyboard.press("Space");
  await becomes(page, state_of(2), "NOT JUDGED");
  await page.waitForSelector("#key-set-up:disabled", WITHIN);
});

test("a deck whose profile names no source says so", async () => {
  const other = await Daemon.start();
  try {
    const shown = await a_page(browser, problems);
    await open_live(shown, other.pairing_address);
    await shown.click("#view-bias");
    await shown.waitForSelector("#bias-unwatched");
    await reads(shown, "#bias-unwatched", /not watched/);
    await looks_right(shown, "bias that nobody watches");
    await shown.context().close();
  } finally {
    await other.end();
  }
});

test("nothing is wrong on the page", () => assert.deepEqual(problems, []));
