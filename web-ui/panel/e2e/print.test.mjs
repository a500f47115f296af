// SPDX-License-Identifier: Apache-2.0
// A reel from the panel alone, on a real daemon with the simulated deck: two files are uploaded, become a plan of two sides,
// are checked and printed, with the change of reels in between; the verdict, the certificate; the tape is read back.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { a_page, second_browser, WITHIN } from "./align_page.mjs";
import { all_read, gone, launch, motion, open_live, reads } from "./browser.mjs";
import { Daemon } from "./daemon.mjs";
import { ALL_SIZES, looks_right } from "./looks.mjs";

let daemon, browser, page, files;
const problems = [];
const shown = (selector, pattern, options = WITHIN, on = page) => reads(on, selector, pattern, options);
/** As a finger does it: until the ring is full. */
async function hold(selector) {
  await page.waitForSelector(`${selector}:enabled`, WITHIN);
  await page.hover(selector); // scrolled there, and it stands still
  await page.mouse.down();
}
/** Remembers each phase that is shown from now on: the machine may be through one before this test looks. */
const watch_phases = () =>
  page.evaluate(() => {
    globalThis.phases = new Set();
    new MutationObserver(() => globalThis.phases.add(document.querySelector("#watch-phase")?.textContent ?? "")).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
const phase_seen = (pattern) => page.waitForFunction((source) => [...globalThis.phases].some((each) => new RegExp(source).test(each)), pattern.source, WITHIN);
/** CONFIRM, and until what is asked for is another thing, or nothing. */
async function confirm() {
  const words = await page.textContent("#gate-words");
  await page.click("#confirm");
  await page.waitForFunction((before) => document.querySelector("#gate-words")?.textContent !== before, words, WITHIN);
}
const focus_on = (name) => page.waitForFunction((wanted) => document.activeElement?.matches(".handle") && document.activeElement.getAttribute("aria-label").includes(wanted), name);

before(async () => {
  [daemon, browser] = await Promise.all([Daemon.start("--time-scale", "8"), launch()]);
  files = [];
  for (const [seed, name] of [["11", "01 First piece.wav"], ["12", "02 Second piece.wav"]]) {
    files.push(join(daemon.folder, name));
    await daemon.command("demo-programme", files.at(-1), "--seconds", "16", "--seed", seed);
  }
  await daemon.command("zero"); // the tape stands at its beginning
  page = await a_page(browser, problems);
  await open_live(page, daemon.pairing_address);
  await motion(page, "STOPPED");
});
after(async () => {
  await browser?.close();
  await daemon?.end();
});

test("two files are brought to the machine, and what it has is what was chosen", async () => {
  await page.click("#view-print");
  await page.waitForSelector(".plan-page");
  await looks_right(page, "an empty plan", ALL_SIZES);
  await page.setInputFiles("#files", files);
  await page.waitForFunction(() => document.querySelectorAll(".sending-complete").length === 2, undefined, WITHIN);
  await all_read(page, ".track-name b", ["First piece", "Second piece"]);
  const { result } = await page.evaluate(async () => {
    const answer = await fetch("/api/v1/rpc", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "uploads" }) });
    return answer.json();
  });
  for (const file of files) {
    const hash = createHash("sha256").update(await readFile(file)).digest("hex");
    const told = result.uploads.find(({ name }) => file.endsWith(name));
    assert.deepEqual([told.complete, told.sha256], [true, hash]);
  }
  await shown(".sending-state", /SHA-256 .* as here/);
});

