// SPDX-License-Identifier: Apache-2.0
// What every page has to keep to at every size: nothing beyond the side of the window, nothing serious that axe finds,
// nothing that can be pressed within 48 pixels of STOP, and no key below 44.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { painted } from "./browser.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SIZES = [[390, 844], [1280, 800]]; // prettier-ignore
export const ALL_SIZES = [[320, 568], [390, 844], [1024, 768], [1440, 900]]; // prettier-ignore

function wrong_here() {
  const stop = document.querySelector("#stop").getBoundingClientRect();
  const main = document.querySelector("main").getBoundingClientRect();
  const keys = [...document.querySelectorAll("button, select, a, input:not([type=radio]):not([type=checkbox])")].filter((each) => each.id !== "stop" && each.closest(".banner p, p.banner") === null);
  const seen = keys.map((each) => {
    const box = each.getBoundingClientRect();
    const fixed = [each, ...(each.closest(".keys, .step-keys") ? [each.closest(".keys, .step-keys")] : [])].some((of) => getComputedStyle(of).position === "fixed");
    const clip = fixed || each.closest("main") === null ? { top: 0, bottom: innerHeight } : main;
    return { name: each.id || each.textContent, box, top: Math.max(box.top, clip.top), bottom: Math.min(box.bottom, clip.bottom) };
  });
  return {
    sideways: document.documentElement.scrollWidth > innerWidth || document.querySelector("main").scrollWidth > Math.ceil(main.width),
    small: seen.filter(({ box }) => box.width > 0 && box.height < 43.5).map(({ name }) => name),
    beyond: seen.filter(({ box }) => box.width > 0 && (box.left < -0.5 || box.right > innerWidth + 0.5)).map(({ name }) => name),
    near_stop: seen
      .filter(({ box, top, bottom }) => bottom > top && Math.hypot(Math.max(stop.left - box.right, box.left - stop.right, 0), Math.max(stop.top - bottom, top - stop.bottom, 0)) < 48)
      .map(({ name }) => name),
  };
}

export async function looks_right(page, what, sizes = SIZES) {
  const before = page.viewportSize();
  for (const [width, height] of sizes) {
    await page.setViewportSize({ width, height });
    await painted(page);
    assert.deepEqual(await page.evaluate(wrong_here), { sideways: false, small: [], beyond: [], near_stop: [] }, `${what} at ${width} x ${height}`);
    await page.evaluate(axe); // by the debugger: the page's CSP stays in force
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    assert.deepEqual(
      violations.filter(({ impact }) => ["serious", "critical"].includes(impact)).map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
      [],
      `${what} at ${width} x ${height}`,
    );
  }
  await page.setViewportSize(before);
}
