// SPDX-License-Identifier: Apache-2.0
// A reel plan while it is being made: every field as it was typed, so that a half-written number stays what it is. What it
// becomes for the machine is in plan.ts. Pure.

import type { Value } from "./toml";

/** What an opened plan says that no field of the page is for: kept, and sent as it stands. */
export type More = { [key: string]: Value };

export interface DraftTrack {
  key: number; // of the row, while it is on the screen
  file: string; // a path under a root of the machine, or "upload:ID"
  shown: string; // its name
  title: string;
  artist: string;
  isrc: string;
  version: string;
  trim_db: string;
  gap: string; // before it; empty: the reel's
  gap_unit: Unit;
  more?: More;
}
export type Unit = "s" | "ft" | "m";
export interface DraftSide {
  key: number;
  name: string;
  new_tape: boolean; // on another reel than the side before: the operator is asked to change it
  start_m: string;
  gap: string; // to the side before, on the same reel
  gap_unit: Unit;
  tracks: DraftTrack[];
  more?: More;
}
export interface DraftTone {
  key: number;
  frequency_hz: string;
  duration_s: string;
  level_re_operating_db: string;
  azimuth: boolean; // azimuth is to be set by this one
  more?: More;
}
/** What is done with what is heard while it prints. */
export type Deed = "mark" | "warn" | "stop";

export interface Draft {
  facts: Record<string, string>; // of the reel and its tape, by the plan's own keys ("tape.stock")
  units: Record<string, Unit>; // of those facts that are a length of tape
  tails_out: boolean | null; // null: as the machine has it
  split_sides: boolean; // a side that does not fit goes on at a track boundary on a new tape
  tones: DraftTone[] | null; // null: the machine's own slate
  voice: PlanFile | null; // spoken after the tones
  live: Record<string, Deed> | null; // by the word of a finding; null: as the machine has it
  sides: DraftSide[];
  more?: More;
}
export interface PlanFile {
  file: string;
  name: string;
}

const FIRST_SIDE: DraftSide = { key: 1, name: "A", new_tape: true, start_m: "", gap: "", gap_unit: "s", tracks: [] };
export const EMPTY: Draft = { facts: {}, units: {}, tails_out: null, split_sides: false, tones: null, voice: null, live: null, sides: [FIRST_SIDE] };

/** A key that no row has yet. */
export function next_key(draft: Draft): number {
  const keys = [...draft.sides.flatMap((side) => [side.key, ...side.tracks.map((track) => track.key)]), ...(draft.tones ?? []).map((tone) => tone.key)];
  return 1 + Math.max(0, ...keys);
}

/** What a file is called where nothing better is known: its name without numbering and ending. */
export function title_of_name(name: string): string {
  const bare = name.replace(/^.*[/\\]/, "").replace(/\.[A-Za-z0-9]{1,5}$/, "");
  return bare.replace(/^\d{1,3}[ ._-]+(?=\D)/, "").replaceAll("_", " ").trim() || bare;
}

export function with_files(draft: Draft, side_key: number, files: PlanFile[]): Draft {
  let key = next_key(draft);
  const tracks = files.map(({ file, name }): DraftTrack => ({ key: key++, file, shown: name, title: title_of_name(name), artist: "", isrc: "", version: "", trim_db: "", gap: "", gap_unit: "s" }));
  return { ...draft, sides: draft.sides.map((side) => (side.key === side_key ? { ...side, tracks: [...side.tracks, ...tracks] } : side)) };
}

/** A file that the machine can find: one that is named by its whole path, or was brought to it. */
export const is_whole = (file: string): boolean => file.startsWith("/") || file.startsWith("upload:");

/** A track of an opened plan whose file is named without its place gets the one of that name; null: there is none. */
export function with_file_found(draft: Draft, file: string, name: string): Draft | null {
  const last = (path: string) => path.replace(/^.*[/\\]/, "");
  const track = draft.sides.flatMap((side) => side.tracks).find((each) => !is_whole(each.file) && last(each.file) === last(name));
  return track === undefined ? null : with_track(draft, track.key, { file, shown: name });
}

