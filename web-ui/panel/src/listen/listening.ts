// SPDX-License-Identifier: Apache-2.0
// What the monitor outputs and browsers hear (docs/api.md, "Listening"), as types, and in words. Pure.
import { fields, list, number } from "../align/alignment";
import { figure } from "../align/words";

export type What = "off" | "source" | "tape";
export type Stream = "ab" | "source" | "tape";

export interface Listening {
  what: What;
  dim: boolean;
  mono: boolean;
  mute: boolean;
  delay_ms: number; // how much later the source is heard than it is sent
  level_db: number[]; // its gain, by channel
  by_comparison: boolean; // of the print that runs; else as the machine is set
  monitor: { channels: number[]; underrun_frames: number } | null; // null: no monitor outputs
  browser: { listeners: number; most: number } | null; // null: browsers get no sound
}

const WHATS: What[] = ["source", "tape"];

export function listening_of(value: unknown): Listening | null {
  const given = fields(value);
  if (given === null) {
    return null;
  }
  const [match, monitor, browser] = [fields(given.match) ?? {}, fields(given.monitor), fields(given.browser)];
  const listeners = Object.values(fields(browser?.listeners) ?? {}).map((each) => number(each) ?? 0);
  return {
    what: WHATS.find((each) => each === given.what) ?? "off",
    dim: given.dim === true,
    mono: given.mono === true,
    mute: given.mute === true,
    delay_ms: number(match.delay_ms) ?? 0,
    level_db: list(match.level_difference_db).map((each) => number(each) ?? 0),
    by_comparison: match.basis === "comparison",
    monitor: monitor === null ? null : { channels: list(monitor.channels).map((each) => number(each) ?? 0), underrun_frames: number(monitor.underrun_frames) ?? 0 },
    browser: browser === null ? null : { listeners: listeners.reduce((sum, each) => sum + each, 0), most: number(browser.most) ?? 0 },
  };
}

export const nobody_can = (now: Listening): boolean => now.monitor === null && now.browser === null;

export function match_words(now: Listening): string {
  const gains = now.level_db.map((each) => figure(each, 2, true)).join(" / ");
  return `The source is held back ${figure(now.delay_ms, 1)} ms and gained ${gains} dB, ${now.by_comparison ? "as this print's comparison measures" : "as the machine is set"}.`;
}

export function monitor_words({ monitor }: Listening): string {
  if (monitor === null) {
    return "The card has no monitor outputs (audio.monitor_channels).";
  }
  const late = monitor.underrun_frames === 0 ? "" : `; ${monitor.underrun_frames} frames came too late`;
  return `Heard on outputs ${monitor.channels.join(" and ")} of the card${late}.`;
}
