// SPDX-License-Identifier: Apache-2.0
// What a draft becomes for the machine: the plan with the keys of docs/printing-a-reel.md. What was left empty is left
// out: the machine fills it in. Pure.
import { value_entry } from "../align/value_entry";
import { is_whole, type Draft, type DraftTrack, type More, type Unit } from "./draft";
import type { Value } from "./toml";

type Table = { [key: string]: Value };

export interface Fact {
  key: string; // "title", "tape.stock"
  label: string;
  kind: "words" | "length";
  unit?: Unit; // of a length, at first
}
/** What stands on the box and in the certificate. */
export const REEL_FACTS: Fact[] = [
  { key: "title", label: "Title", kind: "words" },
  { key: "artist", label: "Artist", kind: "words" },
  { key: "version", label: "Version", kind: "words" },
  { key: "catalogue_number", label: "Catalogue number", kind: "words" },
  { key: "client", label: "Client", kind: "words" },
  { key: "studio", label: "Studio", kind: "words" },
  { key: "engineer", label: "Engineer", kind: "words" },
  { key: "date", label: "Date", kind: "words" },
  { key: "noise_reduction", label: "Noise reduction", kind: "words" },
  { key: "azimuth_note", label: "Azimuth note", kind: "words" },
  { key: "notes", label: "Notes", kind: "words" },
];
export const TAPE_FACTS: Fact[] = [
  { key: "tape.stock", label: "Tape stock", kind: "words" },
  { key: "tape.batch", label: "Batch", kind: "words" },
  { key: "tape.length", label: "Length", kind: "length", unit: "m" },
  { key: "tape.head_leader", label: "Head leader", kind: "length" },
  { key: "tape.tail_leader", label: "Tail leader", kind: "length" },
  { key: "tape.spare", label: "Spare at the end", kind: "length" },
  { key: "gap", label: "Gap between tracks", kind: "length" },
];
const FACTS = [...REEL_FACTS, ...TAPE_FACTS];

export interface Planned {
  plan: Table;
  problems: string[]; // what was typed that is no number, and where
}

const is_table = (value: Value | undefined): value is Table => typeof value === "object" && !Array.isArray(value);
/** What the page says goes before what only the opened plan says. */
function with_more(table: Table, more: More | undefined): Table {
  const all: Table = { ...table };
  for (const [key, value] of Object.entries(more ?? {})) {
    const ours = all[key];
    all[key] = ours === undefined ? value : is_table(ours) && is_table(value) ? with_more(ours, value) : ours;
  }
  return all;
}

const UNITS: Unit[] = ["s", "ft", "m"];
export const unit_of = (draft: Draft, key: string): Unit => UNITS.find((each) => each === draft.units[key]) ?? FACTS.find((fact) => fact.key === key)?.unit ?? "s";

export function plan_of(draft: Draft): Planned {
  const problems: string[] = [];
  const number_of = (entry: string, what: string): number | null => {
    const value = entry.trim() === "" ? null : value_entry(entry);
    if (entry.trim() !== "" && value === null) {
      problems.push(`${what}: "${entry.trim()}" is not a number`);
    }
    return value;
  };
  const length_of = (entry: string, unit: Unit, what: string): Table[string] | null => {
    const value = number_of(entry, what);
    return value === null ? null : `${value} ${unit}`;
  };
  const put = (table: Table, key: string, value: Value | null) => {
    if (value !== null && value !== "") {
      table[key] = value;
    }
  };

  const plan: Table = {};
  const tape: Table = {};
  for (const fact of FACTS) {
    const entry = draft.facts[fact.key] ?? "";
    const value = fact.kind === "length" ? length_of(entry, unit_of(draft, fact.key), fact.label) : entry.trim();
    put(fact.key.startsWith("tape.") ? tape : plan, fact.key.replace("tape.", ""), value);
  }
  put(tape, "tails_out", draft.tails_out);
  put(plan, "split_sides", draft.split_sides ? true : null);
  if ((draft.facts.title ?? "").trim() === "") {
    problems.push("Give the reel a title.");
  }
  if (Object.keys(tape).length > 0) {
    plan.tape = tape;
  }

  const slate: Table = {};
  if (draft.tones !== null && draft.tones.length > 0) {
    slate.tones = draft.tones.map((tone, index) => {
      const told: Table = {};
      const name = `Tone ${index + 1}`;
      put(told, "frequency_hz", number_of(tone.frequency_hz, `${name}, frequency`));
      put(told, "duration_s", number_of(tone.duration_s, `${name}, seconds`));
      put(told, "level_re_operating_db", number_of(tone.level_re_operating_db, `${name}, level`));
      put(told, "azimuth", tone.azimuth ? true : null);
      return with_more(told, tone.more);
    });
  }
  put(slate, "voice", draft.voice?.file ?? null);
  if (draft.voice !== null && !is_whole(draft.voice.file)) {
    problems.push(`The voice slate "${draft.voice.file}" is not on the machine: choose it again under Slate.`);
  }
  if (Object.keys(slate).length > 0) {
    plan.slate = slate;
  }
  if (draft.live !== null) {
    const words = (deed: string) => Object.entries(draft.live ?? {}).flatMap(([word, each]) => (each === deed ? [word] : []));
    plan.live = { warns: words("warn"), stops: words("stop") };
  }
  const alignment: Table = {};
  put(alignment, "override_name", (draft.facts["alignment.override_name"] ?? "").trim());
  put(alignment, "override_reason", (draft.facts["alignment.override_reason"] ?? "").trim());
  if (Object.keys(alignment).length > 0) {
    plan.alignment = alignment;
  }

  const track_of = (track: DraftTrack, side: string, index: number): Table => {
    const told: Table = { file: track.file };
    const name = `Side ${side}, track ${index + 1}`;
    put(told, "title", track.title.trim());
    put(told, "version", track.version.trim());
    put(told, "artist", track.artist.trim());
    put(told, "isrc", track.isrc.trim());
    put(told, "trim_db", number_of(track.trim_db, `${name}, trim`));
    put(told, "gap", length_of(track.gap, track.gap_unit, `${name}, gap`));
    if (!is_whole(track.file)) {
      problems.push(`${name}: choose the file "${track.file}" under Files; it takes its place here.`);
    }
    return with_more(told, track.more);
  };
  plan.sides = draft.sides.map((side, index) => {
    const told: Table = {};
    put(told, "name", side.name.trim());
    if (index > 0) {
      told.new_tape = side.new_tape;
    }
    put(told, "gap", index > 0 && !side.new_tape ? length_of(side.gap, side.gap_unit, `Side ${side.name}, gap`) : null);
    put(told, "start_m", number_of(side.start_m, `Side ${side.name}, start`));
    told.tracks = side.tracks.map((track, at) => track_of(track, side.name, at));
    return with_more(told, side.more);
  });
  return { plan: with_more(plan, draft.more), problems };
}

/** A name for the file of a plan that every system takes. */
export function plan_file_name(draft: Draft): string {
  const words = (draft.facts.title ?? "").normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "").toLowerCase();
  return `${words.slice(0, 60) || "reel-plan"}.toml`;
}
