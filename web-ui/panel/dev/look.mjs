// SPDX-License-Identifier: Apache-2.0
// Pictures of the panel in several sizes and scenes, from the mock server, to look at while working on it.
//   node dev/look.mjs OUT_DIR [SCENE ...]
import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { look_at_print } from "./look-print.mjs";

const [out = "/tmp/panel-look", ...scenes] = process.argv.slice(2);
const mock = spawn(process.execPath, [fileURLToPath(new URL("mock-server.mjs", import.meta.url)), "0"]);
mock.stderr.pipe(process.stderr);
const [line] = await new Promise((resolve) => createInterface(mock.stdout).once("line", (text) => resolve([text])));
const address = line.replace("panel: ", "");
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const sizes = { desk: [1280, 800], wide: [1920, 1080], tablet: [1024, 768], full: [1440, 900], portrait: [768, 1024], phone: [390, 844], long: [390, 1900], small: [320, 568], side: [844, 390], bars: [390, 664] };
await mkdir(out, { recursive: true });
const context = await browser.newContext();
const page = await context.newPage();
page.on("console", (message) => ["error", "warning"].includes(message.type()) && console.log("console:", message.text()));
page.on("pageerror", (error) => console.log("pageerror:", error.message));
const shoot = async (name, names = Object.keys(sizes)) => {
  for (const size of names) {
    await page.setViewportSize({ width: sizes[size][0], height: sizes[size][1] });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await page.screenshot({ path: `${out}/${name}-${size}.png` });
  }
};
await page.goto(address.replace(/#.*/, ""));
await page.waitForSelector("#token");
if (scenes.includes("pairing") || scenes.length === 0) {
  await shoot("pairing", ["desk", "phone"]);
}
await page.fill("#token", address);
await page.press("#token", "Enter");
await page.waitForSelector("#link.link-live");
const ENDS = ["align-end", "align-pass", "align-not-off-tape"];
/** A page beside the deck's, in one of its states. */
async function look_at_page(scene) {
  const hash = scene.startsWith("bias") ? "#bias" : scene === "held" ? "#deck" : "#align";
  await page.evaluate((place) => (location.hash = place), hash);
  const starts = ["align-start", "align-refused", "align-proof-record"].includes(scene);
  await page.waitForSelector(scene === "bias-none" ? "#bias-unwatched" : scene.startsWith("bias") ? ".bias-track" : scene === "held" ? "#arm-held" : starts ? ".procedure" : ENDS.includes(scene) ? "#align-end .values" : ".align-step");
  const tick = (n) => page.locator("#align-earlier tbody input").nth(n).click();
  if (scene === "align-start") {
    await shoot("align-choose", ["desk", "phone", "long", "small"]);
    await tick(0);
    await tick(2);
    await page.waitForSelector("#align-compare");
    await page.waitForSelector(".drift .plot");
    await page.locator("#align-compare").scrollIntoViewIfNeeded();
  } else if (scene === "align-proof-record") {
    await tick(1);
    await page.waitForSelector(".response .plot");
    await page.locator(".response").scrollIntoViewIfNeeded();
  } else if (scene === "align-refused") {
    await page.click("#align-begin");
    await page.waitForFunction(() => document.querySelector("#message").textContent !== "");
  } else if (scene === "align-large") {
    await page.click("#align-large");
  } else if (scene === "align-lost") {
    mock.kill("SIGSTOP");
    await page.waitForSelector(".track-cards .stale-mark");
  }
  await shoot(scene, ["desk", "phone", "bars", "side", "small", "long", "tablet"]);
  if (scene === "align-large") {
    await page.click("#align-large");
  } else if (scene === "align-lost") {
    mock.kill("SIGCONT");
    await page.waitForSelector("#link.link-live");
  } else if (ENDS.includes(scene)) {
    await page.click("#align-another");
  }
}

for (const scene of scenes.length ? scenes : ["rest", "analysis", "print", "pass", "fault", "doubt", "card"]) {
  await page.evaluate((name) => fetch(`/mock/${name}`, { method: "POST" }), scene);
  await page.evaluate(() => (location.hash = "#deck"));
  await page.waitForFunction(() => document.querySelector("#metres")?.textContent.includes("m"));
  if (scene === "print") {
    const before = await page.textContent("#metres");
    await page.waitForFunction((old) => parseFloat(document.querySelector("#metres").textContent) > parseFloat(old) + 0.5, before);
  }
  if (scene.startsWith("print-") || scene.startsWith("transfer")) {
    await look_at_print(page, scene, (name, names = ["small", "phone", "long", "tablet", "full", "side"]) => shoot(name, names));
    continue;
  }
  if (scene.startsWith("align") || scene.startsWith("bias") || scene === "held") {
    await look_at_page(scene);
    continue;
  }
  if (scene === "listen") {
    await page.click("#key-listen");
    await page.waitForSelector(".listen-ab");
    await page.click("#listen-tape");
    await page.locator(".listen").scrollIntoViewIfNeeded();
    await page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
    await shoot(scene);
    await page.click("#key-listen");
    continue;
  }
  if (scene === "analysis") {
    await page.click("#key-analysis");
    await page.waitForSelector(".analysis:not(.stale)");
    await page.locator(".analysis").scrollIntoViewIfNeeded();
    await shoot(scene);
    await page.click("#key-analysis");
    continue;
  }
  await shoot(scene, ["fault", "doubt", "card", "pass"].includes(scene) ? ["desk", "phone"] : undefined);
}
if (scenes.length === 0) {
  const arm = await page.locator("#key-arm").boundingBox();
  await page.keyboard.press("?");
  await shoot("help", ["desk", "phone"]);
  await page.keyboard.press("?");
  await page.click("#key-record");
  await page.waitForFunction(() => document.querySelector("#message").textContent !== "");
  await shoot("refusal", ["desk", "phone"]);
  await page.mouse.move(arm.x + 20, arm.y + 20);
  await page.mouse.down();
  await shoot("hold", ["phone"]);
  await page.mouse.up();
  mock.kill("SIGSTOP");
  await page.waitForSelector(".stale-mark");
  await shoot("stale", ["desk", "phone"]);
  mock.kill("SIGCONT");
}
await browser.close();
mock.kill();
