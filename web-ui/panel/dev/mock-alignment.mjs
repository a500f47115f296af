// SPDX-License-Identifier: Apache-2.0
// What a daemon tells of alignments and of bias (docs/api.md), to look at and for the unit tests.
const job = "0193c1a2-7b1e-7c55-9d6e-2f0f6a1c0001";
export const record_uuid = "0193c1a2-7b1e-7c55-9d6e-2f0f6a1c0002";
const key = { deck_uuid: "d", head_block_uuid: "h", speed_ips: 15, equalisation: "IEC1", stock: "rtm-sm900", batch: "2118" };

const running = (view, more = {}) => ({
  job, record: record_uuid, procedure: "record", title: "record alignment", guided: true, gone_on: false, operator: "mk",
  calibration_tape: null, stock: "rtm-sm900", batch: "2118", accepted: 3, sequence: 41, view, ...more,
}); // prettier-ignore

const bias_view = {
  step_id: "record.bias", title: "bias", instruction: "Turn each track's bias up slowly, through the peak, on to the drop of the tape's profile.", task: "turn",
  value_unit: null, note: null, step: 1, steps: 4, round: 1, unit: "dB", target: -3, tolerance: 0.25, averaging_s: 0.3, done: false,
  tracks: [{ channel: 1, reading: -1.84, turn: 1.16, done: false, words: "1.2 dB to go, turn up" }, { channel: 2, reading: -3.05, turn: 0, done: true, words: "hold it there" }],
}; // prettier-ignore
export const turning = running(bias_view);
export const searching = running({
  ...bias_view, note: "The level rises as bias goes down: you are past the peak.",
  tracks: [{ channel: 1, reading: null, turn: 1, done: false, words: "turn up slowly, through the peak" }, { channel: 2, reading: null, turn: -1, done: false, words: "turn bias down" }],
}); // prettier-ignore
export const azimuth = running({
  ...bias_view, step_id: "reproduce.azimuth", title: "azimuth, fine", instruction: "Turn the reproduce head's azimuth screw.", unit: "us", target: 0, tolerance: 3, note: "10 kHz recognised on the calibration tape",
  tracks: [{ channel: 0, reading: -12.6, turn: 12.6, done: false, words: "12.6 \u00b5s to go, turn clockwise" }],
}, { procedure: "reproduce", title: "reproduce alignment" }); // prettier-ignore
export const confirming = running({
  ...bias_view, step_id: "reproduce.tape", title: "thread the calibration tape", instruction: "Tails out; record-enable must be open. The tracks are safe and the deck has no record tally.", task: "confirm", unit: null, target: null, tolerance: null, tracks: [],
}); // prettier-ignore
export const entering = running({
  ...bias_view, step_id: "lines.output", title: "output voltage", instruction: "What does the voltmeter at the left line output read?", task: "enter", value_unit: "dBu", unit: null, target: null, tolerance: null, tracks: [],
}); // prettier-ignore
export const automatic = running({ ...bias_view, task: "watch", instruction: "The converters go through the peak.", tracks: [{ channel: 1, reading: -2.71, turn: null, done: false, words: "0.3 dB to go" }, { channel: 2, reading: -2.93, turn: null, done: true, words: "" }] }, { guided: false, operator: null });

// ---- what the other procedures show, one step of each
const step = (step_id, title, instruction, task, unit, tracks, more = {}) => ({
  step_id, title, instruction, task, value_unit: null, note: null, step: 0, steps: 4, round: 1, unit, target: null, tolerance: null, averaging_s: null, done: false, tracks, ...more,
}); // prettier-ignore
const reads = (channel, reading, turn, words, done = false) => ({ channel, reading, turn, done, words });
export const lines_entering = running(
  step("lines.capture_dbu", "line from the deck", "Feed the left input with a known voltage of about +4 dBu at 1 kHz, and enter what the voltmeter reads.", "enter", "dBFS", [reads(1, -18.04, null, "")], { value_unit: "dBu", step: 2, steps: 9, averaging_s: 1 }),
  { procedure: "lines", title: "converters and lines" },
);
export const speed_trimming = running(
  step("speed.error", "speed", "Turn the capstan\u2019s speed trim.", "turn", "ppm", [reads(0, 1840, -1840, "0.18 % too fast: turn down")], { target: 0, tolerance: 100, averaging_s: 5, note: "3150 Hz recognised" }),
  { procedure: "speed", title: "speed, wow & flutter", calibration_tape: "mrl-21t" },
);
export const level_turning = running(
  step("reproduce.level", "reproduce level", "Turn each track\u2019s reproduce level.", "turn", "dB", [reads(1, 0.62, -0.62, "0.6 dB to go, turn down"), reads(2, -0.04, 0, "hold it there", true)], { target: 0, tolerance: 0.1, averaging_s: 0.5, step: 3, steps: 6, note: "1 kHz recognised: 250 nWb/m" }),
  { procedure: "reproduce", title: "reproduce alignment" },
);
export const winding_back = running(
  step("reproduce.level", "reproduce level", "listening to the calibration tape", "watch", null, [], { note: "winding back", step: 3, steps: 6 }),
  { procedure: "reproduce", title: "reproduce alignment" },
);
export const proving = running(
  step("proof.noise.a", "noise, A-weighted", "Biased tape, nothing sent.", "watch", "dB", [reads(1, -61.2, null, ""), reads(2, -60.8, null, "")], { averaging_s: 10, step: 6, steps: 11 }),
  { procedure: "proof", title: "proof", guided: false },
);
export const quick_checking = running(
  step("quick.level", "level", "1 kHz, operating level.", "watch", "dB", [reads(1, 0.03, null, "", true), reads(2, -0.21, null, "0.2 dB below")], { target: 0, tolerance: 0.1, averaging_s: 0.5, step: 0, steps: 4 }),
  { procedure: "quick", title: "quick check", guided: false },
);

