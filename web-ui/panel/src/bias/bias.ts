// SPDX-License-Identifier: Apache-2.0
// What the bias monitor tells (docs/api.md, "Bias"), as types, and in the words it is shown in. Pure. Null is nothing to
// tell.
import { fields, list, number, text } from "../align/alignment";
import { figure, unit_text } from "../align/words";

export type State = "not_judged" | "good" | "warn" | "fail" | "missing";
const STATES: State[] = ["not_judged", "good", "warn", "fail", "missing"]; // the worst last

export interface Limit {
  value: number;
  source: string;
  unsure: boolean; // it is shown and raises no alarm
}
export interface BiasFigure {
  place: string;
  track: number;
  quantity: string;
  name: string;
  state: State;
  why: string;
  problem: string;
  unit: string;
  now: number | null;
  age_s: number | null;
  set_up: number | null;
  set_up_at: string;
  set_up_by: string;
  drift: number | null;
  drift_unit: string;
  warn: Limit | null;
  fail: Limit | null;
  trend: { per_hour: number; error: number; sure: boolean } | null;
  hours_to_fail: number | null;
  history: [number, number][]; // seconds from now, drift
}
export interface Bias {
  watched: boolean;
  state: State;
  why: string;
  recording: boolean;
  averaging_s: number | null;
  figures: BiasFigure[];
}

const state_of = (value: unknown): State => STATES.find((state) => state === value) ?? "not_judged";

function limit_of(value: unknown): Limit | null {
  const given = fields(value);
  const limit = number(given?.value);
  return limit === null ? null : { value: limit, source: text(given?.source), unsure: given?.unsure === true };
}

function trend_of(value: unknown): BiasFigure["trend"] {
  const given = fields(value);
  const per_hour = number(given?.per_hour);
  return per_hour === null ? null : { per_hour, error: number(given?.error) ?? 0, sure: given?.sure === true };
}

function figure_of(value: unknown): BiasFigure {
  const given = fields(value) ?? {};
  return {
    place: text(given.place),
    track: number(given.track) ?? 0,
    quantity: text(given.quantity),
    name: text(given.name) || text(given.quantity),
    state: state_of(given.state),
    why: text(given.why),
    problem: text(given.problem),
    unit: text(given.unit),
    now: number(given.now),
    age_s: number(given.age_s),
    set_up: number(given.set_up),
    set_up_at: text(given.set_up_at),
    set_up_by: text(given.set_up_by),
    drift: number(given.drift),
    drift_unit: text(given.drift_unit),
    warn: limit_of(given.warn),
    fail: limit_of(given.fail),
    trend: trend_of(given.trend),
    hours_to_fail: number(given.hours_to_fail),
    history: list(given.history).flatMap((point): [number, number][] => {
      const [at, drift] = list(point).map(number);
      return typeof at === "number" && typeof drift === "number" ? [[at, drift]] : [];
    }),
  };
}

export function bias_of(value: unknown): Bias | null {
  const given = fields(value);
  return given === null
    ? null
    : {
        watched: given.watched === true,
        state: state_of(given.state),
        why: text(given.why),
        recording: given.recording === true,
        averaging_s: number(given.averaging_s),
        figures: list(given.figures).map(figure_of),
      };
}

/** An answer without history keeps the lines of the one before. */
export function with_history(now: Bias, before: Bias | null): Bias {
  const key = (each: BiasFigure) => `${each.place} ${each.quantity}`;
  const old = new Map((before?.figures ?? []).map((each) => [key(each), each.history]));
  return { ...now, figures: now.figures.map((each) => ({ ...each, history: old.get(key(each)) ?? [] })) };
}

/** A figure that nobody can judge yet takes nothing from one that is good. */
export const worst = (figures: BiasFigure[]): State => figures.reduce<State>((found, { state }) => (STATES.indexOf(state) > STATES.indexOf(found) ? state : found), "not_judged");

export const STATE_WORDS: Record<State, string> = { not_judged: "NOT JUDGED", good: "GOOD", warn: "WARNING", fail: "ALARM", missing: "NO BIAS" };

const DECIMALS: Record<string, number> = { V: 3, dBFS: 2, Hz: 1, "%": 3, dB: 2 };
export const value_words = (value: number | null, unit: string): string => `${figure(value, DECIMALS[unit] ?? 2)}${value === null ? "" : ` ${unit_text(unit)}`}`;

/** Of a drift: a frequency moves by hundredths of a percent. */
export const drift_decimals = (each: BiasFigure): number => (each.drift_unit === "%" && each.quantity === "frequency" ? 3 : each.drift_unit === "%" ? 1 : 2);

export function limit_words(each: BiasFigure): string {
  const words = (limit: Limit | null, name: string) => (limit === null ? "" : `${name} ${limit.value} ${each.drift_unit}${limit.unsure ? " (unsure: no alarm)" : ""}`);
  return [words(each.warn, "warns at"), words(each.fail, "fails at")].filter((word) => word !== "").join(", ") || "no limit";
}

export function trend_words(each: BiasFigure): string {
  if (each.trend === null) {
    return "no trend yet";
  }
  const decimals = drift_decimals(each) + 1;
  const trend = `${figure(each.trend.per_hour, decimals, true)} \u00b1${each.trend.error.toFixed(decimals)} ${each.drift_unit} an hour`;
  return each.trend.sure ? trend : `${trend}: not sure`;
}

/** "in 3 h at this rate"; "" where the trend leads nowhere. */
export function fail_words(each: BiasFigure): string {
  const hours = each.hours_to_fail;
  return hours === null ? "" : hours < 1 ? `at its limit in ${Math.max(1, Math.round(60 * hours))} min at this rate` : `at its limit in ${hours < 10 ? hours.toFixed(1) : Math.round(hours)} h at this rate`;
}
