// SPDX-License-Identifier: Apache-2.0
// What the machine tells of alignments (docs/api.md, "Alignment"), as types. Pure. Null is nothing to tell.
export type Fields = Record<string, unknown>;
export const fields = (value: unknown): Fields | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const number = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);
export const text = (value: unknown): string => (typeof value === "string" ? value : "");

export type Task = "turn" | "watch" | "confirm" | "enter";

export interface TrackReading {
  channel: number; // from 1; 0: between the tracks
  reading: number | null;
  turn: number | null; // above 0 up, below 0 down; null: nothing is to be turned
  done: boolean;
  words: string;
}
export interface StepView {
  step_id: string;
  title: string;
  instruction: string;
  task: Task;
  value_unit: string; // of the value that is asked for
  note: string;
  step: number; // from 0
  steps: number;
  round: number; // from 1
  unit: string;
  target: number | null;
  tolerance: number | null;
  averaging_s: number | null;
  done: boolean;
  tracks: TrackReading[];
}
export interface Running {
  job: string;
  record: string;
  procedure: string;
  title: string;
  guided: boolean;
  gone_on: boolean;
  operator: string;
  calibration_tape: string;
  stock: string;
  batch: string;
  accepted: number;
  view: StepView | null;
}

function track_of(value: unknown): TrackReading {
  const given = fields(value) ?? {};
  return {
    channel: number(given.channel) ?? 0,
    reading: number(given.reading),
    turn: number(given.turn),
    done: given.done === true,
    words: text(given.words),
  };
}

const TASKS: Task[] = ["turn", "watch", "confirm", "enter"];

function view_of(value: unknown): StepView | null {
  const given = fields(value);
  return given === null
    ? null
    : {
        step_id: text(given.step_id),
        title: text(given.title),
        instruction: text(given.instruction),
        task: TASKS.find((task) => task === given.task) ?? "watch",
        value_unit: text(given.value_unit),
        note: text(given.note),
        step: number(given.step) ?? 0,
        steps: number(given.steps) ?? 0,
        round: number(given.round) ?? 1,
        unit: text(given.unit),
        target: number(given.target),
        tolerance: number(given.tolerance),
        averaging_s: number(given.averaging_s),
        done: given.done === true,
        tracks: list(given.tracks).map(track_of),
      };
}

export function running_of(value: unknown): Running | null {
  const given = fields(value);
  return given === null
    ? null
    : {
        job: text(given.job),
        record: text(given.record),
        procedure: text(given.procedure),
        title: text(given.title),
        guided: given.guided === true,
        gone_on: given.gone_on === true,
        operator: text(given.operator),
        calibration_tape: text(given.calibration_tape),
        stock: text(given.stock),
        batch: text(given.batch),
        accepted: number(given.accepted) ?? 0,
        view: view_of(given.view),
      };
}

// ---- what can be begun

export interface Procedure {
  name: string;
  title: string;
  does: string;
  needs: string[];
  guided: boolean; // it can be guided here
  automatic: boolean; // it can be done by converters here
  obstacle: string; // why it can't begin now
  unfinished: { begun_at: string; steps: number } | null; // one that would be gone on with
}
export interface CalibrationTape {
  id: string;
  words: string; // name, speed, equalisation, fluxivity
  warning: string;
}
export interface Offer {
  procedures: Procedure[];
  tapes: CalibrationTape[];
  stock: string;
  batch: string;
  operator: string;
}

function procedure_of(value: unknown): Procedure {
  const given = fields(value) ?? {};
  const unfinished = fields(given.unfinished);
  return {
    name: text(given.name),
    title: text(given.title),
    does: text(given.does),
    needs: list(given.needs).map(text),
    guided: given.guided === true,
    automatic: given.automatic === true,
    obstacle: text(given.obstacle),
    unfinished: unfinished === null ? null : { begun_at: text(unfinished.begun_at), steps: number(unfinished.steps) ?? list(unfinished.steps).length },
  };
}

function tape_of(value: unknown): CalibrationTape {
  const given = fields(value) ?? {};
  const [speed, flux] = [number(given.speed_ips), number(given.fluxivity_nwb_per_m)];
  const words = [text(given.name) || text(given.id), speed === null ? "" : `${speed} ips`, text(given.equalisation), flux === null ? "" : `${flux} nWb/m`];
  return { id: text(given.id), words: words.filter((word) => word !== "").join(", "), warning: text(given.warning) };
}

export function offer_of(value: unknown): Offer {
  const given = fields(value) ?? {};
  return {
    procedures: list(given.procedures).map(procedure_of),
    tapes: list(given.calibration_tapes).map(tape_of),
    stock: text(given.stock),
    batch: text(given.batch),
    operator: text(given.operator),
  };
}

