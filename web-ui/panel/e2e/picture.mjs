// SPDX-License-Identifier: Apache-2.0
// Takes docs/images/panel.png: a real print of the demo programme on the simulated deck, in the middle of its music.
//   OVERBIAS_DAEMON=.../overbiasd node e2e/picture.mjs [FILE]
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { launch, motion, new_page, open_live } from "./browser.mjs";
import { Daemon } from "./daemon.mjs";
import { repacked } from "./png.mjs";

const out = process.argv[2] ?? fileURLToPath(new URL("../../../docs/images/panel.png", import.meta.url));
const daemon = await Daemon.start();
const browser = await launch();
const page = await new_page(browser, []);
await open_live(page, daemon.pairing_address);
await motion(page, "STOPPED");
const programme = join(daemon.folder, "Side A - demo programme.wav");
await promisify(execFile)(join(dirname(process.env.OVERBIAS_DAEMON), "overbias"), ["demo-programme", programme]);
await page.click("#key-zero");
const printed = daemon.command("print", programme).catch(() => undefined); // ended below, by STOP
await page.waitForFunction(() => /^track 1/.test(document.querySelector("#job-phase")?.textContent ?? ""), undefined, { timeout: 120_000 });
// both needles well up, and far enough in for the bar to show
await page.waitForFunction(
  () =>
    document.querySelector(".bar").getAttribute("aria-valuenow") >= 45 &&
    [...document.querySelectorAll('[role="meter"]')].every((meter) => Number(meter.getAttribute("aria-valuenow")) > -9),
  undefined,
  { timeout: 120_000 },
);
await mkdir(dirname(out), { recursive: true });
await writeFile(out, repacked(await page.screenshot()));
await page.keyboard.press("Space");
await printed;
await browser.close();
await daemon.end();
