// SPDX-License-Identifier: Apache-2.0
// The scales a meter can wear. Ballistics are the daemon's: each scale says which of its readings it shows, where the
// marks stand and how far the needle goes. PPM readings come in dB re a sine at -18 dBFS (EBU R 68 alignment level).
import type { Channel } from "../link/meter_frame";
import { deflection as vu_deflection, MARKS as VU_MARKS } from "./vu_scale";

export interface ScaleMark {
  at: number;
  label: string;
}

export interface Scale {
  key: string;
  name: string; // in the list
  card: string; // large, on the card
  note: string; // small below it: what the reference mark stands for
  unit: string; // of the figures
  dark: boolean; // white on black
  red_from: number;
  reference: number; // this mark is drawn stronger
  marks: ScaleMark[];
  read(channel: Channel): number;
  deflection(value: number): number; // 0 ... 1 on the scale, a little beyond either end
  text(value: number): string;
}

const PIN = 0.035; // beyond the ends of the scale
const marks = (...values: number[]): ScaleMark[] => values.map((at) => ({ at, label: String(Math.abs(at)) }));

function even(from: number, to: number): (value: number) => number {
  return (value) => (Number.isNaN(value) ? -PIN : Math.min(1 + PIN, Math.max(-PIN, (value - from) / (to - from))));
}
const signed = (least: number) => (value: number) => {
  if (value < least) {
    return "\u2212\u221e";
  }
  const text = Math.abs(value).toFixed(1);
  return `${text === "0.0" ? "" : value < 0 ? "\u2212" : "+"}${text}`;
};

/** DIN's 0 is permitted maximum level, 9 dB above alignment level. */
const DIN_ZERO_DB = 9;

export const SCALES: Scale[] = [
  {
    key: "vu", name: "VU", card: "VU", note: "0 = OPERATING LEVEL", unit: "VU", dark: false, red_from: 0, reference: 0,
    marks: VU_MARKS.map(({ vu, label }) => ({ at: vu, label })), read: (channel) => channel.vu, deflection: vu_deflection, text: signed(-40),
  },
  {
    key: "din", name: "PPM DIN", card: "DIN", note: "0 = \u22129 dBFS", unit: "dB", dark: true, red_from: 0, reference: 0,
    marks: marks(-50, -40, -30, -20, -10, -5, 0, 5), read: (channel) => channel.ppm_type_i_db - DIN_ZERO_DB, deflection: even(-50, 5), text: signed(-60),
  },
  {
    key: "nordic", name: "PPM Nordic", card: "N", note: "0 = \u221218 dBFS, TEST +6", unit: "dB", dark: true, red_from: 9, reference: 6,
    marks: marks(-42, -36, -30, -24, -18, -12, -6, 0, 6, 9, 12).map((mark) => (mark.at === 9 ? { at: 9, label: "" } : mark)), read: (channel) => channel.ppm_type_i_db, deflection: even(-42, 12), text: signed(-60),
  },
  {
    key: "bbc", name: "PPM BBC", card: "PPM", note: "4 = \u221218 dBFS", unit: "PPM", dark: true, red_from: 6, reference: 4,
    marks: marks(1, 2, 3, 4, 5, 6, 7), read: (channel) => 4 + channel.ppm_type_ii_db / 4, deflection: even(1, 7), text: (mark) => (mark < 0 ? "<0" : mark.toFixed(1)),
  },
  {
    key: "ebu", name: "PPM EBU", card: "EBU", note: "TEST = \u221218 dBFS", unit: "dB", dark: true, red_from: 9, reference: 0,
    marks: [-12, -8, -4, 0, 4, 8, 12].map((at) => ({ at, label: at === 0 ? "TEST" : String(Math.abs(at)) })), read: (channel) => channel.ppm_type_ii_db, deflection: even(-12, 12), text: signed(-60),
  },
]; // prettier-ignore

export function scale_of(key: string | null): Scale {
  return SCALES.find((scale) => scale.key === key) ?? (SCALES[0] as Scale);
}