// ---- what is stored

/** To which side of its target a reading may not be off by more than the tolerance. */
export type Bound = "both_sides" | "at_least" | "at_most";

export interface Value {
  id: string;
  channel: number; // from 1; 0: between the tracks, or of the deck as a whole
  reading: number | null;
  unit: string;
  target: number | null;
  tolerance: number | null;
  bound: Bound;
  within: boolean | null; // null: there was no limit
  accepted_at: string;
  accepted_by: string;
  remark: string; // what has to be told with the reading
}
export interface Key {
  speed_ips: number;
  equalisation: string;
  stock: string;
  batch: string;
  same: string; // two alignments with the same can be compared
}
export interface Stored {
  uuid: string;
  procedure: string;
  begun_at: string;
  ended_at: string;
  verdict: string; // pass, fail, unfinished, not_judged
  steps: number;
  key: Key;
}

const BOUNDS: Bound[] = ["both_sides", "at_least", "at_most"];

function is_within(reading: number | null, target: number | null, tolerance: number | null, bound: Bound): boolean | null {
  if (reading === null || target === null || tolerance === null) {
    return null;
  }
  const off = reading - target;
  return (bound === "at_most" || off >= -tolerance) && (bound === "at_least" || off <= tolerance);
}

export function value_of(value: unknown): Value {
  const given = fields(value) ?? {};
  const [reading, target, tolerance] = [number(given.reading), number(given.target), number(given.tolerance)];
  const bound = BOUNDS.find((each) => each === given.bound) ?? "both_sides";
  return {
    id: text(given.id),
    channel: number(given.channel) ?? 0,
    reading,
    unit: text(given.unit),
    target,
    tolerance,
    bound,
    within: is_within(reading, target, tolerance, bound),
    accepted_at: text(given.accepted_at),
    accepted_by: text(given.accepted_by),
    remark: text(given.remark),
  };
}

function key_of(value: unknown): Key {
  const given = fields(value) ?? {};
  const [speed_ips, equalisation, stock, batch] = [number(given.speed_ips) ?? 0, text(given.equalisation), text(given.stock), text(given.batch)];
  return { speed_ips, equalisation, stock, batch, same: JSON.stringify([given.deck_uuid, given.head_block_uuid, speed_ips, equalisation, stock, batch]) };
}

export function stored_of(value: unknown): Stored[] {
  return list(fields(value)?.alignments).map((each) => {
    const given = fields(each) ?? {};
    return {
      uuid: text(given.uuid),
      procedure: text(given.procedure),
      begun_at: text(given.begun_at),
      ended_at: text(given.ended_at),
      verdict: text(given.verdict),
      steps: number(given.steps) ?? 0,
      key: key_of(given.key),
    };
  });
}

export interface AlignmentRecord {
  uuid: string;
  procedure: string;
  begun_at: string;
  ended_at: string;
  values: Value[];
}

/** The answers to alignment_record (steps) and to alignment (values). */
export function record_of(value: unknown): AlignmentRecord {
  const given = fields(value) ?? {};
  return {
    uuid: text(given.uuid) || text(given.record),
    procedure: text(given.procedure),
    begun_at: text(given.begun_at),
    ended_at: text(given.ended_at),
    values: list(given.steps ?? given.values).map(value_of),
  };
}

/** What counts: of a step that was accepted more than once on a track, the last value; in the order they first came. */
export function last_values(values: Value[]): Value[] {
  const last = new Map<string, Value>();
  for (const value of values) {
    last.set(`${value.id} ${value.channel}`, value);
  }
  return [...last.values()];
}

export interface Change {
  id: string;
  channel: number;
  unit: string;
  then: number | null;
  now: number | null;
  change: number | null;
  tolerance: number | null;
}

/** In the order of `now`; what only `then` has comes last. Another unit: no change is told, the figures are. */
export function changes(now: Value[], then: Value[]): Change[] {
  const before = new Map(last_values(then).map((value) => [`${value.id} ${value.channel}`, value]));
  const found: Change[] = last_values(now).map((value) => {
    const old = before.get(`${value.id} ${value.channel}`);
    before.delete(`${value.id} ${value.channel}`);
    const same = old !== undefined && old.unit === value.unit;
    return {
      id: value.id,
      channel: value.channel,
      unit: value.unit,
      then: same ? old.reading : null,
      now: value.reading,
      change: same && old.reading !== null && value.reading !== null ? value.reading - old.reading : null,
      tolerance: value.tolerance,
    };
  });
  for (const old of before.values()) {
    found.push({ id: old.id, channel: old.channel, unit: old.unit, then: old.reading, now: null, change: null, tolerance: old.tolerance });
  }
  return found;
}
