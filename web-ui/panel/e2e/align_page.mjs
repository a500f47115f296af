// SPDX-License-Identifier: Apache-2.0
// What the browser tests of the alignment page share.
import { new_page } from "./browser.mjs";

export const WITHIN = { timeout: 180_000 }; // a step takes its deck time, on a machine that has more to do

/** A page whose console must stay free of errors. */
export async function a_page(browser, problems) {
  const opened = await new_page(browser, problems);
  opened.setDefaultTimeout(60_000);
  opened.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  return opened;
}

/** Another browser, paired and on the page that it is shown without choosing one. */
export async function second_browser(browser, problems, daemon) {
  const opened = await a_page(browser, problems);
  await opened.goto(`${daemon.address}/#token=${await daemon.new_token()}`);
  return opened;
}

/** Begins a procedure as an operator does. `way`: "#align-guided" or "#align-automatic". */
export async function begin(page, procedure, way) {
  await page.click("#view-align");
  await page.waitForSelector(`.procedure input[value=${procedure}]`);
  await page.click(`.procedure input[value=${procedure}]`);
  if (await page.isEnabled(way)) {
    await page.click(way);
  }
  await page.click("#align-begin");
}

/** A figure stands on a card of a track. */
export const reading_shown = (page) => page.waitForFunction(() => [...document.querySelectorAll(".track-card:not(.unread) .track-reading")].some((each) => /\d/.test(each.textContent)), undefined, WITHIN);

export const records = async (daemon) => JSON.parse(await daemon.command("alignments", "--json")).alignments;
