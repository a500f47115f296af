// SPDX-License-Identifier: Apache-2.0
// Asks the machine what comes off tape, and knows how long an answer holds.
import { signal } from "@preact/signals";
import { analysis_of, type Analysis } from "./analysis";
import { panel } from "./panel";

const HOLDS_MS = 3000; // a slow board takes its time

export const analysis = signal<Analysis | null>(null);
export const analysis_stale = signal(true);

let asked = false;
let answered_ms = Number.NEGATIVE_INFINITY;

/** What comes off tape is measured only for those who ask. One question at a time: an answer may take a while. */
export async function ask_analysis(): Promise<void> {
  analysis_stale.value ||= !panel.live.value || performance.now() - answered_ms > HOLDS_MS;
  if (!panel.live.value || asked) {
    return;
  }
  asked = true;
  try {
    const told = analysis_of(await panel.ask("analysis"));
    answered_ms = performance.now();
    analysis.value = told;
    analysis_stale.value = told === null || told.stale;
  } catch {
    // it turns stale by itself
  } finally {
    asked = false;
  }
}
