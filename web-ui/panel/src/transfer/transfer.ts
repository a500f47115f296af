// SPDX-License-Identifier: Apache-2.0
// What the machine tells of a transfer from tape to file (docs/api.md, "Transfer"), as types. Pure. Null: nothing to tell.
import { fields, list, number, text, type Fields } from "../align/alignment";
import { value_entry } from "../align/value_entry";
import { duration_text, place_entry } from "../state/format";
import type { Happening } from "../state/happenings";

export interface Figures {
  captured_s: number | null;
  integrated_lufs: number | null;
  range_lu: number | null;
  short_term_lufs: number | null;
  true_peak_dbtp: (number | null)[]; // highest
  rms_dbfs: (number | null)[]; // now; empty of a file that is done
  clips: number;
  correlation: number | null;
  azimuth_us: number | null;
  azimuth_confidence: number | null;
  azimuth_averaging_s: number | null;
  reversed: boolean; // one channel seems of opposite polarity
  noise_dbfs: number | null;
  dropouts_suspected: number;
}
/** While it runs. */
export interface Running extends Figures {
  job: string;
  file: string;
  phase: string; // waiting, capturing, checking, done
  checked: number; // of the file, 0 to 1
  lost_frames: number;
  disk_trouble: string;
}
/** Something that has a place in the file. */
export interface Mark {
  at_s: number;
  words: string;
}
/** A file that is done. */
export interface Done extends Figures {
  session: string;
  title: string;
  words: string;
  file: string;
  sha256: string;
  marks: Mark[];
  holes: Mark[];
}

const pair = (value: unknown): (number | null)[] => list(value).map(number);
const sum = (value: unknown): number => list(value).reduce<number>((all, each) => all + (number(each) ?? 0), 0);

function figures_of(given: Fields, loudness: Fields): Figures {
  const azimuth = fields(given.azimuth);
  const holes = fields(given.dropouts_suspected);
  return {
    captured_s: number(given.captured_s),
    integrated_lufs: number(loudness.integrated_lufs),
    range_lu: number(loudness.range_lu),
    short_term_lufs: number(loudness.short_term_lufs),
    true_peak_dbtp: pair(given.true_peak_dbtp),
    rms_dbfs: pair(given.rms_dbfs),
    clips: sum(given.clips),
    correlation: number(given.correlation),
    azimuth_us: number(azimuth?.delay_us),
    azimuth_confidence: number(azimuth?.confidence),
    azimuth_averaging_s: number(azimuth?.averaging_s),
    reversed: azimuth?.reversed === true,
    noise_dbfs: number(given.noise_dbfs),
    dropouts_suspected: number(holes?.count) ?? number(given.dropouts_suspected) ?? 0,
  };
}

/** The notification `transfer`. */
export function running_of(value: unknown): Running | null {
  const given = fields(value);
  return given === null
    ? null
    : {
        ...figures_of(given, given),
        job: text(given.job),
        file: text(given.file),
        phase: text(given.phase),
        checked: number(given.checked) ?? 0,
        lost_frames: number(given.lost_frames) ?? 0,
        disk_trouble: text(given.disk_trouble),
      };
}

const hole_words = (channel: string, depth_db: unknown, length_ms: unknown): string => [channel, depth_db == null ? "" : `${Number(depth_db).toFixed(1)} dB`, length_ms == null ? "" : `${Number(length_ms).toFixed(0)} ms`].filter((word) => word !== "").join(", ");

