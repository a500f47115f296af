// SPDX-License-Identifier: Apache-2.0
// What the daemon tells, as types, and how a notification changes what is known. Pure.
import { NOTHING_OFFERED, numbers_of, offers_of, routes_of, type Offers, type Routes } from "./offers";

export type Motion =
  | "Unknown" | "Stopped" | "Starting" | "Playing" | "Recording" | "FastForwarding"
  | "Rewinding" | "Shuttling" | "Editing" | "Locating" | "Braking" | "TapeOut" | "Faulted"; // prettier-ignore

export interface Place {
  tape_m: number;
  uncertainty_m: number;
  known: boolean;
  speed_ips: number;
}
export interface Deck {
  name: string;
  speed_ips: number;
  equalisation: string;
  simulated: boolean;
}
export interface Job {
  id: string;
  name: string;
  state: string; // preparing, running, ending
  phase: string;
  fraction: number;
  remaining_s: number;
  gate: string | null; // what the operator has to do before it goes on
}
export interface JobEnd {
  id: string;
  name: string;
  verdict: string; // pass, fail, cancelled, refused, fault
  reason: string | null;
  report_path: string | null;
  report_error: string | null;
}
/** A place with its number or none, as the counter has it. */
export interface Cue {
  cue: number;
  name: string;
  tape_m: number;
}
/** Cue points, marks, and what the autolocator does. */
export interface Locator {
  cues: Cue[];
  mark_in_m: number | null;
  mark_out_m: number | null;
  stage: string; // "idle": nothing goes on
  text: string | null;
}
/** A warning or an alarm of a monitor, as long as it stands. */
export interface Concern {
  subject: string; // what it is about: one at a time about each
  fail: boolean; // else it warns
  words: string;
}
export interface Card {
  lost: boolean;
  problem: string | null;
}

/** Everything the panel knows of the machine. Null: not told yet. */
export interface Machine {
  requested: Motion | null;
  current: Motion | null;
  inferred: boolean; // the deck has no tallies: what it does is inferred, not seen
  library_wind: boolean;
  lifters_defeated: boolean;
  threading: boolean; // low tension for threading is on
  ready_tracks: number[]; // record ready, as set from here
  offers: Offers; // what the deck can beyond its keys
  routes: Routes;
  link_problem: string | null; // what is wrong with the serial link to the deck
  play_speed_ips: number; // the speed the deck is switched to; 0: not told
  locator: Locator;
  armed: boolean;
  arm_held: string | null; // why record can't be armed, and what releases it: a calibration tape may be on the deck
  concerns: Concern[];
  record_tally: boolean;
  tape_out: boolean;
  fault: string | null;
  place: Place | null;
  deck: Deck | null;
  job: Job | null;
  last_job: JobEnd | null;
  card: Card;
  log_problem: string | null; // why the logbook cannot be written
  version: string | null;
  revision: number; // of the newest state; it counts up while a daemon lives
}

export const NOTHING_KNOWN: Machine = {
  requested: null, current: null, inferred: false, library_wind: false, lifters_defeated: false, link_problem: null, play_speed_ips: 0,
  threading: false, ready_tracks: [], offers: NOTHING_OFFERED, routes: { on: [], muted_by_cue: false },
  locator: { cues: [], mark_in_m: null, mark_out_m: null, stage: "idle", text: null }, armed: false, arm_held: null, concerns: [], record_tally: false, tape_out: false, fault: null, place: null,
  deck: null, job: null, last_job: null, card: { lost: false, problem: null }, log_problem: null, version: null, revision: -1,
}; // prettier-ignore

type Fields = Record<string, unknown>;
const fields = (value: unknown): Fields | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
const number = (value: unknown, otherwise: number) => (typeof value === "number" ? value : otherwise);
const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

function place_of(value: unknown, before: Place | null, speed_ips?: unknown): Place | null {
  const given = fields(value);
  if (given === null || typeof given.tape_m !== "number") {
    return before;
  }
  return {
    tape_m: given.tape_m,
    uncertainty_m: number(given.uncertainty_m, before?.uncertainty_m ?? 0),
    known: given.knowledge === undefined ? (before?.known ?? false) : given.knowledge === "Known",
    speed_ips: number(given.speed_ips ?? speed_ips, before?.speed_ips ?? 0),
  };
}