export function with_track(draft: Draft, key: number, change: Partial<DraftTrack>): Draft {
  return { ...draft, sides: draft.sides.map((side) => ({ ...side, tracks: side.tracks.map((track) => (track.key === key ? { ...track, ...change } : track)) })) };
}

export function without_track(draft: Draft, key: number): Draft {
  return { ...draft, sides: draft.sides.map((side) => ({ ...side, tracks: side.tracks.filter((track) => track.key !== key) })) };
}

/** Before the track `before`; null: at the end of the side. */
export function put_track(draft: Draft, key: number, side_key: number, before: number | null): Draft {
  const track = draft.sides.flatMap((side) => side.tracks).find((each) => each.key === key);
  if (track === undefined || before === key) {
    return draft;
  }
  const out = without_track(draft, key);
  return {
    ...out,
    sides: out.sides.map((side) => {
      if (side.key !== side_key) {
        return side;
      }
      const at = side.tracks.findIndex((each) => each.key === before);
      return { ...side, tracks: at < 0 ? [...side.tracks, track] : [...side.tracks.slice(0, at), track, ...side.tracks.slice(at)] };
    }),
  };
}

/** One place up (-1) or down (1); at the edge of a side, over to the next. */
export function moved(draft: Draft, key: number, by: -1 | 1): Draft {
  const s = draft.sides.findIndex((side) => side.tracks.some((track) => track.key === key));
  const side = draft.sides[s];
  if (side === undefined) {
    return draft;
  }
  const t = side.tracks.findIndex((track) => track.key === key);
  const neighbour = side.tracks[t + by];
  if (neighbour !== undefined) {
    return by < 0 ? put_track(draft, key, side.key, neighbour.key) : put_track(draft, key, side.key, side.tracks[t + 2]?.key ?? null);
  }
  const other = draft.sides[s + by];
  return other === undefined ? draft : put_track(draft, key, other.key, by < 0 ? null : (other.tracks[0]?.key ?? null));
}

export function with_side(draft: Draft): Draft {
  const at = draft.sides.length;
  const side: DraftSide = { key: next_key(draft), name: String.fromCharCode(65 + (at % 26)), new_tape: true, start_m: "", gap: "", gap_unit: "s", tracks: [] };
  return { ...draft, sides: [...draft.sides, side] };
}
export function with_side_change(draft: Draft, key: number, change: Partial<DraftSide>): Draft {
  return { ...draft, sides: draft.sides.map((side) => (side.key === key ? { ...side, ...change } : side)) };
}
/** Its tracks go to the side before it; the last side that there is stays. */
export function without_side(draft: Draft, key: number): Draft {
  const at = draft.sides.findIndex((side) => side.key === key);
  const [gone, other] = [draft.sides[at], draft.sides[at === 0 ? 1 : at - 1]];
  if (gone === undefined || other === undefined) {
    return draft;
  }
  const joined = { ...other, tracks: at === 0 ? [...gone.tracks, ...other.tracks] : [...other.tracks, ...gone.tracks] };
  return { ...draft, sides: draft.sides.filter((side) => side.key !== key).map((side) => (side.key === other.key ? joined : side)) };
}

const tone = (frequency_hz: string, azimuth: boolean): Omit<DraftTone, "key"> => ({ frequency_hz, duration_s: "30", level_re_operating_db: "0", azimuth });
export const TONES: Omit<DraftTone, "key">[] = [tone("1000", false), tone("10000", true), tone("100", false)];
export function with_tones(draft: Draft, tones: Omit<DraftTone, "key">[] | null): Draft {
  const first = next_key(draft);
  return { ...draft, tones: tones === null ? null : tones.map((tone, index) => ({ ...tone, key: first + index })) };
}

/** A draft that was kept by the browser; one that can't be read is an empty one. */
export function draft_of(kept: string): Draft {
  try {
    const told = JSON.parse(kept) as Partial<Draft>;
    if (Array.isArray(told.sides) && told.sides.length > 0 && told.sides.every((side) => Array.isArray(side.tracks)) && typeof told.facts === "object") {
      return { ...EMPTY, ...told };
    }
  } catch {
    return EMPTY;
  }
  return EMPTY;
}
