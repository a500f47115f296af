// SPDX-License-Identifier: Apache-2.0
// From tape to file in the panel: a tape with programme on it is played into a file until silence; another browser watches.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { a_page, second_browser, WITHIN } from "./align_page.mjs";
import { launch, motion, open_live, reads } from "./browser.mjs";
import { Daemon } from "./daemon.mjs";
import { ALL_SIZES, looks_right } from "./looks.mjs";

let daemon, browser, page;
const problems = [];

before(async () => {
  [daemon, browser] = await Promise.all([Daemon.start("--time-scale", "8"), launch()]);
  const programme = join(daemon.folder, "programme.wav");
  await daemon.command("demo-programme", programme, "--seconds", "12");
  await daemon.command("zero");
  await daemon.command("print", programme); // so there is something on the tape
  page = await a_page(browser, problems);
  await open_live(page, daemon.pairing_address);
  await motion(page, "STOPPED");
});
after(async () => {
  await browser?.close();
  await daemon?.end();
});

test("it is asked for by a form that says what is wrong", async () => {
  await page.click("#view-transfer");
  await page.waitForSelector(".transfer-form");
  await looks_right(page, "a transfer to be begun", ALL_SIZES);
  await page.fill("#transfer-from", "here");
  await page.waitForSelector("#transfer-begin:disabled");
  await page.fill("#transfer-from", "0");
  await page.locator("#transfer-title").pressSequentially("Side A of it");
  await page.fill("#transfer-silence", "240"); // half a minute of this test: time to look at it while it runs
});

test("while it runs every browser sees it; at the end the file is what the checksum says", async () => {
  await page.click("#transfer-begin:enabled");
  await page.waitForSelector("#transfer-running", WITHIN);
  const second = await second_browser(browser, problems, daemon);
  await second.click("#view-transfer");
  await second.waitForFunction(() => /\d:\d\d/.test(document.querySelector("#transfer-captured")?.textContent ?? ""), undefined, WITHIN);
  await second.waitForSelector("#transfer-marks", WITHIN);
  await looks_right(second, "a transfer that runs", ALL_SIZES);
  await page.waitForSelector("#transfer-sha256", WITHIN);
  await second.waitForSelector("#transfer-sha256", WITHIN);
  await second.context().close();
  await reads(page, "#transfer-verdict", /./);
  assert.equal(await page.textContent("#transfer-verdict"), "DONE", await page.textContent("#transfer-end"));
  const path = await page.textContent("#transfer-path");
  assert.match(path, /Side A of it/);
  assert.equal(createHash("sha256").update(await readFile(path)).digest("hex"), await page.textContent("#transfer-sha256"));
  await looks_right(page, "a transfer that is done", ALL_SIZES);
});

test("nothing is wrong on the page", () => assert.deepEqual(problems, []));
