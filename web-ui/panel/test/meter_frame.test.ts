// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { decode_meter_frame } from "../src/link/meter_frame";

/** A frame as bytes, written out by hand from docs/api.md. */
function bytes(): Uint8Array {
  return Uint8Array.from([
    1, 1, 0, 0, // type, version, flags
    0x04, 0x03, 0x02, 0x01, // sequence 0x01020304
    0x00, 0xf2, 0x05, 0x2a, 0x01, 0x00, 0x00, 0x00, // 5 000 000 000 ns
    0x00, 0x00, 0x80, 0xbf, 0x00, 0x00, 0x00, 0x40, // tape VU -1, 2
    0x00, 0x00, 0x20, 0xc1, 0x00, 0x00, 0x00, 0xc1, // tape peak -10, -8
    0x00, 0x00, 0x40, 0xc0, 0x00, 0x00, 0x00, 0x00, // programme VU -3, 0
    0x00, 0x00, 0x80, 0xc0, 0x00, 0x00, 0x16, 0xc3, // programme peak -4, -150
  ]); // prettier-ignore
}

test("a frame's fields", () => {
  expect(decode_meter_frame(bytes().buffer as ArrayBuffer)).toEqual({
    sequence: 0x01020304,
    capture_time_ns: 5_000_000_000n,
    tape: [{ vu: -1, peak_dbfs: -10 }, { vu: 2, peak_dbfs: -8 }],
    programme: [{ vu: -3, peak_dbfs: -4 }, { vu: 0, peak_dbfs: -150 }],
  }); // prettier-ignore
});

test("another type, another version, another length are nothing to us", () => {
  const type = bytes();
  type[0] = 2;
  const version = bytes();
  version[1] = 2;
  expect(decode_meter_frame(type.buffer as ArrayBuffer)).toBeNull();
  expect(decode_meter_frame(version.buffer as ArrayBuffer)).toBeNull();
  expect(decode_meter_frame(bytes().slice(0, 47).buffer as ArrayBuffer)).toBeNull();
  expect(decode_meter_frame(new ArrayBuffer(0))).toBeNull();
});
