// SPDX-License-Identifier: Apache-2.0
// The binary picture frame of /api/v1/ws, type 2 version 1 (docs/api.md): goniometer and third octaves of one source.

export interface PictureFrame {
  source: "tape" | "programme";
  points: Int16Array; // x, y, x, y ...; 32767 is 1.0
  first_band: number; // 10 log10 of its centre in Hz
  levels_dbfs: [number[], number[]]; // left, right
  peaks_dbfs: [number[], number[]];
}

const HEADER_BYTES = 24;

/** Null for anything that is not a whole one. */
export function decode_picture_frame(data: ArrayBuffer): PictureFrame | null {
  const view = new DataView(data);
  if (data.byteLength < HEADER_BYTES || view.getUint8(0) !== 2 || view.getUint8(1) !== 1) {
    return null;
  }
  const [points, bands] = [view.getUint16(16, true), view.getUint16(18, true)];
  if (data.byteLength !== HEADER_BYTES + 4 * points + 8 * bands) {
    return null;
  }
  const words = (at: number, count: number) => Int16Array.from({ length: count }, (_, index) => view.getInt16(at + 2 * index, true));
  const row = (index: number) => [...words(HEADER_BYTES + 4 * points + 2 * bands * index, bands)].map((level) => level / 100);
  return {
    source: view.getUint16(2, true) === 2 ? "programme" : "tape",
    points: words(HEADER_BYTES, 2 * points),
    first_band: view.getInt16(20, true),
    levels_dbfs: [row(0), row(1)],
    peaks_dbfs: [row(2), row(3)],
  };
}
