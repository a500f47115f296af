// SPDX-License-Identifier: Apache-2.0
// The analysers in a real browser against a real daemon, while it prints a flutter tone.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, new_page, open_live, painted } from "./browser.mjs";
import { Daemon } from "./daemon.mjs";

let daemon, browser, page, folder;
const problems = [];
const RATE_HZ = 48000;
const CARRIER_HZ = 3150;

before(async () => {
  [daemon, browser, folder] = await Promise.all([Daemon.start("--time-scale", "3"), launch(), mkdtemp(join(tmpdir(), "overbias-analysis-test."))]);
  page = await new_page(browser, problems);
  await open_live(page, daemon.pairing_address);
});
after(async () => {
  await browser?.close();
  await daemon?.end();
  await rm(folder, { recursive: true, force: true });
});

/** 16 bits, the same in both channels. */
function tone(duration_s, dbfs) {
  const frames = duration_s * RATE_HZ;
  const wave = Buffer.alloc(44 + 4 * frames);
  wave.write("RIFF", 0);
  wave.writeUInt32LE(36 + 4 * frames, 4);
  wave.write("WAVEfmt ", 8);
  wave.writeUInt32LE(16, 16);
  wave.writeUInt16LE(1, 20);
  wave.writeUInt16LE(2, 22);
  wave.writeUInt32LE(RATE_HZ, 24);
  wave.writeUInt32LE(4 * RATE_HZ, 28);
  wave.writeUInt16LE(4, 32);
  wave.writeUInt16LE(16, 34);
  wave.write("data", 36);
  wave.writeUInt32LE(4 * frames, 40);
  for (let n = 0; n < frames; n++) {
    const value = Math.round(32767 * 10 ** (dbfs / 20) * Math.sin((2 * Math.PI * CARRIER_HZ * n) / RATE_HZ));
    wave.writeInt16LE(value, 44 + 4 * n);
    wave.writeInt16LE(value, 46 + 4 * n);
  }
  return wave;
}
const first_in = (selector) => page.evaluate((where) => Number(document.querySelector(`${where} b`).textContent.replace("\u2212", "-")), selector);

test("at rest there is noise and no tone", async () => {
  await page.click("#key-analysis");
  await page.waitForSelector(".analysis"); // it is fetched first
  await page.waitForFunction(() => document.querySelector("#analysis-signal b").textContent === "NOISE");
  assert.equal(await page.textContent("#tone-frequency b"), "\u2014");
  assert.equal(await page.textContent("#wow-flutter b"), "\u2014");
  assert.ok((await first_in("#noise-a")) < -60);
});

test("a printed flutter tone is told as it comes off tape, with the part behind each line", async () => {
  const file = join(folder, "flutter.wav");
  await writeFile(file, tone(120, -14));
  await daemon.command("print", "--detach", "--slate-seconds", "4", file);
  await page.waitForFunction(() => /capstan/.test(document.querySelector("#flutter-lines").textContent));
  assert.ok(Math.abs((await first_in("#tone-frequency")) - CARRIER_HZ) < 0.5);
  assert.ok(Math.abs((await first_in("#tone-level")) + 14) < 0.3);
  assert.ok(Math.abs(await first_in("#level-difference")) < 0.3);
  const weighted = await first_in("#wow-flutter");
  assert.ok(weighted > 0.003 && weighted < 0.05, `${weighted} %`);
  assert.match(await page.getAttribute("#wow-flutter >> xpath=..", "title"), /AES6-2008.*two-sigma peak/);
});

test("on a phone and on a desk nothing is cut off, and axe finds nothing serious", async () => {
  const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  for (const [width, height] of [
    [390, 844],
    [1280, 800],
  ]) {
    await page.setViewportSize({ width, height });
    await painted(page);
    const wide = await page.evaluate(() =>
      [...document.querySelectorAll(".analysis, .analysis *")].filter((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0 && getComputedStyle(each).display !== "inline").map((each) => each.outerHTML),
    );
    assert.deepEqual(wide, [], `at ${width} pixels`);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    assert.deepEqual(violations.filter(({ impact }) => ["serious", "critical"].includes(impact)).map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
  }
});

test("nothing is wrong on the page", () => assert.deepEqual(problems, []));
