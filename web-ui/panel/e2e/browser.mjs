// SPDX-License-Identifier: Apache-2.0
// Chromium as Debian has it, and what the tests read off the panel.
import { chromium } from "playwright-core";

export async function launch() {
  const executablePath = process.env.OVERBIAS_CHROMIUM ?? "/usr/bin/chromium";
  // as root (a container, CI) Chromium has no sandbox of its own
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args });
}

/** A fresh browser profile with a page that fails the test on any script error or CSP report. */
export async function new_page(browser, problems) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.addInitScript(() => {
    const Native = WebSocket;
    globalThis.frames_seen = 0;
    globalThis.WebSocket = class extends Native {
      constructor(...given) {
        super(...given);
        this.addEventListener("message", ({ data }) => (globalThis.frames_seen += typeof data === "string" ? 0 : 1));
      }
    };
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => problems.push(`script error: ${error.message}`));
  page.on("console", (message) => {
    if (/Content Security Policy/i.test(message.text())) {
      problems.push(message.text());
    }
  });
  return page;
}

export async function open_live(page, address) {
  await page.goto(address);
  await page.waitForSelector("#link.link-live");
  await page.waitForFunction(() => /\d m$/.test(document.querySelector("#metres")?.textContent ?? ""));
}

export const motion = (page, word) => page.waitForFunction((wanted) => document.querySelector("#motion")?.textContent === wanted, word);

export async function metres(page) {
  const text = await page.textContent("#metres");
  return Number(text.replace("\u2212", "-").replace("~", "").replace(" m", ""));
}

/** Until the counter stands `metres` beyond `from` (either way). */
export const moved = (page, from, by) =>
  page.waitForFunction(
    ([start, distance]) => {
      const text = document.querySelector("#metres").textContent.replace("\u2212", "-").replace("~", "").replace(" m", "");
      return Math.abs(Number(text) - start) > distance;
    },
    [from, by],
  );

/** How far the counter goes while `count` meter frames come in: it is live, so a counter at rest is the deck's own word. */
export async function metres_over_frames(page, count) {
  await page.waitForSelector(".counter:not(.stale)");
  const [from, first] = [await metres(page), await page.evaluate(() => globalThis.frames_seen)];
  await page.waitForFunction(([before, wanted]) => globalThis.frames_seen >= before + wanted, [first, count]);
  return (await metres(page)) - from;
}

/** Until the machine says that the tape stands still. */
export const still = (page) => page.waitForFunction(() => document.querySelector(".speed").textContent === "0.00 ips");
