// SPDX-License-Identifier: Apache-2.0
// Alignments in a real browser against a real daemon and its simulated deck, whose screws are off: seen step by step, from
// more than one browser, by converters and by hand, to their verdict and their files.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { a_page, begin, reading_shown, records, second_browser, WITHIN } from "./align_page.mjs";
import { gone, launch, motion, new_page, open_live, painted, reads } from "./browser.mjs";
import { Daemon } from "./daemon.mjs";
import { looks_right } from "./looks.mjs";

let daemon, browser, page;
const problems = [];

/** Remembers every title and every figure of a track that are shown from now on. */
const watch_steps = (shown) =>
  shown.evaluate(() => {
    globalThis.titles = new Set();
    globalThis.readings = new Set();
    const look = () => {
      globalThis.titles.add(document.querySelector("#align-title")?.textContent.toLowerCase() ?? "");
      document.querySelectorAll(".track-reading").forEach((each) => /\d/.test(each.textContent) && globalThis.readings.add(each.textContent));
    };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
    look();
  });

before(async () => {
  [daemon, browser] = await Promise.all([Daemon.start("--time-scale", "2", "--misaligned", "7"), launch()]);
  page = await a_page(browser, problems);
  await open_live(page, daemon.pairing_address);
  await motion(page, "STOPPED");
});
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
  await reads(cut_off, "#not-fetched", /could not be fetched from the machine/);
  await cut_off.dispatchEvent("#stop", "pointerdown", { button: 0, bubbles: true });
  await cut_off.waitForSelector("#stop.stop-confirmed");
  await cut_off.unroute("**/assets/align_view-*.js");
  await cut_off.click("#not-fetched button");
  await cut_off.waitForSelector(".align-start");
  assert.equal(new URL(cut_off.url()).hash, "#align");
  await cut_off.context().close();
});

test("what can be begun is listed with what it needs, and looks right on a phone and on a desk", async () => {
  await page.click("#view-align");
  await page.waitForSelector(".procedure");
  const names = await page.evaluate(() => [...document.querySelectorAll(".procedure input")].map((each) => each.value));
  assert.deepEqual(names, ["lines", "reproduce", "speed", "record", "proof", "quick"]);
  await reads(page, ".procedures", /calibration tape/);
  await looks_right(page, "what can be begun");
});

test("a record alignment by converters is seen step by step to its verdict", async () => {
  await begin(page, "record", "#align-automatic");
  await page.waitForSelector(".align-step");
  await watch_steps(page);
  await page.waitForFunction(() => globalThis.readings.size >= 3, undefined, WITHIN);
  await gone(page, "#align-accept");
  await page.waitForSelector("#align-end .values", WITHIN);
  const titles = await page.evaluate(() => [...globalThis.titles]);
  for (const step of [/bias/, /level/]) {
    assert.ok(titles.some((title) => step.test(title)), titles.join(", "));
  }
  await page.waitForFunction(() => document.querySelector("#align-verdict").textContent !== "ENDED", undefined, WITHIN);
  assert.equal(await page.textContent("#align-verdict"), "PASS", await page.textContent(".verdict-reason"));
  const [newest] = await records(daemon);
  assert.equal(newest.verdict, "pass");
  assert.match(await page.textContent("#align-end"), new RegExp(newest.uuid));
  const rows = await page.locator("#align-end .values tbody tr").allTextContents();
  assert.ok(rows.length >= 4, rows.join("\n"));
  assert.ok(rows.every((row) => !/outside/.test(row)), rows.join("\n"));
  assert.ok(rows.some((row) => /bias past the peak.*left.*within/.test(row)), rows.join("\n"));
  await looks_right(page, "a verdict");
});

test("its record comes as the page that is filed, as a table and as it is stored", async () => {
  const [newest] = await records(daemon);
  const file = async (form) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(`#align-end [data-form=${form}]`)]);
    assert.equal(download.suggestedFilename(), `alignment-${newest.uuid}.${form}`);
    const chunks = [];
    for await (const chunk of await download.createReadStream()) {
      chunks.push(chunk);
    }
    await page.waitForSelector(`#align-end [data-form=${form}]:enabled`);
    return Buffer.concat(chunks);
  };
  const { record: saved, verdict } = JSON.parse((await file("json")).toString());
  assert.equal(verdict, "pass");
  assert.equal(saved.uuid, newest.uuid);
  assert.equal(saved.steps.length, newest.steps);
  const [head, ...rows] = (await file("csv")).toString().trim().split(/\r?\n/);
  assert.match(head, /step/);
  const last = new Set(saved.steps.map(({ id, channel }) => `${id} ${channel}`));
  assert.equal(rows.length, last.size);
  const page_of = (await file("pdf")).toString("latin1");
  assert.match(page_of, /^%PDF-1\.\d/);
  assert.match(page_of, /%%EOF\s*$/);
});

