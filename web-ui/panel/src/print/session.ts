// SPDX-License-Identifier: Apache-2.0
// Print sessions as the machine lists them (docs/api.md, `print_sessions`), as types. Pure.
import { fields, list, number, text } from "../align/alignment";

export interface SessionSide {
  name: string;
  verdict: string;
  tracks: number;
  done: number;
}
export interface Session {
  id: string;
  title: string;
  made_utc: string;
  state: string; // printing, complete, interrupted; refused: nothing of it was recorded
  verdict: string; // pass, fail; unfinished, printing, refused
  sides: SessionSide[];
  goes_on_at: string; // in words: "side A before track 3"; empty: nothing is left to print
  boundaries: Boundary[]; // where it can go on, the one where it was broken off first
}
/** A place where a print can go on; track from 1, 1: the side anew. */
export interface Boundary {
  side: string;
  track: number;
  words: string;
}

const boundary_words = (side: string, track: number): string => (track <= 1 ? `side ${side} from its beginning, slate and all` : `side ${side} before track ${track}`);

/** No further than where it was broken off: nothing is left out. */
function boundaries_of(sides: SessionSide[], resume: Record<string, unknown> | null): Boundary[] {
  const [name, track] = [text(resume?.side), number(resume?.track) ?? 1];
  const at = sides.findIndex((side) => side.name === name);
  if (resume === null || at < 0) {
    return [];
  }
  const before = sides.slice(0, at + 1).flatMap((side, index) => {
    const most = index === at ? track : Math.min(side.done + 1, side.tracks);
    return Array.from({ length: most }, (_, of): Boundary => ({ side: side.name, track: of + 1, words: boundary_words(side.name, of + 1) }));
  });
  return before.reverse();
}

function verdict_of(state: string, sides: SessionSide[]): string {
  return sides.some((side) => side.verdict === "fail") ? "fail" : state === "complete" ? "pass" : ["printing", "refused"].includes(state) ? state : "unfinished";
}

/** The machine's words hold the file's name, which of an upload says nothing. */
function goes_on_at(sides: SessionSide[], resume: Record<string, unknown> | null): string {
  return boundaries_of(sides, resume)[0]?.words ?? text(resume?.words);
}

export function sessions_of(value: unknown): Session[] {
  return list(fields(value)?.sessions).map((each): Session => {
    const given = fields(each) ?? {};
    const sides = list(given.sides).map((side): SessionSide => {
      const told = fields(side) ?? {};
      return { name: text(told.name), verdict: text(told.verdict), tracks: number(told.tracks) ?? 0, done: number(told.tracks_done) ?? 0 };
    });
    const state = text(given.state);
    return { id: text(given.session), title: text(given.title), made_utc: text(given.made_utc), state, verdict: verdict_of(state, sides), sides, goes_on_at: goes_on_at(sides, fields(given.resume)), boundaries: boundaries_of(sides, fields(given.resume)) };
  });
}

export const tracks_words = (session: Session): string => {
  const [done, all] = session.sides.reduce(([d, a], side) => [d + side.done, a + side.tracks], [0, 0]);
  return `${done} of ${all} ${all === 1 ? "track" : "tracks"}`;
};
