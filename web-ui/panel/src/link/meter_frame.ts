// SPDX-License-Identifier: Apache-2.0
// The binary meter frame of /api/v1/ws: little-endian, 48 bytes, version 1 (docs/api.md).

export interface Level {
  vu: number; // needle, VU re operating level
  peak_dbfs: number;
}

export interface MeterFrame {
  sequence: number;
  capture_time_ns: bigint; // deck time of the newest sample
  tape: [Level, Level]; // left, right: what comes back from the deck
  programme: [Level, Level]; // what is sent to it
}

export const METER_FRAME_BYTES = 48;
const TYPE = 1;
const VERSION = 1;

/** Null for anything that is not a whole version 1 frame: a newer daemon may send more kinds. */
export function decode_meter_frame(data: ArrayBuffer): MeterFrame | null {
  if (data.byteLength !== METER_FRAME_BYTES) {
    return null;
  }
  const view = new DataView(data);
  if (view.getUint8(0) !== TYPE || view.getUint8(1) !== VERSION) {
    return null;
  }
  const f = (index: number) => view.getFloat32(16 + 4 * index, true);
  return {
    sequence: view.getUint32(4, true),
    capture_time_ns: view.getBigUint64(8, true),
    tape: [
      { vu: f(0), peak_dbfs: f(2) },
      { vu: f(1), peak_dbfs: f(3) },
    ],
    programme: [
      { vu: f(4), peak_dbfs: f(6) },
      { vu: f(5), peak_dbfs: f(7) },
    ],
  };
}