test("by hand: the reading and what to do; a reload and a second browser show the step at once", async () => {
  await page.click("#align-another");
  await page.waitForSelector("#align-operator");
  await page.fill("#align-operator", "M.K.");
  await begin(page, "record", "#align-guided");
  await reading_shown(page);
  await reads(page, "#align-instruction", /./);
  await reads(page, ".track-target", /target .*\d.*\u00b1/);
  await reads(page, "#align-mean", /mean of [\d.]+ s/);
  await looks_right(page, "a step by hand");

  const step = await page.textContent("#align-title");
  await page.reload();
  await page.waitForSelector(".align-step .track-card", WITHIN);
  await page.waitForFunction((wanted) => document.querySelector("#align-title")?.textContent === wanted, step);
  const second = await second_browser(browser, problems, daemon);
  await second.waitForSelector(".align-step .track-card", WITHIN); // it has chosen nothing: it is shown what runs
  await second.waitForFunction((wanted) => document.querySelector("#align-title")?.textContent === wanted, step);
  await second.context().close();
});

test("LARGE: figures, words and where to turn fill the screen; nothing is cut off, nothing lies over them", async () => {
  await page.click("#align-large");
  await reading_shown(page);
  for (const [width, height, least_figure, least_words] of [
    [390, 844, 80, 30],
    [390, 664, 70, 26],
    [844, 390, 64, 26],
    [1280, 800, 120, 40],
  ]) {
    await page.setViewportSize({ width, height });
    await painted(page);
    const shown = await page.evaluate(() => {
      const size = (selector) => Math.min(...[...document.querySelectorAll(`.track-card:not(.unread) ${selector}`)].map((each) => Number.parseFloat(getComputedStyle(each).fontSize)));
      const cut = [...document.querySelectorAll(".track-card, .track-figure")].filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.textContent);
      const main = document.querySelector("main").getBoundingClientRect();
      const beyond = [...document.querySelectorAll(".track-reading, .track-words")].filter((each) => each.getBoundingClientRect().bottom > main.bottom + 1).map((each) => each.textContent);
      return { figure: size(".track-reading"), words: size(".track-words"), cut, beyond };
    });
    const at = `at ${width} x ${height}`;
    assert.ok(shown.figure >= least_figure, `figures of ${shown.figure} pixels ${at} are not read from three metres`);
    assert.ok(shown.words >= least_words, `words of ${shown.words} pixels ${at}`);
    assert.deepEqual([shown.cut, shown.beyond], [[], []], at);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await looks_right(page, "LARGE");
  await page.click("#align-large");
});

test("ACCEPT stores what is read and goes on to the next step; sound can be switched on; ABORT asks and ends it", async () => {
  const before = await page.textContent("#align-place");
  await page.click("#align-accept");
  await page.waitForFunction((old) => document.querySelector("#align-place")?.textContent !== old, before, WITHIN);
  await page.waitForFunction(() => /[1-9]\d* values? accepted/.test(document.querySelector(".step-place")?.textContent ?? ""), undefined, WITHIN);
  await page.click("#align-sound");
  await page.waitForSelector("#align-sound.on");
  await page.click("#align-abort");
  await page.waitForSelector("#align-abort-yes");
  await page.waitForSelector(".align-step"); // it asks first
  await page.click("#align-abort-yes");
  await page.waitForSelector("#align-end .values", WITHIN);
  await page.waitForFunction(() => document.querySelector("#align-verdict").textContent !== "ENDED", undefined, WITHIN);
  await reads(page, ".verdict-reason", /ended by the operator/, WITHIN);
  const [newest] = await records(daemon);
  assert.equal(newest.verdict, "unfinished");
});

test("one that was broken off is offered to be gone on with; done to its end it stands beside the one before", async () => {
  await page.click("#align-another");
  await page.waitForSelector(".procedure");
  await page.click(".procedure input[value=record]");
  await page.waitForSelector("#align-anew");
  await reads(page, ".align-choices", /broken off after \d+ values/);
  await page.click("#align-anew");
  await begin(page, "record", "#align-automatic");
  await page.waitForSelector("#align-end .values", WITHIN);
  await page.waitForSelector("#align-compare tbody tr", WITHIN);
  const compared = await page.locator("#align-compare tbody tr").allTextContents();
  assert.ok(compared.some((row) => /bias past the peak.*left.*[+\u2212]?\d\.\d\d$/.test(row)), compared.join("\n"));
  await page.waitForSelector(".drift .plot", WITHIN);
  await page.selectOption("#align-drift-step", "record.level");
  await page.waitForSelector('.drift .plot[aria-label^="level over 3 alignments"]');
  await looks_right(page, "two alignments beside each other");
});

test("STOP ends an alignment, on this page too", async () => {
  await page.click("#align-another");
  await begin(page, "record", "#align-guided");
  await page.waitForSelector(".align-step", WITHIN);
  await page.keyboard.press("Space");
  await page.waitForSelector("#align-end", WITHIN);
  await page.waitForFunction(() => document.querySelector("#align-verdict").textContent === "STOPPED", undefined, WITHIN);
  await page.click("#view-deck");
  await motion(page, "STOPPED");
});

test("nothing is wrong on the page", () => assert.deepEqual(problems, []));
