// SPDX-License-Identifier: Apache-2.0
// Source against tape by ear in a real browser against a real daemon: the switch, also from another hand, and the tape
// heard in the browser as a stream of FLAC.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { a_page, WITHIN } from "./align_page.mjs";
import { gone, launch, motion, open_live, reads } from "./browser.mjs";
import { Daemon } from "./daemon.mjs";
import { ALL_SIZES, looks_right } from "./looks.mjs";

let daemon, browser, page, folder;
const problems = [];
const told = async () => JSON.parse(await daemon.command("listen", "--json")).listening;
const chosen = (selector) => page.waitForSelector(`${selector}[aria-pressed="true"]`, WITHIN);
/** What the page shows is there first, or the daemon's own word: either may be the last to come. */
async function becomes(what, wanted) {
  while (JSON.stringify(what(await told())) !== JSON.stringify(wanted));
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "overbias-listen-test."));
  const config = join(folder, "listen.toml");
  await writeFile(config, "[listening]\nbrowser = true\n");
  [daemon, browser] = await Promise.all([Daemon.start("--config", config), launch()]);
  page = await a_page(browser, problems);
  await open_live(page, daemon.pairing_address);
  await motion(page, "STOPPED");
});
after(async () => {
  await browser?.close();
  await daemon?.end();
  await rm(folder, { recursive: true, force: true });
});

test("LISTEN unfolds the switch, which is the machine's: pressed here, and by another hand", async () => {
  await page.click("#key-listen");
  await chosen("#listen-off");
  await page.click("#listen-tape");
  await chosen("#listen-tape");
  assert.equal((await told()).what, "tape");
  await page.click("#listen-dim");
  await chosen("#listen-dim");
  await daemon.command("listen", "source", "--no-dim");
  await chosen("#listen-source");
  await page.waitForSelector('#listen-dim[aria-pressed="false"]');
  await reads(page, "#listen-match", /held back \d+\.\d ms/);
  await looks_right(page, "listening", ALL_SIZES);
});

test("the tape is heard in this browser until OFF", async () => {
  await page.click("#hear-tape");
  await reads(page, "#hearing", /Plays here/, WITHIN);
  await becomes(({ browser: { listeners } }) => listeners.tape, 1);
  await page.click("#hear-ab");
  await becomes(({ browser: { listeners } }) => [listeners.tape, listeners.ab], [0, 1]);
  await page.click("#hear-off");
  await becomes(({ browser: { listeners } }) => listeners.ab, 0);
  await reads(page, "#hearing", /Some seconds late/);
  await page.click("#key-listen");
  await gone(page, "#listen");
});

test("nothing is wrong on the page", () => assert.deepEqual(problems, []));
