// SPDX-License-Identifier: Apache-2.0
// Draws the goniometer and the third-octave spectrum. They paint when a frame has come and never by themselves.
import type { PictureFrame } from "../link/picture_frame";

const LEFT = "#f3b34c";
const RIGHT = "#8af3dc";
const DIM = "#59636a";
const FONT = "10px Arial, \"Liberation Sans\", \"DejaVu Sans\", sans-serif";
const LOWEST_DBFS = -90;

interface Sized {
  c: CanvasRenderingContext2D;
  width: number;
  height: number;
  fresh: boolean; // it was cleared: its size has changed
}

/** The context in CSS pixels; null while the canvas is not shown. */
function sized(canvas: HTMLCanvasElement): Sized | null {
  const [width, height, ratio] = [canvas.clientWidth, canvas.clientHeight, window.devicePixelRatio || 1];
  const c = canvas.getContext("2d");
  if (c === null || width === 0 || height === 0) {
    return null;
  }
  const fresh = canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio);
  if (fresh) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { c, width, height, fresh };
}

/** Left leans to the left: +x is drawn leftwards. Old points fade. */
export function draw_goniometer(canvas: HTMLCanvasElement, picture: PictureFrame): void {
  const box = sized(canvas);
  if (box === null) {
    return;
  }
  const { c, width, height, fresh } = box;
  const radius = Math.min(width, height) / 2 - 4;
  c.fillStyle = fresh ? "#070909" : "rgba(7, 9, 9, 0.35)";
  c.fillRect(0, 0, width, height);
  c.strokeStyle = "#20282b";
  c.lineWidth = 1;
  c.beginPath();
  for (const [x, y] of [[0, 1], [1, 0], [Math.SQRT1_2, Math.SQRT1_2], [-Math.SQRT1_2, Math.SQRT1_2]] as const) {
    c.moveTo(width / 2 - radius * x, height / 2 - radius * y);
    c.lineTo(width / 2 + radius * x, height / 2 + radius * y);
  }
  c.stroke();
  c.font = FONT;
  c.fillStyle = "#a3abb1";
  c.textAlign = "center";
  for (const [label, x, y] of [["L", -0.79, 0.79], ["R", 0.79, 0.79], ["M", 0.07, 0.93], ["S", 0.93, 0.05]] as const) {
    c.fillText(label, width / 2 + radius * x, height / 2 - radius * y);
  }
  // quiet programme is to be seen too: the square root of the distance
  c.fillStyle = RIGHT;
  const unit = 32767;
  for (let i = 0; i + 1 < picture.points.length; i += 2) {
    const [x, y] = [(picture.points[i] ?? 0) / unit, (picture.points[i + 1] ?? 0) / unit];
    const distance = Math.hypot(x, y);
    const scale = distance > 0 ? (radius * Math.sqrt(Math.min(1, distance))) / distance : 0;
    c.fillRect(width / 2 - x * scale - 0.7, height / 2 - y * scale - 0.7, 1.6, 1.6);
  }
}

/** Nominal centres of the octaves, from the 12th band on. */
const OCTAVES = ["16", "31.5", "63", "125", "250", "500", "1k", "2k", "4k", "8k", "16k"];

export function draw_spectrum(canvas: HTMLCanvasElement, picture: PictureFrame): void {
  const box = sized(canvas);
  if (box === null) {
    return;
  }
  const { c, width, height } = box;
  const bands = picture.levels_dbfs[0].length;
  const [left, bottom] = [26, height - 16];
  const y = (dbfs: number) => 4 + (bottom - 4) * Math.min(1, Math.max(0, dbfs / LOWEST_DBFS));
  c.fillStyle = "#070909";
  c.fillRect(0, 0, width, height);
  c.font = FONT;
  c.textAlign = "right";
  for (let dbfs = 0; dbfs >= LOWEST_DBFS; dbfs -= 18) {
    c.fillStyle = "#20282b";
    c.fillRect(left, Math.round(y(dbfs)), width - left, 1);
    c.fillStyle = "#a3abb1";
    c.fillText(String(dbfs).replace("-", "\u2212"), left - 4, y(dbfs) + (dbfs === 0 ? 7 : 3));
  }
  const step = (width - left) / Math.max(1, bands);
  c.textAlign = "center";
  for (let band = 0; band < bands; ++band) {
    const x = left + band * step;
    for (const side of [0, 1] as const) {
      const bar = [x + 1 + (side * (step - 2)) / 2, (step - 2) / 2 - 0.5] as const;
      const top = y(picture.levels_dbfs[side][band] ?? LOWEST_DBFS);
      c.fillStyle = side === 0 ? LEFT : RIGHT;
      c.fillRect(bar[0], top, bar[1], bottom - top);
      c.fillRect(bar[0], y(picture.peaks_dbfs[side][band] ?? LOWEST_DBFS), bar[1], 1);
    }
    const number = picture.first_band + band;
    if (number % 3 === 0) {
      c.fillStyle = "#a3abb1";
      c.fillText(OCTAVES[number / 3 - 4] ?? "", x + step / 2, height - 4);
    }
  }
  c.fillStyle = DIM;
  c.fillRect(left, bottom, width - left, 1);
}