function job_of(value: unknown): Job | null {
  const given = fields(value);
  return given === null
    ? null
    : {
        id: text(given.id) ?? "",
        name: text(given.name) ?? "job",
        state: text(given.state) ?? "running",
        phase: text(given.phase) ?? "",
        fraction: Math.min(1, Math.max(0, number(given.fraction, 0))),
        remaining_s: Math.max(0, number(given.remaining_s, 0)),
        gate: text(given.gate),
      };
}

function job_end_of(value: unknown): JobEnd | null {
  const given = fields(value);
  return given === null
    ? null
    : {
        id: text(given.id) ?? "",
        name: text(given.name) ?? "job",
        verdict: text(given.verdict) ?? "unknown",
        reason: text(given.reason),
        report_path: text(given.report_path),
        report_error: text(given.report_error),
      };
}

function deck_of(value: unknown, before: Deck | null): Deck | null {
  const given = fields(value);
  return given === null
    ? before
    : {
        name: text(given.name) ?? "deck",
        speed_ips: number(given.speed_ips, before?.speed_ips ?? 0),
        equalisation: text(given.equalisation) ?? "",
        simulated: given.simulated === true,
      };
}

/** `state`, and the answer to `status`: whatever is absent stays as it was. One that was overtaken is dropped. */
function with_state(before: Machine, given: Fields): Machine {
  const revision = number(given.revision, before.revision);
  if (revision < before.revision) {
    return before;
  }
  const motion = fields(given.motion);
  return {
    ...before,
    requested: motion ? (text(motion.requested) as Motion | null) : before.requested,
    current: motion ? (text(motion.current) as Motion | null) : before.current,
    inferred: given.inferred === undefined ? before.inferred : given.inferred === true,
    library_wind: given.library_wind === undefined ? before.library_wind : given.library_wind === true,
    lifters_defeated: given.lifters === undefined ? before.lifters_defeated : given.lifters === "Defeated",
    threading: given.threading === undefined ? before.threading : given.threading === true,
    ready_tracks: given.ready_tracks === undefined ? before.ready_tracks : numbers_of(given.ready_tracks),
    offers: offers_of(given.deck, before.offers),
    routes: routes_of(given.routes, before.routes),
    link_problem: given.link_problem === undefined ? before.link_problem : text(given.link_problem),
    play_speed_ips: number(given.play_speed_ips, before.play_speed_ips),
    armed: given.arm === undefined ? before.armed : given.arm === "Armed",
    arm_held: given.arm_held === undefined ? before.arm_held : text(given.arm_held),
    concerns: given.bias === undefined ? before.concerns : concerns_of(fields(given.bias)?.concerns),
    record_tally: given.record_tally === undefined ? before.record_tally : given.record_tally === true,
    tape_out: given.tape_out === undefined ? before.tape_out : given.tape_out === true,
    fault: given.fault === undefined ? before.fault : text(given.fault),
    place: place_of(given.position, before.place, given.speed_ips),
    deck: deck_of(given.deck, before.deck),
    job: given.job === undefined ? before.job : job_of(given.job),
    last_job: given.last_job === undefined ? before.last_job : job_end_of(given.last_job),
    card: given.audio === undefined ? before.card : card_of(given.audio),
    log_problem: given.logbook === undefined ? before.log_problem : log_problem_of(given.logbook),
    version: text(given.version) ?? before.version,
    revision,
  };
}

function log_problem_of(value: unknown): string | null {
  const given = fields(value);
  return given?.degraded === true ? (text(given.problem) ?? "it cannot be written") : null;
}

function concerns_of(value: unknown): Concern[] {
  return (Array.isArray(value) ? value : []).reduce<Concern[]>(with_concern, []);
}

