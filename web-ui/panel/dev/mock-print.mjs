// SPDX-License-Identifier: Apache-2.0
// What a daemon tells of plans, prints and transfers, in the shapes of docs/api.md: for the mock server and the unit tests.
const finding = (kind, side, track, words, more = {}) => ({ kind, side, track, at_s: null, to_s: null, db: null, basis: "", words, ...more });
const file = (name, side, track, more = {}) => ({
  file: `/srv/masters/${name}`, path: `/srv/masters/${name}`, side, track, sample_rate_hz: 96000, converted: false, duration_s: 243.1, true_peak_dbtp: [-0.8, -1.1],
  integrated_lufs: -13.6, vu_max: [3.1, 2.8], ...more,
}); // prettier-ignore
const tracks = (first_m, count) =>
  Array.from({ length: count }, (_, at) => ({ track: at, start_s: 14 + at * 246.1, end_s: 14 + at * 246.1 + 243.1, start_m: first_m + at * 93.8, end_m: first_m + at * 93.8 + 92.6, gap_s: 3, resumable: true }));
const side = (name, reel, count, left_s) => ({
  name, reel, start_m: 5.2, duration_s: 14 + count * 246.1, end_m: 10.5 + count * 93.8, usable_s: 14 + count * 246.1 + left_s, usable_m: 740, left_s, left_m: left_s * 0.381, tracks: tracks(10.5, count),
});
export const plan_filled = {
  title: "Nocturnes", studio: "Tower Room", engineer: "", gap: "3 s",
  tape: { stock: "sm900", batch: "", length: "762 m", speed_ips: 15, equalisation: "IEC1", head_leader: "3 m", tail_leader: "3 m", spare: "5 m", tails_out: true },
  live: { warns: ["dropout", "level_droop"], stops: ["not_off_tape", "channel_missing"] },
}; // prettier-ignore
export const plan_read = {
  plan: {
    title: "Night Ferry", gap: "3 s", tape: { stock: "sm900", length: "2500 ft", tails_out: false, speed_ips: 15 }, limits: { azimuth_us: 4 }, alignment: { within_days: 7, override_name: "E. Engineer", override_reason: "no time" },
    slate: { lead_in_s: 2, voice: "/srv/masters/voice.wav", tones: [{ frequency_hz: 1000, duration_s: 20, level_re_operating_db: 0 }, { frequency_hz: 10000, duration_s: 10, level_re_operating_db: -10, azimuth: true }] },
    live: { warns: ["dropout"], stops: [] },
    sides: [
      { name: "A", start_m: 5, tracks: [{ file: "/srv/masters/a1.wav", title: "Fog", trim_db: -0.5, sha256: "ab".repeat(32) }, { file: "a2.wav", gap: "12 ft" }] },
      { name: "B", new_tape: false, gap: "20 s", tracks: [{ file: "/srv/masters/b1.wav", isrc: "GB-ABC-24-00001" }] },
    ],
  },
  against: null,
}; // prettier-ignore
export const check_good = {
  printable: true, plan: plan_filled, card_rate_hz: 96000, alignment: { uuid: "a1", procedure: "record", ended_at: "2026-11-16T10:00:00Z", age_days: 4, verdict: "pass", overridden: false },
  sides: [side("A", 1, 4, 612), side("B", 2, 5, 365)],
  files: [file("01 Overture.wav", "A", 0), file("02 Nocturne in C sharp minor.wav", "A", 1, { sample_rate_hz: 44100, converted: true }), file("03 Interlude.flac", "A", 2), file("04 Finale.wav", "A", 3, { vu_max: [7.2, 6.9] })],
  refusals: [],
  warnings: [
    finding("mol", "A", 3, "the passage drives the tape 2.3 dB above the level at which it has 3 % third harmonic", { at_s: 151.4, to_s: 153.1, db: 2.3, basis: "MOL 315 Hz of SM900, data sheet" }),
    finding("sol", "A", 1, "the brightest 10 ms stand 1.1 dB above what the tape holds there", { at_s: 33.02, db: 1.1, basis: "SOL 10 kHz of SM900, data sheet" }),
  ],
  notes: [finding("converted", "A", 1, "44.1 kHz is converted to 96 kHz")],
}; // prettier-ignore
export const check_refused = {
  ...check_good, printable: false, sides: [side("A", 1, 8, -41.6)],
  refusals: [
    finding("too_long", "A", -1, "side A is 41.6 s longer than the tape offers: take a track out, split the side, or a longer tape", { db: null }),
    finding("not_aligned", "", -1, "the deck was aligned for this tape and speed 41 days ago, at most 30 are allowed: align it, or say who prints all the same and why"),
  ],
}; // prettier-ignore
export const files_root = { roots: [{ root: 0, name: "/srv/masters", path: "/srv/masters", there: true }] };
export const files_folder = {
  root: 0, path: "", folders: ["2026 album"], from: 0, of: 5, next: null,
  files: ["01 Overture.wav", "02 Nocturne in C sharp minor.wav", "03 Interlude.flac", "04 Finale.wav"].map((name) => ({ name, file: `/srv/masters/${name}`, bytes: 139_000_000, container: "WAV", sample_rate_hz: 96000, channels: 2, duration_s: 243.1 })),
}; // prettier-ignore
export const uploads = {
  used_bytes: 2_340_000_000, quota_bytes: 20_000_000_000,
  uploads: [{ id: "0d5bd6c8-5a39-4a77-9e15-0dfc5d1dd9f1", name: "voice slate.wav", size: 4_200_000, offset: 4_200_000, complete: true, sha256: "ab".repeat(32), part_bytes: 16777216 }],
}; // prettier-ignore
const SESSION = "7c2e51d0-6f0f-4c43-9a57-1df2f4b7c1aa";
const session_side = (name, verdict, tracks, tracks_done) => ({ name, verdict, tracks, tracks_done, runs: 1, ended: tracks === tracks_done ? "complete" : "stopped by the operator" });
export const sessions = {
  sessions: [
    { session: SESSION, title: "Nocturnes", made_utc: "2026-11-20T14:02:11.000Z", state: "complete", tracks: 9, tracks_done: 9, sides: [session_side("A", "pass", 4, 4), session_side("B", "fail", 5, 5)], resume: null },
    {
      session: "9a0a77c4-55f5-4b3c-8f4e-6a3b0b6d7e21", title: "Field recordings", made_utc: "2026-11-18T09:40:00.000Z", state: "interrupted", tracks: 6, tracks_done: 2,
      sides: [session_side("A", null, 6, 2)], resume: { side: "A", track: 3, words: "side A before track 3 (03 Harbour.wav)" },
    },
  ],
}; // prettier-ignore
const wave = (n, base, swing, hole = -1) => Array.from({ length: n }, (_, at) => (hole >= 0 && at >= hole && at < hole + 12 ? null : Math.round(100 * (base + swing * Math.sin(at / 7) + 0.3 * swing * Math.sin(at * 1.7))) / 100));
const report_track = (title, side_name, verdict, more = {}) => ({
  file: `/srv/masters/${title}.wav`, title, side: side_name, verdict, findings: [], duration_s: 243.1, start_counter_m: 10.5,
  level_difference_db: [0.08, -0.04], level_re_slate_db: [0.05, -0.02], third_octave_hz: [50, 100, 8000], third_octave_difference_db: [[0.4, -0.3, -2.2], [0.2, 0.61, -0.1]], third_octave_hot: [[false, false, true], [false, false, false]],
  delay_ms: 66.671, speed_change_ppm: 42, phase_deg: 2.1, azimuth: { mean_us: -0.6, worst_us: 2.1, averaging_s: 10, confidence: 0.9 }, wow: { percent: 0.021 }, residual: { db: [-41.2, -40.8] },
  judged: { dropouts: 0.94, level: 0.99, response: 0.91, azimuth: 0.88 }, dropouts: [], missing: [], not_proven: [], withheld: [],
  seconds: { step_s: 1, delay_ms: wave(243, 66.67, 0.004), level_difference_db: [wave(243, 0.08, 0.06, 100), wave(243, -0.04, 0.07, 100)], azimuth_us: wave(243, -0.6, 0.7, 100), dropouts_judged: wave(243, 0.95, 0.04) },
  ...more,
}); // prettier-ignore
export const report = {
  report: "overbias print", report_version: 2, session: SESSION, verdict: "fail", reason: "dropout", findings: [],
  limits: { level_difference_db: 1, level_re_slate_db: 0.3, third_octave_difference_db: 1.5, phase_deg_at_1khz: 30, azimuth_us: 8, speed_change_ppm: 2000, wow_percent: 0.15 },
  off_tape: { proven: true, text: "head delay 66.67 ms, expected 66.67 ms; the programme was absent before it; tape noise is there" },
  tracks: [
    report_track("Overture", "A", "pass"),
    report_track("Nocturne in C sharp minor", "A", "fail", {
      findings: [{ reason: "dropout", channel: "left", text: "1 drop-out over the limit: 8.2 dB for 11.4 ms on the left track at 1:12.35", from_s: 72.35 }],
      dropouts: [{ programme_time_s: 72.35, tape_m: 131.2, channel: "left", length_ms: 11.4, depth_db: 8.2, kind: "spacing", over_limit: true }, { programme_time_s: 201.8, tape_m: 181.1, channel: "right", length_ms: 2.1, depth_db: 4.4, kind: "flat", over_limit: false }],
    }),
    report_track("Interlude", "B", "pass", { azimuth: null, phase_deg: null, withheld: [{ figure: "azimuth", reason: "mono" }, { figure: "phase_deg", reason: "mono" }] }),
  ],
}; // prettier-ignore
const agrees = (print, now = print) => ({ agrees: print === now, print, now });
export const verify_report = {
  ...report, report: "overbias verify", session: "1d0c3f7e-0000-4000-8000-000000000001", against: { session: SESSION, verdict: "fail", reason: "dropout" }, verdict: "fail", reason: "dropout",
  agrees: { level: agrees("pass"), response: agrees("pass"), dropouts: { ...agrees("fail"), in_print: 1, in_this: 1, same: 1 }, polarity: agrees("pass"), completeness: agrees("pass"), operating_level: agrees("pass", "fail"), all: true },
}; // prettier-ignore
export const session = SESSION;
export const job = { id: SESSION, name: "print", state: "running", phase: "side A, track 2 of 4: Nocturne in C sharp minor", fraction: 0.37, remaining_s: 803, gate: null };
export const gate = "Take reel A off, thread a new tape for side B, wind past the head leader, and confirm.";
const event = (seq, kind, detail, tape_m) => ({ seq, utc: "2026-11-20T14:10:00.000Z", session: SESSION, kind, detail, tape_m });
export const print_log = {
  events: [
    event(1, "record_on", {}, 5.1), event(2, "section_start", { what: "slate" }, 5.4), event(3, "proven", { failing: "", dropouts: "0", delay_ms: "66.6712", level_difference_left_db: "0.0812", level_difference_right_db: "-0.0390" }, 6.1), event(4, "track_start", { what: "track 1 of 4: 01 Overture.wav" }, 10.5), event(8, "proven", { failing: "", dropouts: "0", delay_ms: "66.6712", level_difference_left_db: "0.0812", level_difference_right_db: "-0.0390" }, 10.9),
    event(5, "dropout", { count: "1" }, 57.2), event(6, "live_warning", { reason: "dropout", words: "the comparison off tape says dropout at 132.1 s after the slate's onset" }, 57.2),
    event(7, "track_start", { what: "track 2 of 4: 02 Nocturne in C sharp minor.wav" }, 104.3),
  ],
}; // prettier-ignore
export const transfer = {
  job: SESSION, file: "/var/lib/overbias/transfers/Nocturnes, side A 2026-11-20T1402.wav", phase: "capturing", captured_s: 1211.4, checked: 0, bytes: 698000000, lost_frames: 0, disk_trouble: null,
  integrated_lufs: -18.4, range_lu: 9.1, momentary_lufs: -16.2, short_term_lufs: -17.3, true_peak_dbtp: [-4.1, -4.6], rms_dbfs: [-19.2, -19.8], clips: [0, 0], correlation: 0.71,
  azimuth: { delay_us: -2.3, averaging_s: 10, confidence: 0.8, reversed: false }, dropouts_suspected: 1, noise_dbfs: -64.2, silent_s: 0,
}; // prettier-ignore
export const transfer_log = {
  events: [
    event(1, "transfer_begins", { file: "x.wav" }, 3.1), event(2, "programme", { what: "programme again", at_s: "12.410" }, 8.2), event(3, "gap", { what: "the programme ended here", at_s: "251.020" }, 98.7),
    event(4, "programme", { what: "programme again", at_s: "255.020" }, 100.2), event(5, "dropout_suspected", { at_s: "611.330", channel: "left", length_ms: "14", depth_db: "9.2" }, 236.1),
  ],
}; // prettier-ignore
export const transfer_report = {
  report: "overbias transfer", report_version: 1, session: SESSION, verdict: "pass", reason: null, words: "Nocturnes, side A.wav holds 1211.4 s, 2 pieces of programme", ended_by: "silence",
  file: { path: transfer.file, container: "WAV", duration_s: 1211.4, sha256: "5e".repeat(32), audio_sha256: "6f".repeat(32) }, reel: { title: "Nocturnes, side A" },
  loudness: { integrated_lufs: -18.4, range_lu: 9.1 }, true_peak_dbtp: [-4.1, -4.6], clips: [0, 0], noise_dbfs: -64.2, correlation: 0.71, azimuth: { delay_us: -2.3, averaging_s: 10, confidence: 0.8, reversed: false, stretches: [] },
  tracks: [{ number: 1, label: "", start_s: 12.41, end_s: 251.02 }, { number: 2, label: "", start_s: 255.02, end_s: 1196 }],
  dropouts_suspected: { count: 1, judged: false, told: [{ at_s: 611.33, channel: "left", length_ms: 14, depth_db: 9.2 }] },
}; // prettier-ignore
