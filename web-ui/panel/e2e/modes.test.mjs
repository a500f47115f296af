// SPDX-License-Identifier: Apache-2.0
// What a deck can beyond its keys, in a real browser against real daemons: a motor-driven deck, and the parallel remote.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { gone, launch, metres, motion, moved, new_page, open_live, still } from "./browser.mjs";
import { Daemon } from "./daemon.mjs";

let browser, motors, contacts, page, other;
const problems = [];

before(async () => {
  [motors, contacts, browser] = await Promise.all([Daemon.start("--deck", "simulated-direct-drive"), Daemon.start("--deck", "simulated-ready"), launch()]);
  page = await new_page(browser, problems);
  other = await new_page(browser, problems);
  await open_live(page, motors.pairing_address);
  await open_live(other, contacts.pairing_address);
  await motion(page, "STOPPED");
  await motion(other, "STOPPED");
});
after(async () => {
  await browser?.close();
  await motors?.end();
  await contacts?.end();
});

/** A key that says it is forbidden: a hand may press it all the same. */
const press_forbidden = async (shown, key) => {
  await shown.waitForSelector(`${key}[aria-disabled="true"]`);
  await shown.click(key, { force: true });
};
const told = async (daemon) => JSON.parse(await daemon.command("status", "--json"));
const stop = async (shown) => {
  await shown.keyboard.press("Escape");
  await motion(shown, "STOPPED");
  await still(shown);
};

test("library wind runs slow and even, and stops", async () => {
  const start = await metres(page);
  await page.click("#key-library_forward");
  await motion(page, "LIBRARY WIND");
  await page.waitForSelector('[data-lamp="library_forward"].lamp-on');
  await page.waitForSelector('[data-lamp="fast_forward"].lamp-off');
  await moved(page, start, 1);
  assert.equal((await told(motors)).library_wind, true);
  await stop(page);
  const there = await metres(page);
  assert.ok(there > start, `${there} m`);
  await page.click("#key-library_reverse");
  await motion(page, "LIBRARY REWIND");
  await moved(page, there, 0.5);
  await stop(page);
  assert.ok((await metres(page)) < there);
});

test("the shuttle runs while it is pulled, either way, and holds the tape still when it is let go", async () => {
  const start = await metres(page);
  const box = await page.locator("#shuttle").boundingBox();
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + 20, y);
  await page.mouse.down();
  await page.mouse.move(box.x + 20 + 0.6 * (box.width / 2), y, { steps: 4 });
  await motion(page, "SHUTTLE");
  await moved(page, start, 0.3);
  await page.mouse.up();
  await still(page);
  assert.equal((await told(motors)).motion.current, "Shuttling"); // held under tension
  const there = await metres(page);
  assert.ok(there > start);
  await page.focus("#shuttle");
  for (let press = 0; press < 6; ++press) {
    await page.keyboard.down("ArrowLeft");
  }
  await moved(page, there, 0.2);
  await page.keyboard.up("ArrowLeft");
  await still(page);
  assert.ok((await metres(page)) < there);
  await stop(page);
});

test("STOP takes the shuttle out of the hand that still pulls it", async () => {
  const box = await page.locator("#shuttle").boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 80, y);
  await motion(page, "SHUTTLE");
  await page.keyboard.press("Space");
  await page.mouse.move(x + 90, y);
  await motion(page, "STOPPED");
  await page.mouse.up();
  assert.equal((await told(motors)).motion.current, "Stopped");
});

test("a speed is selected at rest; in play its key says why not, and sends nothing", async () => {
  const speeds = await page.$$eval('#speeds [role="radio"]', (keys) => keys.map((key) => [key.id, key.getAttribute("aria-checked")]));
  assert.ok(speeds.length >= 2, JSON.stringify(speeds));
  const [wanted] = speeds.find(([, chosen]) => chosen === "false");
  const chosen = `[id="${wanted}"]`;
  await still(page);
  await page.waitForSelector(`${chosen}[aria-disabled="false"]`);
  await page.click(chosen);
  await page.waitForSelector(`${chosen}[aria-checked="true"]`);
  const ips = (await told(motors)).play_speed_ips;
  assert.equal(wanted, `key-speed-${ips}`);
  await page.click("#key-play");
  await motion(page, "PLAY");
  const [before_it] = speeds.find(([, was]) => was === "true");
  await press_forbidden(page, `[id="${before_it}"]`);
  await page.waitForFunction(() => /only while the tape is still/.test(document.querySelector("#message").textContent));
  assert.equal((await told(motors)).play_speed_ips, ips);
  await stop(page);
});

