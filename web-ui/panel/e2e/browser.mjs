// SPDX-License-Identifier: Apache-2.0
// Chromium as Debian has it, and what the tests read off the panel.
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";

const DIST = process.env.OVERBIAS_PANEL_DIST; // a built panel in place of the one that is in the daemon
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
/** With the daemon's own headers of its page, its CSP above all. */
async function from_dist(context) {
  let csp;
  await context.route(/:\d+\/(assets\/.*)?(#.*)?$/, async (route) => {
    const { origin, pathname } = new URL(route.request().url());
    const name = pathname === "/" ? "index.html" : pathname.slice(1);
    csp ??= (await fetch(`${origin}/`)).headers.get("content-security-policy");
    await route.fulfill({ body: await readFile(join(DIST, name)), headers: { "content-security-policy": csp, "content-type": TYPES[extname(name)] } });
  });
}

export async function launch() {
  const executablePath = process.env.OVERBIAS_CHROMIUM ?? "/usr/bin/chromium";
  // as root (a container, CI) Chromium has no sandbox of its own
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  if (DIST) {
    args.push("--disable-features=LocalNetworkAccessChecks"); // a page that came from no address is taken for a public one
  }
  return chromium.launch({ executablePath, args });
}

/** What the panel showed belongs to the words of a wait that was in vain. */
const telling_more =
  (page, wait) =>
  (...given) =>
    wait(...given).catch(async (error) => {
      const shown = await page.evaluate(() => ["#motion", ".speed", "#message"].map((where) => document.querySelector(where)?.textContent ?? "")).catch(() => []);
      error.message += `\nthe panel showed: ${shown.join(" | ")}`;
      throw error;
    });

/** A fresh browser profile with a page that fails the test on any script error or CSP report. */
export async function new_page(browser, problems) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  if (DIST) {
    await from_dist(context);
  }
  await context.addInitScript(() => {
    const Native = WebSocket;
    globalThis.frames_seen = 0;
    globalThis.WebSocket = class extends Native {
      #asked = new Map();
      constructor(...given) {
        super(...given);
        this.addEventListener("message", (event) => {
          globalThis.frames_seen += typeof event.data === "string" ? 0 : 1;
          const late = typeof event.data === "string" ? /was pressed ([\d.]+) s ago/.exec(event.data) : null;
          const asked = late === null ? undefined : this.#asked.get(JSON.parse(event.data).id);
          if (asked !== undefined) {
            // a slow test machine is not what these tests are about: pressed again
            event.stopImmediatePropagation();
            this.send(JSON.stringify({ ...asked, at: asked.at + 1000 * Number(late[1]) }));
          }
        });
      }
      send(data) {
        const request = typeof data === "string" ? JSON.parse(data) : {};
        if (request.at !== undefined) {
          this.#asked.set(request.id, request);
        }
        super.send(data);
      }
    };
  });
  const page = await context.newPage();
  for (const wait of ["waitForSelector", "waitForFunction", "click"]) {
    page[wait] = telling_more(page, page[wait].bind(page));
  }
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

/** Until an element's words are what they shall be: a page that has just been pressed may still be on its way there. */
export const reads = (page, selector, pattern, options) =>
  page.waitForFunction(([where, source]) => new RegExp(source).test(document.querySelector(where)?.textContent ?? ""), [selector, pattern.source], options);
/** Until these are the words of all that the selector finds, in order. */
export const all_read = (page, selector, words, options) =>
  page.waitForFunction(([where, wanted]) => JSON.stringify([...document.querySelectorAll(where)].map((each) => each.textContent)) === JSON.stringify(wanted), [selector, words], options);
export const gone = (page, selector) => page.waitForSelector(selector, { state: "detached" });
/** Until a new size of the window is laid out and painted. */
export const painted = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/** Until the machine says that the tape stands still. */
export const still = (page) => page.waitForFunction(() => document.querySelector(".speed").textContent === "0.00 ips");
