// SPDX-License-Identifier: Apache-2.0
// Numbers as an engineer reads them.

const METRES_PER_INCH = 0.0254;

export interface CounterText {
  negative: boolean;
  digits: string; // h:mm:ss.hh
}

/** Tape time at play speed. Null when the speed is not known: metres are then all there is. */
export function counter_text(tape_m: number, play_speed_ips: number): CounterText | null {
  if (!(play_speed_ips > 0)) {
    return null;
  }
  const hundredths = Math.round((Math.abs(tape_m) / (play_speed_ips * METRES_PER_INCH)) * 100);
  const two = (n: number) => String(n).padStart(2, "0");
  const seconds = Math.floor(hundredths / 100);
  return {
    negative: tape_m < 0 && hundredths > 0,
    digits: `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${two(hundredths % 100)}`,
  };
}

export function metres_text(tape_m: number): string {
  const text = Math.abs(tape_m).toFixed(3);
  return `${tape_m < 0 && Number(text) !== 0 ? "\u2212" : ""}${text} m`;
}

export function uncertainty_text(uncertainty_m: number): string {
  return uncertainty_m < 1 ? `\u00b1${Math.round(uncertainty_m * 1000)} mm` : `\u00b1${uncertainty_m.toFixed(1)} m`;
}

/** 75 -> "1:15", 3675 -> "1:01:15" */
export function duration_text(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const h = Math.floor(whole / 3600);
  const m = Math.floor(whole / 60) % 60;
  return h > 0 ? `${h}:${two(m)}:${two(whole % 60)}` : `${m}:${two(whole % 60)}`;
}

export function vu_text(vu: number): string {
  if (vu <= -40) {
    return "\u2212\u221e";
  }
  const text = Math.abs(vu).toFixed(1);
  return `${text === "0.0" ? "" : vu < 0 ? "\u2212" : "+"}${text}`;
}

export function dbfs_text(dbfs: number): string {
  if (dbfs <= -120) {
    return "\u2212\u221e";
  }
  const text = Math.abs(dbfs).toFixed(1);
  return `${dbfs < 0 && text !== "0.0" ? "\u2212" : ""}${text}`;
}

/** What an operator may type as a place: metres (34.5), h:mm:ss or m:ss, a fraction in the last; a minus before it. */
export function place_entry(entry: string): { position: number | string } | { problem: string } {
  const text = entry.trim().replace("\u2212", "-");
  if (/^-?\d+(\.\d+)?m?$/.test(text)) {
    return { position: Number(text.replace("m", "")) };
  }
  if (/^-?(\d+:)?[0-5]?\d:[0-5]\d(\.\d+)?$/.test(text) || /^-?\d+:[0-5]\d(\.\d+)?$/.test(text)) {
    return { position: text };
  }
  return { problem: `"${entry}" is not a place on the tape: write metres (34.5) or tape time (h:mm:ss or m:ss)` };
}