const value = (id, channel, reading, unit, target, tolerance) => ({
  id, channel, reading, unit, target, tolerance, averaging_s: 0.5, accepted_at: "2024-05-03T10:15:00.000Z", accepted_by: "mk", calibration_tape: "",
}); // prettier-ignore
export const values = [
  value("record.azimuth", 0, 0.8, "us", 0, 3), value("record.bias", 1, -3.06, "dB", -3, 0.25), value("record.bias", 2, -2.94, "dB", -3, 0.25),
  value("record.level", 1, 0.03, "dB", 0, 0.1), value("record.level", 2, -0.14, "dB", 0, 0.1), value("record.high", 1, 0.21, "dB", 0, 0.5), value("record.high", 2, -0.3, "dB", 0, 0.5),
]; // prettier-ignore
export const record = { uuid: record_uuid, key, procedure: "record", begun_at: "2024-05-03T10:12:00.000Z", ended_at: "2024-05-03T10:19:00.000Z", steps: values };
export const older = (n) => ({
  ...record, uuid: `0193c1a2-0000-7000-8000-00000000000${n}`, begun_at: `2024-0${5 - n}-0${n}T09:00:00.000Z`,
  steps: values.map((each, at) => ({ ...each, reading: each.reading + 0.05 * n * (at % 2 === 0 ? 1 : -1.7) })),
}); // prettier-ignore
const tones = [31.5, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 10000, 12500, 16000, 20000];
const response = (hz, track) => 0.9 * Math.sin(3 * Math.log10(hz / 40)) * Math.exp(-hz / 300) - (hz / 19000) ** 4 * (track === 1 ? 0.7 : 1.1) + (track - 1) * 0.12;
export const proof = {
  ...record, uuid: "0193c1a2-0000-7000-8000-0000000000aa", procedure: "proof", begun_at: "2024-05-02T10:12:00.000Z",
  steps: [
    ...[1, 2].flatMap((track) => tones.map((hz) => value(`proof.response.${hz}`, track, response(hz, track), "dB", 0, hz > 15000 ? 3 : 2))),
    ...[1, 2].flatMap((track) => [
      value("proof.thd", track, 0.41 + track / 100, "%", null, null), { ...value("proof.h3", track, 0.38, "%", 0, 1), bound: "at_most", remark: "spec sheet" },
      value("proof.mol", track, 8.7, "dB", null, null), value("proof.noise.a", track, -62.4, "dB", null, null),
      { ...value("proof.crosstalk.1000", track, 58.2, "dB", 55, 0), bound: "at_least" }, { ...value("proof.erase", track, 71.3, "dB", 75, 0), bound: "at_least", remark: "better than: the noise hides what is left" },
    ]),
    value("proof.timing", 0, 0.8, "us", 0, 3),
  ],
}; // prettier-ignore
const listed = (each, verdict) => ({ uuid: each.uuid, key, procedure: each.procedure, begun_at: each.begun_at, ended_at: verdict === "unfinished" ? null : each.ended_at, verdict, steps: each.steps.length });
export const records = [record, proof, older(1), older(2), older(3)];
export const alignments = { alignments: records.map((each, n) => listed(each, ["fail", "fail", "pass", "unfinished", "pass"][n])) };