test("edit mode from stop; then the library wind's key says why not, and STOP ends it", async () => {
  await page.click("#key-edit");
  await motion(page, "EDIT");
  await page.waitForSelector('#key-edit[aria-pressed="true"]');
  await press_forbidden(page, "#key-library_forward");
  await page.waitForFunction(() => /hands may be on the reels/.test(document.querySelector("#message").textContent));
  await page.click("#key-play"); // the machine's own refusal, word for word
  await page.waitForFunction(() => /^play was refused: /.test(document.querySelector("#message").textContent));
  await page.keyboard.press("Escape");
  await motion(page, "STOPPED");
});

test("a deck without library wind and shuttle shows no key for them", async () => {
  assert.equal((await told(contacts)).deck.offers.shuttle, null);
  assert.equal(await other.locator("#shuttle").count(), 0);
  for (const [offer, key] of [["library_wind", "#key-library_forward"], ["edit", "#key-edit"], ["thread", "#key-thread"], ["lifter_defeat", "#key-lifters"]]) {
    assert.equal(await other.locator(key).count(), (await told(contacts)).deck.offers[offer] ? 1 : 0, key);
  }
});

test("record ready, lifters and the patch do what their keys say", async () => {
  await other.click("#key-ready-2");
  await other.waitForSelector('#key-ready-2[aria-pressed="true"]');
  assert.ok((await told(contacts)).ready_tracks.includes(2));
  await other.click("#key-lifters");
  await other.waitForFunction(() => /LIFTERS OFF/.test(document.querySelector(".motion-line").textContent));
  await other.click("#key-lifters");
  await other.waitForSelector('#key-lifters[aria-pressed="false"]');
  await other.click("#key-route-mono");
  await other.waitForSelector('#key-route-mono[aria-pressed="true"]');
  assert.deepEqual((await told(contacts)).routes, { on: ["mono"], muted_by_cue: false });
  await contacts.command("route", "mono", "off"); // another hand
  await other.waitForSelector('#key-route-mono[aria-pressed="false"]');
  await contacts.command("route", "mute", "on");
  await other.reload(); // a page that comes later knows it too
  await open_live(other, contacts.address);
  await other.waitForSelector('#key-route-mute[aria-pressed="true"]');
  await contacts.command("route", "mute", "off");
  await other.waitForSelector('#key-route-mute[aria-pressed="false"]');
});

test("PRESET sets the counter", async () => {
  await other.fill("#locate-place", "120.5");
  await other.click("#key-preset");
  await other.waitForFunction(() => document.querySelector("#metres").textContent === "120.500 m");
});

test("a phone: machine keys are folded away and unfold; nothing is cut off sideways, and axe finds nothing serious", async () => {
  const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  const phone = await new_page(browser, problems);
  await phone.setViewportSize({ width: 390, height: 844 });
  await open_live(phone, `${motors.address}/#token=${await motors.new_token()}`);
  await motion(phone, "STOPPED");
  await phone.waitForSelector('#key-machine[aria-expanded="false"]');
  await gone(phone, "#key-edit");
  await phone.click("#key-machine");
  await phone.waitForSelector("#key-edit");
  for (const shown of [phone, page, other]) {
    const cut = await shown.evaluate(() =>
      [...document.querySelectorAll(".modes button, .modes [role=slider], .keys button, .counter button, .counter input")]
        .filter((key) => {
          const box = key.getBoundingClientRect();
          return box.left < 0 || box.right > innerWidth || box.height < 44 || key.scrollWidth > key.clientWidth + 1;
        })
        .map((key) => key.id),
    );
    assert.deepEqual(cut, []);
    await shown.evaluate(axe);
    const { violations } = await shown.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    assert.deepEqual(violations.filter(({ impact }) => ["serious", "critical"].includes(impact)).map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`), []);
  }
  await phone.context().close();
});

test("no script failed and the browser reported no breach of the content policy", () => {
  assert.deepEqual(problems, []);
});
