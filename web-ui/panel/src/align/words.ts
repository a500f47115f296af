// SPDX-License-Identifier: Apache-2.0
// Readings, places and times of an alignment as they are read from behind the machine. Pure.
import type { TrackReading, Value } from "./alignment";

const DASH = "\u2014";
const MINUS = "\u2212";

export const unit_text = (unit: string): string => (unit === "us" ? "\u00b5s" : unit === "deg" ? "\u00b0" : unit);

export const track_name = (channel: number): string =>
  channel === 0 ? "BOTH TRACKS" : channel === 1 ? "LEFT" : channel === 2 ? "RIGHT" : `TRACK ${channel}`;

/** Digits behind the point: one more than the tolerance needs. */
export function decimals_for(tolerance: number | null): number {
  return tolerance === null || tolerance <= 0 ? 2 : Math.min(3, Math.max(0, Math.ceil(-Math.log10(tolerance)) + 1));
}

/** A minus is a minus; a plus only where the sign tells something; no minus before a zero. */
export function figure(value: number | null, decimals: number, signed = false): string {
  if (value === null) {
    return DASH;
  }
  const digits = Math.abs(value).toFixed(decimals);
  return `${Number(digits) === 0 ? "" : value < 0 ? MINUS : signed ? "+" : ""}${digits}`;
}

/** In figures as large as they go: a reading of many digits gives up the last. */
export function large_figure(value: number | null, tolerance: number | null): string {
  const decimals = decimals_for(tolerance);
  return figure(value, value !== null && Math.abs(value) >= 10 ? Math.max(Math.min(1, decimals), decimals - 1) : decimals);
}

/** "reading 0.02 dB, target 0 +-0.1": for the table. */
export function limit_text(value: Pick<Value, "target" | "tolerance" | "unit">): string {
  if (value.target === null) {
    return DASH;
  }
  const decimals = decimals_for(value.tolerance);
  const limit = value.tolerance === null ? "" : ` \u00b1${Number(value.tolerance.toFixed(4))}`;
  return `${figure(value.target, Math.max(0, decimals - 1))}${limit} ${unit_text(value.unit)}`;
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

const VERDICTS: Record<string, string> = { pass: "PASS", fail: "FAIL", unfinished: "NOT FINISHED", cancelled: "STOPPED", refused: "REFUSED", fault: "FAULT" };
export const verdict_text = (verdict: string): string => VERDICTS[verdict] ?? verdict.toUpperCase();

/** What a step's id says without its dots: "record.level" -> "record level". */
export const step_name = (id: string): string => id.replaceAll(/[._]/g, " ");
