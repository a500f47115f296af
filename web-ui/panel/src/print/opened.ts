// SPDX-License-Identifier: Apache-2.0
// An opened plan as a draft: every key goes into its field; what no field is for, or is not of the field's kind, stays
// beside it. Together they make the same plan again (plan.ts). Pure.
import { EMPTY, type Draft, type DraftSide, type DraftTone, type DraftTrack, type More, type Unit } from "./draft";
import { REEL_FACTS, TAPE_FACTS } from "./plan";
import type { Value } from "./toml";

const is_table = (value: Value | undefined): value is More => typeof value === "object" && !Array.isArray(value);
const tables = (value: Value | undefined): More[] | null => (Array.isArray(value) && value.every(is_table) ? value : null);

/** Takes values out of a table. */
class Taker {
  readonly left: More;
  constructor(table: More) {
    this.left = { ...table };
  }
  private out(key: string): void {
    delete this.left[key];
  }
  words(key: string): string {
    const value = this.left[key];
    if (typeof value !== "string") {
      return "";
    }
    this.out(key);
    return value;
  }
  number(key: string): string {
    const value = this.left[key];
    if (typeof value !== "number") {
      return "";
    }
    this.out(key);
    return String(value);
  }
  flag(key: string): boolean | null {
    const value = this.left[key];
    if (typeof value !== "boolean") {
      return null;
    }
    this.out(key);
    return value;
  }
  /** "3 s", "12 ft"; null: something else. */
  length(key: string): [string, Unit] | null {
    const value = this.left[key];
    const match = typeof value === "string" ? /^\s*(\d+(?:\.\d+)?)\s*(s|ft|m)\s*$/.exec(value) : null;
    if (match === null) {
      return null;
    }
    this.out(key);
    return [match[1] ?? "", match[2] as Unit];
  }
  tables(key: string): More[] | null {
    const value = tables(this.left[key]);
    if (value !== null) {
      this.out(key);
    }
    return value;
  }
  /** What is left of a table inside stays there. */
  inside<T>(key: string, take: (inner: Taker) => T): T | null {
    const value = this.left[key];
    if (!is_table(value)) {
      return null;
    }
    const inner = new Taker(value);
    const taken = take(inner);
    if (Object.keys(inner.left).length === 0) {
      this.out(key);
    } else {
      this.left[key] = inner.left;
    }
    return taken;
  }
  /** Of a row or the whole: what is left, if anything is. */
  get more(): { more?: More } {
    return Object.keys(this.left).length === 0 ? {} : { more: this.left };
  }
}

const last_part = (path: string) => path.replace(/^.*[/\\]/, "");

/** `name_of`: what an uploaded file is called. */
export function draft_of_plan(plan: More, name_of: (file: string) => string | null = () => null): Draft {
  let key = 1;
  const shown_of = (file: string) => name_of(file) ?? last_part(file);
  const root = new Taker(plan);
  const draft: Draft = { ...EMPTY, facts: {}, units: {} };
  const take_facts = (from: Taker, prefix: string) => {
    for (const fact of [...REEL_FACTS, ...TAPE_FACTS].filter((each) => (prefix === "" ? !each.key.includes(".") : each.key.startsWith(prefix)))) {
      const bare = fact.key.slice(prefix.length);
      if (fact.kind === "words") {
        const words = from.words(bare);
        if (words !== "") {
          draft.facts[fact.key] = words;
        }
      } else {
        const length = from.length(bare);
        if (length !== null) {
          [draft.facts[fact.key], draft.units[fact.key]] = length;
        }
      }
    }
  };
  take_facts(root, "");
  root.inside("tape", (tape) => {
    take_facts(tape, "tape.");
    draft.tails_out = tape.flag("tails_out");
  });
  draft.split_sides = root.flag("split_sides") ?? false;
  root.inside("alignment", (alignment) => {
    for (const each of ["override_name", "override_reason"]) {
      draft.facts[`alignment.${each}`] = alignment.words(each);
    }
  });
  root.inside("slate", (slate) => {
    const tones = slate.tables("tones");
    draft.tones =
      tones?.map((given): DraftTone => {
        const tone = new Taker(given);
        return { key: key++, frequency_hz: tone.number("frequency_hz"), duration_s: tone.number("duration_s"), level_re_operating_db: tone.number("level_re_operating_db"), azimuth: tone.flag("azimuth") ?? false, ...tone.more };
      }) ?? null;
    const voice = slate.words("voice");
    draft.voice = voice === "" ? null : { file: voice, name: shown_of(voice) };
  });
  const words_of = (value: Value | undefined) => (Array.isArray(value) && value.every((each) => typeof each === "string") ? (value as string[]) : null);
  root.inside("live", (live) => {
    const [warns, stops] = [words_of(live.left.warns), words_of(live.left.stops)];
    if (warns !== null && stops !== null) {
      // one alone leaves the other to the machine, which the page can't say: it stays beside
      draft.live = Object.fromEntries([...warns.map((word) => [word, "warn"] as const), ...stops.map((word) => [word, "stop"] as const)]);
      delete live.left.warns;
      delete live.left.stops;
    }
  });
  const track_of = (given: More): DraftTrack => {
    const track = new Taker(given);
    const file = track.words("file");
    const gap = track.length("gap");
    return { key: key++, file, shown: shown_of(file), title: track.words("title"), artist: track.words("artist"), isrc: track.words("isrc"), version: track.words("version"), trim_db: track.number("trim_db"), gap: gap?.[0] ?? "", gap_unit: gap?.[1] ?? "s", ...track.more };
  };
  const side_of = (given: More): DraftSide => {
    const side = new Taker(given);
    const gap = side.length("gap");
    const told = { key: key++, name: side.words("name"), new_tape: side.flag("new_tape") ?? true, start_m: side.number("start_m"), gap: gap?.[0] ?? "", gap_unit: gap?.[1] ?? ("s" as Unit), tracks: (side.tables("tracks") ?? []).map(track_of) };
    return { ...told, ...side.more };
  };
  draft.sides = (root.tables("sides") ?? []).map(side_of);
  return { ...draft, ...(draft.sides.length === 0 ? { sides: EMPTY.sides } : {}), ...root.more };
}

/** What no field is for, a line each: "limits.azimuth_us = 4". */
export function more_words(draft: Draft): string[] {
  const lines = (more: Value | undefined, path: string): string[] =>
    more === undefined ? [] : is_table(more) ? Object.entries(more).flatMap(([key, value]) => lines(value, path === "" ? key : `${path}.${key}`)) : [`${path} = ${JSON.stringify(more)}`];
  return [
    ...lines(draft.more, ""),
    ...(draft.tones ?? []).flatMap((tone, at) => lines(tone.more, `tone ${at + 1}`)),
    ...draft.sides.flatMap((side) => [...lines(side.more, `side ${side.name}`), ...side.tracks.flatMap((track, at) => lines(track.more, `side ${side.name}, track ${at + 1}`))]),
  ];
}
export function without_more(draft: Draft): Draft {
  const bare = <T extends { more?: More }>(of: T): T => {
    const { more: _, ...rest } = of;
    return rest as T;
  };
  return { ...bare(draft), tones: draft.tones?.map(bare) ?? null, sides: draft.sides.map((side) => ({ ...bare(side), tracks: side.tracks.map(bare) })) };
}
