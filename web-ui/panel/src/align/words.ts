// SPDX-License-Identifier: Apache-2.0
// Readings, places and times of an alignment as they are read from behind the machine. Pure.
import type { Bound, TrackReading, Value } from "./alignment";

const DASH = "\u2014";
const MINUS = "\u2212";

export const unit_text = (unit: string): string => (unit === "us" ? "\u00b5s" : unit === "deg" ? "\u00b0" : unit);

const BETWEEN = ["us", "deg", "urad", "dB"]; // what only two tracks have between them; all else is the deck's as a whole

/** Channel 0 is no track; what it is, the unit of its reading tells. */
export const track_name = (channel: number, unit = ""): string =>
  channel === 1 ? "LEFT" : channel === 2 ? "RIGHT" : channel !== 0 ? `TRACK ${channel}` : BETWEEN.includes(unit) ? "BOTH TRACKS" : "DECK";

const UNIT_DECIMALS: Record<string, number> = { dBFS: 1, us: 1, ms: 3, s: 5, ppm: 0, "%": 3, Hz: 1, V: 3, m: 3, deg: 1, frames: 1, urad: 0 };

/** Digits behind the point: one more than the tolerance needs; without one, as the unit deserves. */
export function decimals_for(tolerance: number | null, unit = ""): number {
  return tolerance === null || tolerance <= 0 ? (UNIT_DECIMALS[unit] ?? 2) : Math.min(3, Math.max(0, Math.ceil(-Math.log10(tolerance)) + 1));
}

const plain = (value: number): string => String(Number(value.toFixed(4))).replace("-", MINUS);

/** A minus is a minus; a plus only where the sign tells something; no minus before a zero. */
export function figure(value: number | null, decimals: number, signed = false): string {
  if (value === null) {
    return DASH;
  }
  const digits = Math.abs(value).toFixed(decimals);
  return `${Number(digits) === 0 ? "" : value < 0 ? MINUS : signed ? "+" : ""}${digits}`;
}

/** In figures as large as they go: a reading of many digits gives up the last. */
export function large_figure(value: number | null, tolerance: number | null, unit = ""): string {
  const decimals = decimals_for(tolerance, unit);
  return figure(value, value !== null && Math.abs(value) >= 10 ? Math.max(Math.min(1, decimals), decimals - 1) : decimals);
}

/** "-3.0 +-0.25 dB", "at least 60.0 dB"; a target without a limit is only aimed at. */
export function limit_text(value: Pick<Value, "target" | "tolerance" | "unit"> & { bound?: Bound }): string {
  const { target, tolerance, unit, bound = "both_sides" } = value;
  if (target === null) {
    return DASH;
  }
  const decimals = Math.max(0, decimals_for(tolerance, unit) - 1);
  if (tolerance === null) {
    return `aim ${figure(target, decimals)} ${unit_text(unit)}`;
  }
  if (bound !== "both_sides") {
    return bound === "at_least" ? `at least ${plain(target - tolerance)} ${unit_text(unit)}` : `at most ${plain(target + tolerance)} ${unit_text(unit)}`;
  }
  return `${figure(target, decimals)} \u00b1${plain(tolerance)} ${unit_text(unit)}`;
}

/** UTC as it is stored to a time of the browser's: "2024-05-03 12:15". */
export function when_text(utc: string): string {
  const at = new Date(utc);
  if (utc === "" || Number.isNaN(at.getTime())) {
    return DASH;
  }
  const two = (n: number) => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

export type Hand = "up" | "down" | "done" | "none";

/** What the hand at the screw is to do. */
export function hand_of(track: TrackReading): Hand {
  return track.done ? "done" : track.turn === null || track.turn === 0 ? "none" : track.turn > 0 ? "up" : "down";
}

const VERDICTS: Record<string, string> = { printing: "PRINTING", pass: "PASS", fail: "FAIL", unfinished: "NOT FINISHED", not_judged: "NOT JUDGED", cancelled: "STOPPED", refused: "REFUSED", fault: "FAULT" };
export const verdict_text = (verdict: string): string => VERDICTS[verdict] ?? verdict.toUpperCase();