const procedure = (name, title, does, needs, more = {}) => ({ name, title, does, needs, guided: true, automatic: true, obstacle: null, unfinished: null, ...more });
export const procedures = {
  procedures: [
    procedure("lines", "lines and level chart", "One known voltage in, one out; level chart and loop latency.", ["a voltmeter"], { automatic: false }),
    procedure("reproduce", "reproduce alignment", "Azimuth, level, HF and LF of the reproduce side.", ["a calibration tape"], { automatic: false }),
    procedure("speed", "speed, wow and flutter", "Speed against a calibration tape; stores the head delay.", ["a calibration tape"]),
    procedure("record", "record alignment", "Azimuth, bias, level and HF through own recordings.", ["blank tape"], { unfinished: { uuid: older(2).uuid, begun_at: older(2).begun_at, steps: 7 } }),
    procedure("proof", "proof", "Response, MOL, distortion, noise, crosstalk, erasure.", ["blank tape"]),
    procedure("quick", "quick check", "Levels, azimuth, 10 kHz and bias in two minutes.", ["blank tape"], { guided: false, obstacle: "no record alignment is known for this tape and speed" }),
  ],
  calibration_tapes: [{ id: "mrl-21t", name: "MRL 21T205", maker: "MRL", speed_ips: 15, equalisation: "IEC1", fluxivity_nwb_per_m: 250, made: "2021-03", warning: "It is older than two years: its treble may have fallen." }],
  stock: "rtm-sm900", batch: null, operator: null, arm_held: null,
}; // prettier-ignore

const history = Array.from({ length: 90 }, (_, n) => [-10 * (90 - n), -0.0022 * n + 0.02 * Math.sin(n)]);
const bias_figure = (track, quantity, name, more) => ({
  source: track, kind: "mixed", track, place: `track ${track} (mixed, capture channel ${track + 2})`, quantity, name, state: "good", why: null, problem: null, unit: "V",
  now: 24.61, age_s: 0.3, set_up: 24.7, set_up_at: "2024-05-03T10:19:00.000Z", set_up_by: "alignment", drift: -0.03, drift_unit: "dB", drift_percent: -0.4,
  warn: { value: 0.1, source: "house rule", unsure: false }, fail: { value: 0.3, source: "house rule", unsure: false },
  trend: { per_hour: 0.004, error: 0.003, sure: false }, hours_to_fail: null, history, ...more,
}); // prettier-ignore
export const bias = {
  watched: true, state: "warn", why: null, recording: true, key, averaging_s: 5, settle_s: 2, gaps: 0, lost_frames: 0,
  figures: [
    bias_figure(1, "level", "bias level", { history: history.map(([at, drift]) => [at, drift / 6]) }),
    bias_figure(1, "frequency", "bias frequency", { unit: "Hz", now: 153612.4, set_up: 153600, drift: 0.008, drift_unit: "%", warn: null, fail: null, trend: null, history: [] }),
    bias_figure(2, "level", "bias level", { state: "warn", drift: -0.18, now: 24.19, trend: { per_hour: -0.079, error: 0.006, sure: true }, hours_to_fail: 1.52 }),
    bias_figure(2, "frequency", "bias frequency", { unit: "Hz", state: "not_judged", why: "no set-up value at this speed and equalisation", now: 153611.9, set_up: null, set_up_at: null, set_up_by: null, drift: null, drift_unit: "%", trend: null, history: [] }),
  ],
  concerns: [{ severity: "warn", monitor: "bias", subject: "level, track 2", words: "The bias level of track 2 is 0.18 dB below set-up." }],
}; // prettier-ignore
export const job_end = (verdict, reason) => ({ id: job, name: "align", verdict, exit_status: verdict === "pass" ? 0 : 1, reason, report_path: null });
export const bias_good = { ...bias, state: "good", concerns: [], figures: bias.figures.filter((each) => each.track === 1 || each.quantity === "level").map((each) => (each.track === 1 ? each : bias_figure(2, "level", "bias level", { drift: 0.02, now: 24.76, history: history.map(([at, drift]) => [at, drift / 5]) }))) };
export const bias_failed = {
  ...bias, state: "missing",
  figures: [
    bias_figure(1, "level", "bias level", { state: "fail", drift: -0.41, now: 23.56, trend: { per_hour: -0.21, error: 0.01, sure: true }, history: history.map(([at, drift]) => [at, 2 * drift]) }),
    bias_figure(2, "level", "bias level", { state: "missing", why: "no reading for 5 s", problem: "the slow converter 'ads1115' is gone: /sys/bus/iio/devices/iio:device0", now: null, age_s: 61, drift: null, trend: null, history: [] }),
  ],
  concerns: [
    { severity: "fail", monitor: "bias", subject: "level, track 1", words: "The bias level of track 1 is 0.41 dB below set-up." },
    { severity: "fail", monitor: "bias", subject: "level, track 2", words: "No bias comes from track 2." },
  ],
}; // prettier-ignore
export const bias_unwatched = { watched: false, state: null, why: null, recording: false, key: null, averaging_s: null, settle_s: null, gaps: 0, lost_frames: 0, figures: [], concerns: [] };
export const bias_at_rest = { ...bias, state: "not_judged", why: "the deck does not record", recording: false, concerns: [], figures: bias.figures.map((each) => ({ ...each, state: "not_judged", why: null, now: null, drift: null, trend: null, hours_to_fail: null, history: [] })) };
