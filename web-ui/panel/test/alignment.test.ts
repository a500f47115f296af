// SPDX-License-Identifier: Apache-2.0
// What is read out of the machine's words about alignments: pitch, needle, figures, comparison.
import { expect, test } from "vitest";
import { azimuth, bias as bias_told, older, record, searching, turning } from "../dev/mock-alignment.mjs";
import { changes, last_values, offer_of, record_of, running_of, stored_of, value_of, type StepView } from "../src/align/alignment";
import { bar_of, round_up } from "../src/align/bar";
import { interval, LOW_HZ, newly_done, voices, WIDEST } from "../src/align/pitch";
import { response_hz, step_name } from "../src/align/step_words";
import { value_entry } from "../src/align/value_entry";
import { decimals_for, figure, hand_of, large_figure, limit_text, track_name, when_text } from "../src/align/words";
import { bias_of, fail_words, limit_words, trend_words, with_history, worst } from "../src/bias/bias";
import { marks, range } from "../src/ui/plot";
import { view_of_hash } from "../src/state/view";

const view_of = (told: unknown): StepView => {
  const view = running_of(told)?.view;
  if (view === null || view === undefined) {
    throw new Error("no view");
  }
  return view;
};
const with_track = (view: StepView, more: Partial<StepView["tracks"][number]>): StepView => ({ ...view, tracks: view.tracks.map((track, n) => (n === 0 ? { ...track, ...more } : track)) });

test("the address names a page, and nothing else does", () => {
  expect(view_of_hash("#align")).toBe("align");
  expect(view_of_hash("#token=abc")).toBeNull();
  expect(view_of_hash("")).toBeNull();
});

test("a view is read; what is no number, no task or no view is none", () => {
  const told = running_of(turning);
  expect(told?.view?.tracks.map((track) => track.reading)).toEqual([-1.84, -3.05]);
  expect(told?.view?.task).toBe("turn");
  expect(told?.batch).toBe("2118");
  expect(running_of(null)).toBeNull();
  expect(running_of({ ...turning, view: null })?.view).toBeNull();
  const odd = view_of({ ...turning, view: { ...turning.view, task: "dance", target: "x", tracks: [{ channel: 1, reading: null }] } });
  expect([odd.task, odd.target, odd.tracks[0]?.reading]).toEqual(["watch", null, null]);
});

// ---- pitch

test("the reading sounds above the target where it has to be turned up, below where down, and in unison at it", () => {
  expect(interval(1.2, 0.25)).toBeGreaterThan(0);
  expect(interval(-1.2, 0.25)).toBe(-interval(1.2, 0.25));
  expect(interval(0, 0.25)).toBe(0);
});

test("the further, the wider, to a fifth; and the tolerance, not the unit, is what counts", () => {
  const steps = [0.1, 0.25, 0.5, 1, 3, 10].map((turn) => interval(turn, 0.25));
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
  expect(interval(1000, 0.25)).toBe(WIDEST);
  expect(interval(0.5, 0.25)).toBeCloseTo(interval(6, 3), 12);
  expect(interval(0.25, 0.25)).toBeGreaterThan(1); // at the edge a semitone: heard as another note
  expect(interval(0.25, 0.25)).toBeLessThan(1.5);
});

test("within the tolerance the two tones beat, slower the nearer", () => {
  const beats = [0.2, 0.1, 0.02].map((turn) => {
    const [voice] = voices(with_track(view_of(turning), { turn }));
    return (voice?.reading_hz ?? 0) - (voice?.target_hz ?? 0);
  });
  expect(beats[0]).toBeGreaterThan(beats[1] ?? 0);
  expect(beats[1]).toBeGreaterThan(beats[2] ?? 0);
  expect(beats[2]).toBeLessThan(3); // Hz: slow enough to count
  expect(beats[2]).toBeGreaterThan(0);
});

test("left is low and left, right an octave higher and right; between the tracks is both; done is silent", () => {
  const both = voices(view_of(searching));
  expect(both.map(({ side, target_hz }) => [side, target_hz])).toEqual([[-1, LOW_HZ], [1, 2 * LOW_HZ]]);
  expect((both[0]?.reading_hz ?? 0) > LOW_HZ && (both[1]?.reading_hz ?? 0) < 2 * LOW_HZ).toBe(true);
  expect(voices(view_of(azimuth)).map(({ side }) => side)).toEqual([0]);
  expect(voices(view_of(turning)).map(({ channel }) => channel)).toEqual([1]);
  expect(voices({ ...view_of(searching), task: "watch" })).toEqual([]);
  expect(voices(null)).toEqual([]);
});

