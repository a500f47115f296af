// SPDX-License-Identifier: Apache-2.0
// The report of a print (docs/report.md), what is shown of it, as types. Pure. Null: it could not be judged.
import { fields, list, number, text } from "../align/alignment";

export interface ReportFinding {
  reason: string;
  text: string;
  channel: string;
  from_s: number | null;
}
export interface Dropout {
  programme_time_s: number;
  tape_m: number;
  channel: string;
  length_ms: number;
  depth_db: number;
  kind: string;
  over_limit: boolean;
}
export interface Stretch {
  from_s: number;
  to_s: number;
  reason: string;
}
export interface ReportTrack {
  side: string;
  name: string;
  verdict: string;
  findings: ReportFinding[];
  duration_s: number | null;
  start_counter_m: number | null;
  level_difference_db: (number | null)[];
  level_re_slate_db: (number | null)[];
  response_db: number | null; // largest third octave off, either channel
  delay_ms: number | null;
  speed_change_ppm: number | null;
  phase_deg: number | null;
  azimuth_us: number | null;
  azimuth_averaging_s: number | null;
  wow_percent: number | null;
  residual_db: (number | null)[];
  judged: Record<string, number | null>; // share of the track, by kind
  dropouts: Dropout[];
  missing: Stretch[];
  not_proven: Stretch[];
  withheld: Record<string, string>; // why a figure is missing, by its name
  seconds: Seconds | null;
}
/** A figure a second. */
export interface Seconds {
  level_db: (number | null)[][]; // left, right
  delay_ms: (number | null)[];
  azimuth_us: (number | null)[];
  judged: (number | null)[]; // share of the second in which drop-outs could be judged
}
/** Whether a verification says the same as the print did, of one kind of failure. */
export interface Agreement {
  kind: string;
  agrees: boolean;
  print: string;
  now: string;
  words: string;
}
export interface Report {
  verifies: boolean; // of a verification; else of a print
  session: string; // of the print, also where it is verified
  agreement: Agreement[];
  agrees: boolean | null; // in all that counts; null: not compared with a print
  verdict: string;
  reason: string;
  findings: ReportFinding[];
  limits: Record<string, number>;
  off_tape_text: string;
  tracks: ReportTrack[];
}

const numbers = (value: unknown): (number | null)[] => list(value).map(number);

function findings_of(value: unknown): ReportFinding[] {
  return list(value).map((each) => {
    const given = fields(each) ?? {};
    return { reason: text(given.reason), text: text(given.text), channel: text(given.channel), from_s: number(given.from_s) };
  });
}
function stretches_of(value: unknown): Stretch[] {
  return list(value).map((each) => {
    const given = fields(each) ?? {};
    return { from_s: number(given.from_s) ?? 0, to_s: number(given.to_s) ?? 0, reason: text(given.reason) };
  });
}
function seconds_of(value: unknown): Seconds | null {
  const given = fields(value);
  return given === null
    ? null
    : { level_db: list(given.level_difference_db).map(numbers), delay_ms: numbers(given.delay_ms), azimuth_us: numbers(given.azimuth_us), judged: numbers(given.dropouts_judged) };
}

/** The value that is furthest from 0, with its sign. */
export function furthest(values: (number | null)[]): number | null {
  return values.reduce<number | null>((worst, each) => (each !== null && (worst === null || Math.abs(each) > Math.abs(worst)) ? each : worst), null);
}

/** Bands that only loud passages have, which tape compresses, count where there are no others. */
function response_of(given: Record<string, unknown>): number | null {
  const hot = list(given.third_octave_hot).map(list);
  const all = list(given.third_octave_difference_db).map(numbers);
  const moderate = all.map((bands, channel) => bands.filter((_, band) => hot[channel]?.[band] !== true));
  return furthest(moderate.flat()) ?? furthest(all.flat());
}

function track_of(value: unknown): ReportTrack {
  const given = fields(value) ?? {};
  const azimuth = fields(given.azimuth);
  return {
    side: text(given.side),
    name: text(given.title) || text(given.file).replace(/^.*\//, ""),
    verdict: text(given.verdict),
    findings: findings_of(given.findings),
    duration_s: number(given.duration_s),
    start_counter_m: number(given.start_counter_m),
    level_difference_db: numbers(given.level_difference_db),
    level_re_slate_db: numbers(given.level_re_slate_db),
    response_db: response_of(given),
    delay_ms: number(given.delay_ms),
    speed_change_ppm: number(given.speed_change_ppm),
    phase_deg: number(given.phase_deg),
    azimuth_us: number(azimuth?.mean_us),
    azimuth_averaging_s: number(azimuth?.averaging_s),
    wow_percent: number(fields(given.wow)?.percent),
    residual_db: numbers(fields(given.residual)?.db),
    judged: Object.fromEntries(Object.entries(fields(given.judged) ?? { dropouts: given.judged_share }).map(([kind, share]) => [kind, number(share)])),
    dropouts: list(given.dropouts).map((each) => {
      const told = fields(each) ?? {};
      return {
        programme_time_s: number(told.programme_time_s) ?? 0,
        tape_m: number(told.tape_m) ?? 0,
        channel: text(told.channel),
        length_ms: number(told.length_ms) ?? 0,
        depth_db: number(told.depth_db) ?? 0,
        kind: text(told.kind),
        over_limit: told.over_limit === true,
      };
    }),
    missing: stretches_of(given.missing),
    not_proven: stretches_of(given.not_proven),
    withheld: Object.fromEntries(list(given.withheld).map((each) => [text(fields(each)?.figure), text(fields(each)?.reason)])),
    seconds: seconds_of(given.seconds),
  };
}

export function report_of(value: unknown): Report {
  const given = fields(value) ?? {};
  const limits = Object.entries(fields(given.limits) ?? {}).flatMap(([name, limit]): [string, number][] => (typeof limit === "number" ? [[name, limit]] : []));
  const against = fields(given.against);
  const agrees = fields(given.agrees);
  const agreement = Object.entries(agrees ?? {}).flatMap(([kind, each]): Agreement[] => {
    const told = fields(each);
    if (told === null) {
      return [];
    }
    const same = number(told.same);
    return [{ kind, agrees: told.agrees === true, print: text(told.print), now: text(told.now), words: same === null ? "" : `${same} the same, ${number(told.in_print) ?? 0} then, ${number(told.in_this) ?? 0} now` }];
  });
  return {
    verifies: text(given.report) === "overbias verify",
    session: text(against?.session) || text(given.session),
    agreement,
    agrees: typeof agrees?.all === "boolean" ? agrees.all : null,
    verdict: text(given.verdict),
    reason: text(given.reason),
    findings: findings_of(given.findings),
    limits: Object.fromEntries(limits),
    off_tape_text: text(fields(given.off_tape)?.text),
    tracks: list(given.tracks).map(track_of),
  };
}

const WITHHELD: Record<string, string> = {
  not_enough_signal: "not enough signal",
  no_slate: "no slate was heard",
  mono: "mono: nothing to compare between the tracks",
  too_short: "too short",
  not_in_this_mode: "not told by this way of listening",
  no_calibration: "the deck has no calibration for it",
};
export const withheld_words = (reason: string): string => WITHHELD[reason] ?? reason.replaceAll("_", " ");
