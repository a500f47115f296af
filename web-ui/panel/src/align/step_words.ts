// SPDX-License-Identifier: Apache-2.0
// The ids of steps in an engineer's words: "proof.crosstalk.1000" is "proof: crosstalk, 1 kHz". An id that is not known is
// spelled as it is. Pure.
const GROUPS: Record<string, string> = { lines: "lines", reproduce: "reproduce", speed: "speed", record: "record", proof: "proof", quick: "quick check" };

/** What follows the group; the longest that an id begins with counts, and its rest is spelled after it. */
const STEPS: Record<string, string> = {
  "lines.play_dbu": "to the deck, full scale",
  "lines.capture_dbu": "from the deck, full scale",
  "lines.channel_difference": "right less left",
  "lines.round_trip": "round trip",
  "lines.thd_n": "THD+N",
  "lines.noise_a": "noise, A-weighted",
  "lines.linearity": "linearity, dB below",
  "lines.vu": "level at 0 VU",
  "speed.error": "error",
  "speed.error_uncertainty": "error, standard deviation",
  "speed.wow_flutter": "wow & flutter, weighted",
  "speed.wow_flutter.quasi_peak": "wow & flutter, quasi-peak",
  "speed.wow_flutter.unweighted": "wow & flutter, unweighted",
  "speed.wow_flutter.wow": "wow",
  "speed.wow_flutter.flutter": "flutter",
  "speed.wow_flutter.drift": "drift",
  "speed.line": "line",
  "speed.head_delay": "head delay",
  "speed.head_delay_uncertainty": "head delay, uncertainty",
  "speed.record_to_reproduce": "record to reproduce head",
  "speed.card_clock": "clock of the sound card",
  "reproduce.high": "high frequencies",
  "reproduce.low": "low frequencies",
  "record.bias": "bias past the peak",
  "record.high": "10 kHz",
  "record.low": "low frequencies",
  "proof.response.level": "level of the response",
  "proof.h3": "third harmonic",
  "proof.thd": "THD",
  "proof.mol": "MOL",
  "proof.noise.a": "noise, A-weighted",
  "proof.noise.a.mol": "noise, A-weighted, re MOL",
  "proof.noise.468": "noise, ITU-R 468",
  "proof.noise.468.mol": "noise, ITU-R 468, re MOL",
  "proof.noise.band": "noise, 20 Hz to 20 kHz",
  "proof.erase": "erase depth",
};

export const frequency_text = (hz: number): string => (hz >= 1000 ? `${Number((hz / 1000).toFixed(2))} kHz` : `${Number(hz.toFixed(1))} Hz`);

/** Parts between dots; a dot between two digits is a decimal point. */
const parts_of = (id: string): string[] => id.match(/\d+\.\d+[^.]*|[^.]+/g) ?? [];

function spelled(part: string, frequencies: boolean): string {
  const hz = Number(part);
  return frequencies && hz >= 10 ? frequency_text(hz) : part.replaceAll("_", " ");
}

/** Within a `procedure` of the same name its group goes without saying. */
export function step_name(id: string, procedure = ""): string {
  const [group = "", ...rest] = parts_of(id);
  const frequencies = group !== "lines" && group !== "speed";
  const known = Object.keys(STEPS)
    .filter((each) => id === each || id.startsWith(`${each}.`))
    .sort((a, b) => b.length - a.length)[0];
  const left = known === undefined ? rest : parts_of(id.slice(known.length + 1));
  const words = [...(known === undefined ? [] : [STEPS[known] ?? ""]), ...left.map((part) => spelled(part, frequencies))];
  const name = GROUPS[group] ?? group;
  return words.length === 0 ? name : group === procedure ? words.join(", ") : `${name}: ${words.join(", ")}`;
}

/** The frequency of a point of a response, "GROUP.response.HZ" or "GROUP.response.sweep.HZ"; null for any other step. */
export function response_hz(id: string): number | null {
  const hz = Number(/\.response\.(?:sweep\.)?([\d.]+)$/.exec(id)?.[1]);
  return hz > 0 ? hz : null;
}
export const is_sweep = (id: string): boolean => id.includes(".response.sweep.");