test("a title with a space, a second side, a track moved to it by the keyboard", async () => {
  await page.locator("#fact-title").pressSequentially("Two pieces");
  await page.waitForFunction(() => document.querySelector("#fact-title").value === "Two pieces");
  await page.click("#another-side");
  await page.waitForFunction(() => document.querySelectorAll(".side-card").length === 2);
  const second = await page.locator(".track-name b").getByText("Second piece").locator("xpath=ancestor::li").locator(".handle");
  await second.focus();
  await page.keyboard.press("ArrowDown");
  await page.waitForFunction(() => document.querySelectorAll(".side-card")[1]?.querySelector(".track-name b")?.textContent === "Second piece");
  await focus_on("Second piece"); // it went with it
  await page.keyboard.press("ArrowUp");
  await page.waitForFunction(() => document.querySelectorAll(".side-card")[0]?.querySelectorAll("li").length === 2);
  await focus_on("Second piece");
  await page.keyboard.press("ArrowDown");
  await page.waitForFunction(() => document.querySelectorAll(".side-card")[1]?.querySelectorAll("li").length === 1);
});

test("dragged by its handle, and back", async () => {
  const of_side = (index) => page.locator(".side-card").nth(index).locator(".track-row");
  const handle = await of_side(1).first().locator(".handle").boundingBox();
  const first = await of_side(0).first().boundingBox();
  await page.mouse.move(handle.x + 10, handle.y + 10);
  await page.mouse.down();
  await page.mouse.move(first.x + 60, first.y + 4, { steps: 8 });
  await page.mouse.up();
  await all_read(page, ".side-card:first-of-type .track-name b", ["Second piece", "First piece"]);
  await focus_on("Second piece");
  await page.keyboard.press("ArrowDown"); // and again at once, as a hand does: none of them is lost
  await page.keyboard.press("ArrowDown");
  await page.waitForFunction(() => document.querySelectorAll(".side-card")[1]?.querySelector(".track-name b")?.textContent === "Second piece");
});

test("the check: a deck that was never aligned is refused until somebody says who prints all the same, and why", async () => {
  await page.click("#check-plan");
  await page.waitForSelector("#check", WITHIN);
  await shown("#check h2", /REFUSED/);
  await shown("#check", /align/);
  await looks_right(page, "a refused plan", ALL_SIZES);
  await gone(page, "#start-print");
  await page.locator("#override-name").pressSequentially("E. Engineer");
  await page.locator("#override-reason").pressSequentially("a test of the panel");
  await page.click("#check-plan");
  await shown("#check h2", /CAN BE PRINTED/);
  await looks_right(page, "a plan that can be printed", ALL_SIZES);
  const [saved] = await Promise.all([page.waitForEvent("download"), page.click("#save-plan")]);
  assert.equal(saved.suggestedFilename(), "two-pieces.toml");
  assert.match(await readFile(await saved.path(), "utf8"), /title = "Two pieces"[\s\S]*\[\[sides\.tracks\]\]/);
});

test("a saved plan is opened again after a question; what is no plan is said to be none, and changes nothing", async () => {
  const [saved] = await Promise.all([page.waitForEvent("download"), page.click("#save-plan")]);
  const plan = { name: saved.suggestedFilename(), mimeType: "application/toml", buffer: await readFile(await saved.path()) };
  await page.setInputFiles("#plan-file", { name: "noise.toml", mimeType: "application/toml", buffer: Buffer.from("RIFF....WAVEfmt") });
  await shown("#open-notice", /noise\.toml:1: not TOML/);
  await all_read(page, ".track-name b", ["First piece", "Second piece"]);
  await page.setInputFiles("#plan-file", plan);
  await shown("#open-notice", /two-pieces\.toml is a plan of 2 tracks/);
  await looks_right(page, "a plan that waits to be opened", ALL_SIZES);
  await page.click("#open-yes");
  await shown("#open-notice", /two-pieces\.toml is open/);
  await all_read(page, ".track-name b", ["First piece", "Second piece"]);
  await page.waitForFunction(() => document.querySelector("#override-reason").value === "a test of the panel");
  await page.click("#check-plan:enabled");
  await shown("#check h2", /CAN BE PRINTED/);
});

