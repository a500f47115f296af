// SPDX-License-Identifier: Apache-2.0
// A calibration tape on the deck, in a real browser against a real daemon: its screws read and turned by hand; a daemon
// that dies in the middle; record that is held off until somebody says that the tape is off.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { a_page, begin, second_browser, WITHIN } from "./align_page.mjs";
import { gone, launch, motion, open_live, reads } from "./browser.mjs";
import { Daemon } from "./daemon.mjs";
import { looks_right } from "./looks.mjs";

let daemon, browser, page;
const problems = [];
const status = async () => JSON.parse(await daemon.command("status", "--json"));
const refused = async (...words) => {
  try {
    await daemon.command(...words);
  } catch (error) {
    return { code: error.code, said: error.stderr };
  }
  return null;
};

/** What the right track reads, as soon as it is above `least`; the tape winds back in between. */
async function right_above(least) {
  const handle = await page.waitForFunction(
    (above) => {
      const words = document.querySelector(".task-turn #track-2:not(.unread) .track-reading")?.textContent ?? "";
      const reading = /\d/.test(words) ? Number(words.replace("\u2212", "-")) : null;
      return reading !== null && reading > above ? { reading } : false;
    },
    least,
    WITHIN,
  );
  return (await handle.jsonValue()).reading;
}

before(async () => {
  [daemon, browser] = await Promise.all([Daemon.start("--time-scale", "4", "--misaligned", "7"), launch()]);
  page = await a_page(browser, problems);
  await open_live(page, daemon.pairing_address);
  await motion(page, "STOPPED");
});
after(async () => {
  await browser?.close();
  await daemon?.end();
});

test("a tape is asked for with one key; then a level is read off it, and moves with its screw", async () => {
  await page.click("#view-align");
  await page.waitForSelector(".procedure");
  await page.click(".procedure input[value=reproduce]");
  await page.selectOption("#align-tape", "mrl-three-frequency-15-iec1-250");
  await begin(page, "reproduce", "#align-guided");
  await page.waitForSelector(".task-confirm", WITHIN);
  await reads(page, "#align-instruction", /thread MRL three-frequency/, WITHIN);
  await looks_right(page, "a question");
  await daemon.command("simulated-deck", "tape", "calibration");
  await page.click("#align-accept");
  await page.waitForFunction(() => /reproduce level/.test(document.querySelector("#align-title")?.textContent ?? ""), undefined, WITHIN);
  const before = await right_above(-90);
  await page.waitForSelector('#track-2 .hand[aria-label="turn up"]', WITHIN);
  await reads(page, "#track-2 .track-words", /turn up/, WITHIN);
  await looks_right(page, "a level by hand");
  const { position } = JSON.parse(await daemon.command("simulated-deck", "screw", "reproduce_level", "--track", "2", "--json"));
  await daemon.command("simulated-deck", "screw", "reproduce_level", String(position + 0.03), "--track", "2");
  const turned = await right_above(before + 0.1);
  assert.ok(turned < before + 10, `${before} to ${turned} dB`);
});

test("the connection is lost in the middle: nothing shown is taken for live, and it says so", async () => {
  await daemon.kill();
  await page.waitForSelector(".track-cards .stale-mark", WITHIN);
  await page.waitForFunction(() => /Machine unreachable/.test(document.querySelector(".banners").textContent), undefined, WITHIN);
  await page.waitForSelector("#align-accept:disabled", WITHIN);
  await page.waitForFunction(() => document.querySelector("#align-spoken").textContent === "No live readings", undefined, WITHIN);
});

test("the daemon is back: no alignment runs, and record is held off on every page, with the reason", async () => {
  problems.length = 0; // while it was gone the browser itself reported that nobody answers
  await daemon.start();
  await page.waitForSelector("#link.link-live", WITHIN);
  await page.click("#align-end #align-another");
  await page.waitForSelector(".align-start", WITHIN);
  for (const view of ["align", "bias", "deck"]) {
    await page.click(`#view-${view}`);
    await page.waitForSelector("#arm-held");
    await reads(page, "#arm-held", /Record is held off: .*calibration tape/);
  }
  await looks_right(page, "held arm");
  const answer = await refused("arm");
  assert.equal(answer?.code, 3);
  assert.match(answer.said, /calibration tape/);
});

test("what records says why it can't begin, and the machine refuses it in words", async () => {
  await page.click("#view-align");
  await page.waitForSelector(".procedure");
  const of = (name) => page.textContent(`.procedure:has(input[value=${name}])`);
  await page.waitForFunction(() => /Not now: .*calibration tape/.test(document.querySelector(".procedure:has(input[value=record])").textContent));
  assert.doesNotMatch(await of("reproduce"), /Not now/);
  await begin(page, "record", "#align-automatic");
  await page.waitForFunction(() => /align was refused: .*calibration tape/.test(document.querySelector("#message").textContent));
  await gone(page, ".align-step");
  assert.equal((await status()).motion.current, "Stopped");
  await looks_right(page, "a refusal");
});

test("TAPE CHANGED asks once; YES releases record for every browser, and for good", async () => {
  const second = await second_browser(browser, problems, daemon);
  await second.waitForSelector("#arm-held");
  await page.click("#key-tape-changed");
  await looks_right(page, "the question about the tape");
  await page.click("#key-tape-changed-no");
  assert.notEqual((await status()).arm_held, null);
  await page.click("#key-tape-changed");
  await page.click("#key-tape-changed-yes");
  await gone(page, "#arm-held");
  await second.waitForSelector("#arm-held", { state: "detached" });
  await second.context().close();
  assert.equal((await status()).arm_held, null);
  assert.equal(await refused("arm"), null);
  await daemon.command("disarm");
  await page.click("#view-deck");
  await page.click("#view-align");
  await page.waitForFunction(() => !/Not now/.test(document.querySelector(".procedure:has(input[value=record])")?.textContent ?? "Not now"), undefined, WITHIN);
});

test("nothing is wrong on the page", () => assert.deepEqual(problems, []));