/** What was said before about the same subject is no longer true. */
function with_concern(before: Concern[], value: unknown): Concern[] {
  const given = fields(value);
  const subject = text(given?.subject) ?? "";
  const others = before.filter((each) => each.subject !== subject);
  return given === null || given.severity === "over" ? others : [...others, { subject, fail: given.severity === "fail", words: text(given.words) ?? subject }];
}

function locator_of(value: unknown, before: Locator): Locator {
  const given = fields(value);
  if (given === null) {
    return before;
  }
  const place = (of: unknown) => {
    const mark = fields(of);
    return typeof mark?.tape_m === "number" ? mark.tape_m : null;
  };
  const cues = Array.isArray(given.cues) ? given.cues.map(fields) : [];
  return {
    cues: cues.flatMap((cue) =>
      cue !== null && typeof cue.cue === "number" && typeof cue.tape_m === "number" ? [{ cue: cue.cue, name: text(cue.name) ?? "", tape_m: cue.tape_m }] : [],
    ),
    mark_in_m: place(given.mark_in),
    mark_out_m: place(given.mark_out),
    stage: text(given.stage) ?? "idle",
    text: text(given.text),
  };
}

function card_of(value: unknown): Card {
  const given = fields(value);
  return { lost: given?.lost === true, problem: text(given?.problem) };
}

/** What is known after a notification, or the very same object when it says nothing to us. */
export function told(before: Machine, method: string, params: unknown): Machine {
  const given = fields(params);
  switch (method) {
    case "state":
    case "status":
      return given === null ? before : with_state(before, given);
    case "position":
      return { ...before, place: place_of(params, before.place) };
    case "progress":
      // a job that starts puts the verdict of the one before it out of sight
      return { ...before, job: job_of(params), last_job: given === null ? before.last_job : null };
    case "job_end":
      return { ...before, job: null, last_job: job_end_of(params) };
    case "locator":
      return { ...before, locator: locator_of(params, before.locator) };
    case "routes":
      return { ...before, routes: routes_of(params, before.routes) };
    case "concern":
      return { ...before, concerns: with_concern(before.concerns, params) };
    case "card":
      return { ...before, card: card_of(params) };
    case "hello": // perhaps another daemon, which counts from the beginning
      return { ...before, version: text(given?.version) ?? before.version, revision: -1 };
    default:
      return before;
  }
}

// ---- what the lamps show

export type Lamp = "off" | "asked" | "on";
export type Key = "rewind" | "fast_forward" | "library_reverse" | "library_forward" | "play" | "stop" | "record";

const LIT: Record<Key, Motion[]> = {
  rewind: ["Rewinding"],
  fast_forward: ["FastForwarding"],
  library_reverse: ["Rewinding"],
  library_forward: ["FastForwarding"],
  play: ["Playing", "Recording"],
  stop: ["Stopped"],
  record: ["Recording"],
};
const ASKED: Record<Key, Motion[]> = { ...LIT, stop: ["Stopped", "Braking"] };

const WIND_KEYS: Key[] = ["rewind", "fast_forward"];
const LIBRARY_KEYS: Key[] = ["library_reverse", "library_forward"];

/**
 * Lit: the deck says so. Blinking: asked for, and the deck does not say so yet. A wind that is still to come does not say
 * which of the two it will be: `library_asked` is what was pressed here.
 */
export function lamp(machine: Machine, key: Key, library_asked = false): Lamp {
  const { requested, current } = machine;
  const winding = current === "FastForwarding" || current === "Rewinding";
  if ((winding ? machine.library_wind : library_asked) ? WIND_KEYS.includes(key) : LIBRARY_KEYS.includes(key)) {
    return "off";
  }
  if (key === "record") {
    if (machine.record_tally) {
      return "on";
    }
    return requested === "Recording" || current === "Recording" ? "asked" : "off";
  }
  if (current !== null && LIT[key].includes(current)) {
    return "on";
  }
  if (key === "stop" && current === "Braking" && (requested === null || ASKED.stop.includes(requested))) {
    return "asked";
  }
  if (key === "play" && current === "Starting") {
    return "asked";
  }
  return requested !== null && requested !== current && ASKED[key].includes(requested) ? "asked" : "off";
}