test("a track sounds its two notes once, when it becomes done within the same step", () => {
  const before = view_of(turning);
  const now = with_track(before, { done: true });
  expect(newly_done(before, now)).toEqual([1]);
  expect(newly_done(now, now)).toEqual([]);
  expect(newly_done(null, now)).toEqual([]);
  expect(newly_done({ ...before, step_id: "other" }, now)).toEqual([]);
  expect(newly_done({ ...before, round: 2 }, now)).toEqual([]);
});

// ---- needle

test("the needle stands where the reading is, the tolerance is in proportion", () => {
  expect(bar_of(-1.84, -3, 0.25, null)).toMatchObject({ span: 2, needle: 0.58, over: false, tolerance: 0.125 });
  expect(bar_of(-3, -3, 0.25, null)).toMatchObject({ needle: 0, span: 1 });
});

test("the span goes out at once and comes back late, so it does not flicker at its edge", () => {
  const out = bar_of(1.3, 0, 0.1, null).span;
  expect(out).toBe(2);
  expect(bar_of(0.75, 0, 0.1, out).span).toBe(2);
  expect(bar_of(2.1, 0, 0.1, out).span).toBe(5);
  expect(bar_of(0.3, 0, 0.1, out).span).toBe(0.5);
  expect([0.12, 1, 1.01, 7, 30].map(round_up)).toEqual([0.2, 1, 2, 10, 50]);
});

// ---- words

test("figures have the digits that the tolerance needs, true minus signs and no minus before zero", () => {
  expect([0.1, 0.25, 0.5, 3, 20, null].map((tolerance) => decimals_for(tolerance))).toEqual([2, 2, 2, 1, 0, 2]);
  expect(large_figure(-1.84, 0.25)).toBe("\u22121.84");
  expect(large_figure(-12.6, 3)).toBe("\u221212.6");
  expect(large_figure(-12.648, 0.25)).toBe("\u221212.6");
  expect(large_figure(-0.001, 0.1)).toBe("0.00");
  expect(large_figure(null, 0.1)).toBe("\u2014");
  expect(figure(0.3, 1, true)).toBe("+0.3");
  expect(limit_text({ target: -3, tolerance: 0.25, unit: "dB" })).toBe("\u22123.0 \u00b10.25 dB");
  expect(limit_text({ target: 60, tolerance: 0, unit: "dB", bound: "at_least" })).toBe("at least 60 dB");
  expect(limit_text({ target: 0, tolerance: 0.5, unit: "%", bound: "at_most" })).toBe("at most 0.5 %");
  expect(limit_text({ target: -3, tolerance: null, unit: "dB" })).toBe("aim \u22123.0 dB");
  expect(when_text("")).toBe("\u2014");
  expect(when_text("2024-05-03T10:15:00Z")).toMatch(/^2024-05-0[34] \d\d:\d\d$|^2024-05-02/);
});

test("what the hand is to do", () => {
  const [left, right] = view_of(turning).tracks;
  expect(left && hand_of(left)).toBe("up");
  expect(right && hand_of(right)).toBe("done");
  expect(left && hand_of({ ...left, turn: -0.1 })).toBe("down");
  expect(left && hand_of({ ...left, turn: null })).toBe("none");
  expect(left && hand_of({ ...left, turn: 0 })).toBe("none");
});

test.each([["-1.5", -1.5], ["1,25", 1.25], [" \u22122 ", -2], ["+4", 4], [".5", 0.5], ["", null], ["-", null], ["1.2.3", null], ["1e5", null], ["4 dB", null]])("a typed value %j is %j", (entry, value) => {
  expect(value_entry(entry)).toBe(value);
});

// ---- what is stored

test("the last value of a step counts, within its limit or not", () => {
  const values = [...record_of(record).values, value_of({ id: "record.bias", channel: 1, reading: -3.4, unit: "dB", target: -3, tolerance: 0.25 })];
  const last = last_values(values);
  expect(last).toHaveLength(7);
  expect(last.find((value) => value.id === "record.bias" && value.channel === 1)).toMatchObject({ reading: -3.4, within: false });
  expect(value_of({ reading: 1, target: null, tolerance: null }).within).toBeNull();
});

test("two records are compared step by step and track by track; another unit is not", () => {
  const [now, then] = [record_of(record).values, record_of(older(1)).values];
  const rows = changes(now, then.map((value) => (value.id === "record.high" ? { ...value, unit: "V" } : value)));
  expect(rows.find((row) => row.id === "record.level" && row.channel === 1)?.change).toBeCloseTo(0.085, 9);
  expect(rows.filter((row) => row.id === "record.high").map((row) => [row.then, row.change])).toEqual([[null, null], [null, null]]);
  const alone = changes([], then);
  expect(alone.every((row) => row.now === null && row.then !== null)).toBe(true);
  expect(alone).toHaveLength(7);
});

