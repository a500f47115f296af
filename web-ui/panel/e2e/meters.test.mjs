// SPDX-License-Identifier: Apache-2.0
// The meter bridge in a real browser against a real daemon, while it prints: something is to be heard.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gone, launch, new_page, open_live, painted } from "./browser.mjs";
import { Daemon } from "./daemon.mjs";

let daemon, browser, page, folder;
const problems = [];
const LOUDER_THAN = -60;

before(async () => {
  [daemon, browser, folder] = await Promise.all([Daemon.start(), launch(), mkdtemp(join(tmpdir(), "overbias-meters-test."))]);
  page = await new_page(browser, problems);
  await open_live(page, daemon.pairing_address);
});
after(async () => {
  await browser?.close();
  await daemon?.end();
  await rm(folder, { recursive: true, force: true });
});

const number_in = (selector) => page.evaluate((where) => Number(document.querySelector(where).textContent.replace("\u2212", "-")), selector);
const above = (selector, least) =>
  page.waitForFunction(([where, wanted]) => Number(document.querySelector(where).textContent.replace("\u2212", "-")) > wanted, [selector, least]);

test("what is printed is on the meters, of both sources", async () => {
  const file = join(folder, "programme.wav");
  await daemon.command("demo-programme", file, "--seconds", "180");
  await daemon.command("print", "--detach", file);
  await page.click('.meter-source .choice:has-text("PROGRAMME")');
  await above("#loudness-m", LOUDER_THAN);
  await above("#loudness-i", LOUDER_THAN);
  await above("#peak-left b", LOUDER_THAN);
  await page.click('.meter-source .choice:has-text("TAPE")');
  await above("#loudness-m", LOUDER_THAN);
  await above("#peak-right b", LOUDER_THAN);
});

test("the command line tells the same figures, each with its standard", async () => {
  const told = JSON.parse(await daemon.command("meters", "--json"));
  assert.ok(told.programme.momentary.value > LOUDER_THAN, JSON.stringify(told.programme.momentary));
  assert.equal(told.programme.momentary.weighting, "K");
  assert.ok(told.tape_return.ppm_type_ii.value[0] > told.tape_return.vu.value[0] - 30);
  assert.match(await daemon.command("meters"), /PPM type II .*IEC 60268-10 type II/);
});

test("integrated loudness begins anew", async () => {
  const measured = async () => JSON.parse(await daemon.command("meters", "--json")).programme.loudness_measured_s;
  const before_it = await measured(); // it only counts up, unless it begins anew
  assert.ok(before_it > 0);
  await page.click("#key-loudness");
  while ((await measured()) >= before_it); // the press is still on its way
});

test("every scale can be chosen, and the page keeps the choice", async () => {
  for (const scale of ["din", "nordic", "ebu", "bbc"]) {
    await page.selectOption("#ballistics", scale);
    await page.waitForFunction(() => document.querySelector(".meter dd").textContent !== "\u2014");
  }
  await page.waitForSelector('.meter-face[aria-valuemax="7"]');
  await page.reload();
  await open_live(page, daemon.address);
  assert.equal(await page.inputValue("#ballistics"), "bbc");
});

test("a press clears the held peak", async () => {
  await above("#peak-left b", LOUDER_THAN);
  const held = await number_in("#peak-left b");
  await page.click("#peak-left");
  await page.waitForFunction((was) => Number(document.querySelector("#peak-left b").textContent.replace("\u2212", "-")) !== was, held);
});

test("goniometer and spectrum are drawn while they are looked at, and sent no longer", async () => {
  const lit = (selector) =>
    page.waitForFunction((where) => {
      const canvas = document.querySelector(where);
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let bright = 0;
      for (let i = 0; i < data.length; i += 4) {
        bright += data[i + 1] > 200 && data[i + 2] > 180 ? 1 : 0; // turquoise: points, and the right channel's bands
      }
      return bright > 50;
    }, selector);
  await page.click("#key-pictures");
  await page.waitForSelector(".pictures"); // it is fetched first
  await lit(".picture:first-child canvas");
  await lit(".picture:last-child canvas");
  await page.click("#key-pictures");
  await gone(page, ".pictures");
});

test("on a phone and on a desk nothing is cut off, and axe finds nothing serious", async () => {
  const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  await page.click("#key-pictures");
  await page.waitForSelector(".pictures");
  for (const [width, height] of [[390, 844], [1280, 800]]) {
    await page.setViewportSize({ width, height });
    await painted(page);
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll(".meters button, .meters select, .loudness dl > div, .pictures canvas")]
        .filter((each) => {
          const box = each.getBoundingClientRect();
          const small = each.matches("button, select") && box.height < 44;
          return box.left < 0 || box.right > innerWidth || small || each.scrollWidth > each.clientWidth + 1;
        })
        .map((each) => each.id || each.className),
    );
    assert.deepEqual(cut, []);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    assert.deepEqual(violations.filter(({ impact }) => ["serious", "critical"].includes(impact)).map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
    if (process.env.OVERBIAS_LOOK) {
      for (const scale of ["vu", "din", "nordic", "bbc", "ebu"]) {
        await page.selectOption("#ballistics", scale);
        await page.waitForFunction(() => document.querySelector(".meter dd").textContent !== "\u2014");
        await page.locator(".meters").scrollIntoViewIfNeeded();
        await page.screenshot({ path: `${process.env.OVERBIAS_LOOK}/meters-${scale}-${width}.png` });
      }
    }
  }
  assert.deepEqual(problems, []);
});
