// SPDX-License-Identifier: Apache-2.0
// What the machine says of a plan (docs/api.md, `plan_check`), as types. Pure.
import { fields, list, number, text } from "../align/alignment";

export interface Finding {
  kind: string;
  side: string; // its name; empty: the whole plan
  track: number | null; // of the side, from 0
  at_s: number | null;
  to_s: number | null;
  db: number | null;
  basis: string;
  words: string;
}
export interface CheckedFile {
  file: string;
  name: string; // as an operator knows it
  side: string;
  track: number | null; // null: the voice slate
  rate_hz: number;
  converted: boolean;
  duration_s: number | null;
  true_peak_dbtp: (number | null)[];
  lufs: number | null;
  vu_max: (number | null)[];
}
export interface CheckedTrack {
  start_s: number;
  end_s: number;
  start_m: number;
  end_m: number;
  gap_s: number;
  duration_s: number | null;
  resumable: boolean;
  refused: boolean;
  warned: boolean;
}
export interface CheckedSide {
  name: string;
  reel: number;
  start_m: number;
  duration_s: number | null; // null: files are missing
  end_m: number;
  left_s: number | null; // below 0: it does not fit
  left_m: number | null;
  tracks: CheckedTrack[];
}
export interface Check {
  printable: boolean;
  plan: Record<string, unknown>; // as it would be printed
  tape_length_m: number; // of each reel; 0: not told
  sides: CheckedSide[];
  files: CheckedFile[];
  refusals: Finding[];
  warnings: Finding[];
  notes: Finding[];
  alignment_days: number | null;
  overridden: boolean; // printed all the same
  card_rate_hz: number | null;
}

const pair = (value: unknown): (number | null)[] => list(value).map(number);

function finding_of(value: unknown): Finding {
  const given = fields(value) ?? {};
  const track = number(given.track);
  return {
    kind: text(given.kind),
    side: text(given.side),
    track: track === null || track < 0 ? null : track,
    at_s: number(given.at_s),
    to_s: number(given.to_s),
    db: number(given.db),
    basis: text(given.basis),
    words: text(given.words) || text(given.kind).replaceAll("_", " "),
  };
}

function file_of(value: unknown): CheckedFile {
  const given = fields(value) ?? {};
  const track = number(given.track);
  return {
    file: text(given.file) || text(given.path),
    name: (text(given.name) || text(given.file) || text(given.path)).replace(/^.*\/(?=.)/, ""),
    side: text(given.side),
    track: track === null || track < 0 ? null : track,
    rate_hz: number(given.sample_rate_hz) ?? 0,
    converted: given.converted === true,
    duration_s: number(given.duration_s),
    true_peak_dbtp: pair(given.true_peak_dbtp),
    lufs: number(given.integrated_lufs),
    vu_max: pair(given.vu_max),
  };
}

export function check_of(value: unknown): Check {
  const given = fields(value) ?? {};
  const refusals = list(given.refusals).map(finding_of);
  const warnings = list(given.warnings).map(finding_of);
  const about = (found: Finding[], side: string, track: number) => found.some((each) => each.track === track && each.side === side);
  const side_of = (told: unknown): CheckedSide => {
    const side = fields(told) ?? {};
    const name = text(side.name);
    return {
      name,
      reel: number(side.reel) ?? 1,
      start_m: number(side.start_m) ?? 0,
      duration_s: number(side.duration_s),
      end_m: number(side.end_m) ?? 0,
      left_s: number(side.left_s),
      left_m: number(side.left_m),
      tracks: list(side.tracks).map((each, at) => {
        const track = fields(each) ?? {};
        const [start_s, end_s] = [number(track.start_s) ?? 0, number(track.end_s) ?? 0];
        return {
          start_s,
          end_s,
          start_m: number(track.start_m) ?? 0,
          end_m: number(track.end_m) ?? 0,
          gap_s: number(track.gap_s) ?? 0,
          duration_s: end_s > start_s ? end_s - start_s : null,
          resumable: track.resumable === true,
          refused: about(refusals, name, at),
          warned: about(warnings, name, at),
        };
      }),
    };
  };
  return {
    printable: given.printable === true || (given.printable === undefined && refusals.length === 0),
    plan: fields(given.plan) ?? {},
    tape_length_m: metres_of(text(fields(fields(given.plan)?.tape)?.length)),
    sides: list(given.sides).map(side_of),
    files: list(given.files).map(file_of),
    refusals,
    warnings,
    notes: list(given.notes).map(finding_of),
    alignment_days: number(fields(given.alignment)?.age_days),
    overridden: fields(given.alignment)?.overridden === true,
    card_rate_hz: number(given.card_rate_hz),
  };
}

/** "762 m", "2500 ft" */
function metres_of(length: string): number {
  const [value, unit] = length.split(" ");
  return (Number(value) || 0) * (unit === "ft" ? 0.3048 : 1);
}

/** "side A, track 3, 1:12": where a finding is. */
export function place_words(found: Finding, time: (seconds: number) => string): string {
  const words = [found.side === "" ? "" : `side ${found.side}`, found.track === null ? "" : `track ${found.track + 1}`, found.at_s === null ? "" : `at ${time(found.at_s)}`];
  const told = words.filter((each) => each !== "").join(", ");
  return told === "" ? "the reel" : told;
}