test("stored alignments and procedures as they are listed", () => {
  const [one] = stored_of({ alignments: [{ uuid: "u", key: { speed_ips: 15, equalisation: "IEC1", stock: "s", batch: null }, procedure: "record", begun_at: "b", ended_at: null, verdict: "unfinished", steps: 3 }] });
  expect(one).toMatchObject({ verdict: "unfinished", ended_at: "", steps: 3, key: { batch: "" } });
  expect(stored_of(null)).toEqual([]);
  expect(offer_of({ procedures: [{ name: "quick", obstacle: "no tape", needs: ["blank tape"], automatic: true }] }).procedures[0]).toMatchObject({ guided: false, automatic: true, obstacle: "no tape" });
});

// ---- bias

test("the worst state is the worst, and an answer without lines keeps those of the one before", () => {
  const told = bias_of(bias_told);
  expect(told).not.toBeNull();
  if (told === null) {
    return;
  }
  expect(worst(told.figures)).toBe("warn");
  expect(worst([])).toBe("not_judged");
  expect(worst(told.figures.map((each, n) => ({ ...each, state: n === 0 ? "good" : "not_judged" })))).toBe("good"); // as the machine has it
  expect(worst(told.figures.filter((each) => each.track === 1))).toBe("good");
  const bare = { ...told, figures: told.figures.map((each) => ({ ...each, history: [] })) };
  expect(with_history(bare, told).figures.map((each) => each.history.length)).toEqual([90, 0, 90, 0]);
});

test("limits, trend and hours in words", () => {
  const [left, frequency, right] = bias_of(bias_told)?.figures ?? [];
  expect(left && [limit_words(left), trend_words(left), fail_words(left)]).toEqual(["warns at 0.1 dB, fails at 0.3 dB", "+0.004 \u00b10.003 dB an hour: not sure", ""]);
  expect(frequency && [limit_words(frequency), trend_words(frequency)]).toEqual(["no limit", "no trend yet"]);
  expect(right && fail_words(right)).toBe("at its limit in 1.5 h at this rate");
  expect(right && fail_words({ ...right, hours_to_fail: 0.4 })).toBe("at its limit in 24 min at this rate");
  expect(left && limit_words({ ...left, warn: null, fail: { value: 0.3, source: "", unsure: true } })).toBe("fails at 0.3 dB (unsure: no alarm)");
});

test("a plot's marks are round and lie within", () => {
  expect(marks(-0.33, 0.33)).toEqual([-0.2, 0, 0.2]);
  expect(marks(0, 10)).toEqual([0, 5, 10]);
  expect(range([], 1)).toEqual([-0.5, 0.5]);
  expect(range([1, 3], 0.1)[0]).toBeLessThan(1);
});

test("a limit to one side is no limit to the other", () => {
  const told = (reading: number, bound?: string) => value_of({ reading, target: 60, tolerance: 1, bound }).within;
  expect([58.9, 59.1, 61.1].map((reading) => told(reading))).toEqual([false, true, false]);
  expect([58.9, 59.1, 61.1].map((reading) => told(reading, "at_least"))).toEqual([false, true, true]);
  expect([58.9, 59.1, 61.1].map((reading) => told(reading, "at_most"))).toEqual([true, true, false]);
  expect(value_of({ reading: 3, target: 0, tolerance: null, bound: "at_most" }).within).toBeNull();
});

test("ids of steps are read as words; an id nobody has words for is spelled", () => {
  expect(step_name("record.bias")).toBe("record: bias past the peak");
  expect(step_name("record.bias", "record")).toBe("bias past the peak");
  expect(step_name("proof.crosstalk.10000")).toBe("proof: crosstalk, 10 kHz");
  expect(step_name("proof.noise.a.mol", "proof")).toBe("noise, A-weighted, re MOL");
  expect(step_name("proof.response.sweep.22.4", "proof")).toBe("response, sweep, 22.4 Hz");
  expect(step_name("lines.linearity.20", "lines")).toBe("linearity, dB below, 20"); // not a frequency
  expect(step_name("wax.cylinder_groove")).toBe("wax: cylinder groove");
  expect(["proof.response.31.5", "reproduce.response.sweep.1016", "proof.response.level", "proof.mol"].map(response_hz)).toEqual([31.5, 1016, null, null]);
});

test("channel 0 is between the tracks, or the deck as a whole: its unit tells", () => {
  expect([track_name(0, "us"), track_name(0, "ppm"), track_name(2, "dB"), track_name(3)]).toEqual(["BOTH TRACKS", "DECK", "RIGHT", "TRACK 3"]);
});
