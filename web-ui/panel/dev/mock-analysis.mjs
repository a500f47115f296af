// SPDX-License-Identifier: Apache-2.0
// What the command analysis answers: a printed flutter tone, as the simulated deck plays it.
const figure = (value, unit, standard, weighting, detector, averaging_s) => ({ value, unit, standard, weighting, detector, averaging_s });

export const tone_analysis = {
  source: "tape_return", sample_rate_hz: 48000, memory_s: 10, held_s: 10, stale: false, card: { lost: false, problem: null },
  lost_frames: 0, gaps: 0, signal: "tone",
  tone: {
    plays_s: 21.4,
    frequency: figure([3150.061, 3150.062], "Hz", "none", "none", "phase slope of the tone", 2),
    level: figure([-14.04, -14.31], "dBFS", "AES17 (full-scale sine 0 dBFS)", "none", "rms of the tone alone", 2),
    level_re_operating: figure([-0.04, -0.31], "dB", "none", "none", "as level, re operating level", 2),
    thd: figure([0.312, 0.274], "%", "harmonics to the fundamental (THD_F)", "none", "rms of each harmonic, noise taken off", 2),
    third_harmonic: figure([0.305, 0.268], "%", "third harmonic to the fundamental (MOL: 3 %)", "none", "rms, noise taken off", 2),
    thd_n: figure([0.323, 0.291], "%", "AES17, 20 Hz to 20 kHz", "none", "rms behind a notch", 2),
  },
  tones: [],
  wow_flutter: {
    channel: 1, nominal_hz: 3150,
    speed_error: figure(0.002, "%", "AES6-2008, IEC 60386", "none", "mean, re the nominal carrier", 10),
    drift: figure(-0.004, "%", "none", "none", "straight line through means of 1 s, end to end", 21),
    weighted: figure(0.0148, "%", "AES6-2008, IEC 60386", "AES6, IEC 60386", "two-sigma peak", 10),
    weighted_quasi_peak: figure(0.0131, "%", "DIN 45507, IEC 60386", "AES6, IEC 60386", "quasi-peak, highest", 10),
    lines: [
      { frequency_hz: 12.0, peak_percent: 0.0119, part: "capstan", times_a_turn: 1 },
      { frequency_hz: 3.0, peak_percent: 0.0092, part: "tape roller", times_a_turn: 1 },
      { frequency_hz: 0.97, peak_percent: 0.0042, part: "take-up reel", times_a_turn: 2 },
      { frequency_hz: 41.3, peak_percent: 0.0011, part: null, times_a_turn: null },
    ],
  },
  rotating_parts: [],
  stereo: {
    level_difference: figure(-0.27, "dB", "second channel less first", "none", "of the tone", 2),
    azimuth: figure(0.63, "us", "positive: the second channel is later", "none", "mean", 10),
    azimuth_error_us: 0.28,
    azimuth_now: figure(-1.24, "us", "positive: the second channel is later", "none", "mean", 1),
    azimuth_from: "one tone: whole periods may be missing", azimuth_period_us: 317.5, azimuth_confidence: null,
    phase: figure(-0.7, "deg", "of the second channel less the first; late: negative", "none", "mean", 10),
    correlation: figure(0.999, "", "none", "none", "normalised product of the channels", 4),
  },
  noise: {
    rms: figure([-14.04, -14.31], "dBFS", "none", "none", "rms", 4),
    a_weighted: figure([-12.8, -13.1], "dBFS", "IEC 61672-1", "A", "rms", 4),
    itu468: figure([-5.0, -5.3], "dBqps", "ITU-R BS.468-4", "468", "quasi-peak, mean of the needle", 4),
  },
  hum: null,
}; // prettier-ignore
