// SPDX-License-Identifier: Apache-2.0
// The binary meter frame of /api/v1/ws: little-endian, 160 bytes, version 2 (docs/api.md). The figures are the highest
// (of correlation the lowest) since the last frame that came.

export interface Channel {
  vu: number; // re operating level
  ppm_type_i_db: number; // re a sine at -18 dBFS
  ppm_type_ii_db: number;
  true_peak_dbtp: number;
  sample_peak_dbfs: number;
  clips: number; // since the daemon began
}

export interface Source {
  channels: [Channel, Channel]; // left, right
  momentary_lufs: number;
  short_term_lufs: number;
  correlation: number;
  integrated_lufs: number | null; // since the restart; null: nothing to tell yet
  range_lu: number | null;
  measured_s: number;
}

export interface MeterFrame {
  sequence: number;
  capture_time_ns: bigint; // deck time of the newest sample
  tape: Source; // what comes back from the deck
  programme: Source; // what is sent to it
}

export const METER_FRAME_BYTES = 160;
const TYPE = 1;
const VERSION = 2;
const HEADER_BYTES = 16;
const SOURCE_BYTES = 72;

/** Null for anything that is not a whole version 2 frame: a newer daemon may send more kinds. */
export function decode_meter_frame(data: ArrayBuffer): MeterFrame | null {
  if (data.byteLength !== METER_FRAME_BYTES) {
    return null;
  }
  const view = new DataView(data);
  if (view.getUint8(0) !== TYPE || view.getUint8(1) !== VERSION) {
    return null;
  }
  const source = (at: number): Source => {
    const f = (index: number) => view.getFloat32(at + 4 * index, true);
    const known = (index: number) => (Number.isNaN(f(index)) ? null : f(index));
    const channel = (side: 0 | 1): Channel => ({
      vu: f(side),
      ppm_type_i_db: f(2 + side),
      ppm_type_ii_db: f(4 + side),
      true_peak_dbtp: f(6 + side),
      sample_peak_dbfs: f(8 + side),
      clips: view.getUint32(at + 4 * (13 + side), true),
    });
    return {
      channels: [channel(0), channel(1)],
      momentary_lufs: f(10),
      short_term_lufs: f(11),
      correlation: f(12),
      integrated_lufs: known(15),
      range_lu: known(16),
      measured_s: f(17),
    };
  };
  return {
    sequence: view.getUint32(4, true),
    capture_time_ns: view.getBigUint64(8, true),
    tape: source(HEADER_BYTES),
    programme: source(HEADER_BYTES + SOURCE_BYTES),
  };
}