/** The report beside the file (docs/transferring.md). */
export function done_of(value: unknown): Done | null {
  const given = fields(value);
  const file = fields(given?.file);
  if (given === null || file === null) {
    return null;
  }
  return {
    ...figures_of(given, fields(given.loudness) ?? {}),
    captured_s: number(file.duration_s),
    session: text(given.session),
    title: text(fields(given.reel)?.title),
    words: text(given.words),
    file: text(file.path),
    sha256: text(file.sha256),
    marks: list(given.tracks).map((each) => {
      const track = fields(each) ?? {};
      const [from, to] = [number(track.start_s) ?? 0, number(track.end_s) ?? 0];
      return { at_s: from, words: `${text(track.label) || `track ${number(track.number) ?? ""}`}, ${duration_text(to - from)}` };
    }),
    holes: list(fields(given.dropouts_suspected)?.told).map((each) => {
      const hole = fields(each) ?? {};
      return { at_s: number(hole.at_s) ?? 0, words: hole_words(text(hole.channel), hole.depth_db, hole.length_ms) };
    }),
  };
}

/** What the running job has told so far (src/state/happenings.ts): where programme begins and ends, and suspicions. */
export function marks_of(all: Happening[]): { marks: Mark[]; holes: Mark[] } {
  const placed = all.flatMap((each) => (each.detail.at_s === undefined ? [] : [{ ...each, at_s: Number(each.detail.at_s) }]));
  const words: Record<string, string> = { gap: "a gap begins", programme: "programme", clipped: "clipped", frames_lost: "frames were lost: silence stands there" };
  return {
    marks: placed.filter(({ kind }) => kind in words).map(({ at_s, kind }) => ({ at_s, words: words[kind] ?? kind })),
    holes: placed.filter(({ kind }) => kind === "dropout_suspected").map(({ at_s, detail }) => ({ at_s, words: hole_words(detail.channel ?? "", detail.depth_db, detail.length_ms) })),
  };
}

// ---- what is asked for

export type Until = "open" | "place" | "length" | "silence";
export interface Wish {
  file: string;
  title: string;
  tape: string;
  operator: string;
  note: string;
  from: string;
  until: Until;
  to: string;
  length: string; // minutes:seconds, or seconds
  silence_s: string;
  library_wind: boolean;
}
export const NO_WISH: Wish = { file: "", title: "", tape: "", operator: "", note: "", from: "", until: "silence", to: "", length: "", silence_s: "", library_wind: false };

/** "1:30" and "90" are ninety seconds. */
export function seconds_entry(entry: string): number | null {
  const match = /^(?:(\d+):)?(\d+):([0-5]\d(?:[.,]\d+)?)$/.exec(entry.trim());
  if (match !== null) {
    return 3600 * Number(match[1] ?? 0) + 60 * Number(match[2]) + Number((match[3] ?? "0").replace(",", "."));
  }
  const value = value_entry(entry);
  return value !== null && value >= 0 ? value : null;
}

export function request_of(wish: Wish): { params: Record<string, unknown> } | { problem: string } {
  const params: Record<string, unknown> = {};
  for (const [name, value] of [["file", wish.file], ["title", wish.title], ["tape", wish.tape], ["operator", wish.operator], ["note", wish.note]] as const) { // prettier-ignore
    if (value.trim() !== "") {
      params[name] = value.trim();
    }
  }
  const places = [["from", wish.from], ...(wish.until === "place" ? [["to", wish.to]] : [])] as [string, string][];
  for (const [name, entry] of places) {
    if (entry.trim() === "") {
      if (name === "to") {
        return { problem: "Say where it is to end." };
      }
      continue;
    }
    const place = place_entry(entry);
    if ("problem" in place) {
      return place;
    }
    params[name] = place.position;
  }
  const seconds = (name: string, entry: string): string | null => {
    const value = seconds_entry(entry);
    if (value === null || value === 0) {
      return `"${entry}" is no time: write seconds (90) or m:ss (1:30)`;
    }
    params[name] = value;
    return null;
  };
  if (wish.until === "silence") {
    params.until_silence = true;
  }
  const problem = wish.until === "length" ? seconds("length_s", wish.length) : wish.until === "silence" && wish.silence_s.trim() !== "" ? seconds("silence_s", wish.silence_s) : null;
  if (problem !== null) {
    return { problem };
  }
  if (wish.library_wind) {
    params.library_wind = true;
  }
  return { params };
}