test("held, it prints; every browser sees it; the change of reels waits for CONFIRM", async () => {
  await watch_phases();
  await hold("#start-print");
  await page.waitForSelector("#watch", WITHIN);
  await page.mouse.up();
  await phase_seen(/track 1/);
  await shown("#heard", /record is on/);
  await looks_right(page, "a print that runs", ALL_SIZES);
  const second = await second_browser(browser, problems, daemon);
  await second.click("#view-print");
  await shown("#heard", /record is on/, WITHIN, second);
  await page.waitForSelector("#gate", WITHIN);
  await second.waitForSelector("#gate", WITHIN);
  await second.context().close();
  await looks_right(page, "a gate", ALL_SIZES);
  await page.click("#view-deck");
  await page.waitForSelector("#gate-banner");
  await page.click("#gate-banner a");
  await page.waitForSelector("#gate");
  await daemon.command("simulated-deck", "tape", "blank");
  await confirm();
});

test("the verdict: each track with its figures and a second by second chart; certificate, labels, cue sheet", async () => {
  for (;;) {
    await page.waitForFunction(() => document.querySelector("#gate") !== null || document.querySelector("#print-verdict") !== null, undefined, WITHIN);
    if ((await page.locator("#gate").count()) === 0) {
      break;
    }
    await confirm();
  }
  await page.waitForSelector(".track-verdict", WITHIN);
  await shown("#print-verdict", /^(?!PRINTING|UNFINISHED)./); // until the session is told as it ended
  assert.equal(await page.textContent("#print-verdict"), "PASS", await page.textContent("#session"));
  await all_read(page, ".track-verdict-head b", ["A 1. First piece", "B 1. Second piece"]);
  await page.locator(".track-verdict-head").first().click();
  await page.waitForSelector(".track-verdict-more .plot");
  await shown(".track-verdict-more .values", /Level, dB.*\d/);
  await looks_right(page, "the verdict", ALL_SIZES);
  for (const kind of ["certificate", "label_10", "cue_sheet"]) {
    const [saved] = await Promise.all([page.waitForEvent("download"), page.click(`#paper-${kind}`)]);
    assert.equal((await readFile(await saved.path())).subarray(0, 5).toString("latin1"), "%PDF-", kind);
  }
  const [signed] = await Promise.all([page.waitForEvent("download"), page.click("#paper-json")]);
  assert.match(await readFile(await signed.path(), "utf8"), /E\. Engineer/);
});

test("the reel is read back against its files, and says what the print said", async () => {
  await page.selectOption(".verify select", "B"); // the reel that is on the deck
  await page.click("#verify");
  await page.click("#verify-yes");
  await page.waitForSelector("#watch", WITHIN);
  await page.waitForSelector("#agreement", WITHIN);
  await shown("#agreement", /The reel (says|does not say) what the print said/);
  assert.match(await page.textContent("#agreement"), /The reel says what the print said/, await page.textContent("#session"));
  await looks_right(page, "a verification", ALL_SIZES);
  await page.click("#show-print");
  await page.waitForSelector("#papers", WITHIN);
});

test("STOP breaks a print off in its first track; it says from where it goes on, here and among all prints", async () => {
  await page.click("#tab-plan");
  await watch_phases();
  await hold("#start-print");
  await page.waitForSelector("#watch", WITHIN);
  await page.mouse.up();
  await phase_seen(/track 1/);
  await page.keyboard.press("Escape");
  await page.waitForSelector("#print-verdict", WITHIN);
  await page.click("#resume", WITHIN);
  await shown(".go-on", /side A/);
  await page.waitForSelector("#resume-yes:enabled", WITHIN);
  await looks_right(page, "a print that was broken off", ALL_SIZES);
  await shown("#tab-sessions", /1 to resume/);
  await page.click("#all-prints");
  await page.waitForFunction(() => document.querySelectorAll("#sessions li").length === 2, undefined, WITHIN);
});

test("nothing is wrong on the page", () => assert.deepEqual(problems, []));
