// SPDX-License-Identifier: Apache-2.0
// What the analysers tell of the tape return (the command analysis), as an engineer reads it. Null is nothing to tell.
const DASH = "\u2014";

export interface Figure {
  values: (number | null)[]; // one of the pair, or left and right
  unit: string;
  how: string; // standard, weighting, detector, averaging time
}
export interface FlutterLine {
  frequency_hz: number;
  peak_percent: number;
  part: string; // "" where none is known
}
export interface Analysis {
  trouble: string | null; // why there are no figures
  stale: boolean;
  signal: string;
  tone: Record<"frequency" | "level" | "level_re_operating" | "third_harmonic" | "thd" | "thd_n", Figure> | null;
  flutter: (Record<"speed_error" | "weighted" | "weighted_quasi_peak" | "drift", Figure> & { lines: FlutterLine[] }) | null;
  stereo: (Record<"level_difference" | "azimuth" | "azimuth_now" | "phase" | "correlation", Figure> & { caution: string }) | null;
  noise: Record<"rms" | "a_weighted" | "itu468", Figure> | null;
  hum: string[];
}

type Fields = Record<string, unknown>;
const fields = (value: unknown): Fields | null => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const number = (value: unknown) => (typeof value === "number" ? value : null);
const text = (value: unknown) => (typeof value === "string" ? value : "");

function figure_of(value: unknown): Figure {
  const given = fields(value) ?? {};
  const [standard, weighting] = [text(given.standard), text(given.weighting)];
  const said = weighting === "none" || (weighting.length > 1 && standard.includes(weighting)); // "468" of "BS.468-4"
  const made = [standard, weighting === "" || said ? "" : `${weighting} weighting`, text(given.detector)].filter((word) => word !== "" && word !== "none");
  const over_s = number(given.averaging_s) ?? 0;
  return {
    values: Array.isArray(given.value) ? given.value.map(number) : [number(given.value)],
    unit: text(given.unit),
    how: [...made, `${over_s.toFixed(1)} s`].join("; "),
  };
}

/** The figures of a group by name; null when the machine has none of the group. */
function group<Name extends string>(value: unknown, names: readonly Name[]): Record<Name, Figure> | null {
  const given = fields(value);
  return given === null ? null : (Object.fromEntries(names.map((name) => [name, figure_of(given[name])])) as Record<Name, Figure>);
}

function line_of(value: unknown): FlutterLine {
  const given = fields(value) ?? {};
  const times = number(given.times_a_turn) ?? 1;
  const part = text(given.part);
  return {
    frequency_hz: number(given.frequency_hz) ?? 0,
    peak_percent: number(given.peak_percent) ?? 0,
    part: part === "" || times === 1 ? part : `${part} \u00d7 ${times}`,
  };
}

function caution_of(stereo: Fields): string {
  const [period_us, confidence] = [number(stereo.azimuth_period_us), number(stereo.azimuth_confidence)];
  if (period_us !== null) {
    return `whole periods of ${period_us.toFixed(1)} \u00b5s may be missing`;
  }
  return confidence === null ? "" : `an estimate from programme, confidence ${confidence.toFixed(2)}`;
}

export function analysis_of(value: unknown): Analysis | null {
  const given = fields(value);
  if (given === null || typeof given.signal !== "string") {
    return null;
  }
  const card = fields(given.card);
  const flutter = group(given.wow_flutter, ["speed_error", "weighted", "weighted_quasi_peak", "drift"] as const);
  const stereo = group(given.stereo, ["level_difference", "azimuth", "azimuth_now", "phase", "correlation"] as const);
  return {
    trouble: card?.lost === true ? `The sound card is lost: ${text(card.problem)}` : null,
    stale: given.stale === true,
    signal: given.signal,
    tone: group(given.tone, ["frequency", "level", "level_re_operating", "third_harmonic", "thd", "thd_n"] as const),
    flutter: flutter === null ? null : { ...flutter, lines: list(fields(given.wow_flutter)?.lines).map(line_of) },
    stereo: stereo === null ? null : { ...stereo, caution: caution_of(fields(given.stereo) ?? {}) },
    noise: group(given.noise, ["rms", "a_weighted", "itu468"] as const),
    hum: list(given.hum).flatMap((channel, side) =>
      list(fields(channel)?.lines).map((each) => {
        const line = fields(each) ?? {};
        return `${side === 0 ? "L" : "R"} ${text(line.name)} ${(number(line.level_dbfs) ?? 0).toFixed(1).replace("-", "\u2212")} dBFS`;
      }),
    ),
  };
}

/** "−14.04"; with a plus where the sign tells something. */
export function value_text(value: number | null | undefined, decimals: number, signed = false): string {
  if (value === null || value === undefined) {
    return DASH;
  }
  const digits = Math.abs(value).toFixed(decimals);
  const zero = Number(digits) === 0;
  return `${zero ? "" : value < 0 ? "\u2212" : signed ? "+" : ""}${digits}`;
}
