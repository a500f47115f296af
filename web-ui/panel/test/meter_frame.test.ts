// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { decode_meter_frame } from "../src/link/meter_frame";
import { bytes } from "./meter_bytes";

test("a frame's fields", () => {
  expect(decode_meter_frame(bytes().buffer as ArrayBuffer)).toEqual({
    sequence: 0x01020304,
    capture_time_ns: 5_000_000_000n,
    tape: {
      channels: [
        { vu: -1, ppm_type_i_db: -10, ppm_type_ii_db: -3, true_peak_dbtp: -4, sample_peak_dbfs: -4, clips: 1 },
        { vu: 2, ppm_type_i_db: -8, ppm_type_ii_db: 0, true_peak_dbtp: -150, sample_peak_dbfs: -150, clips: 0x0203 },
      ],
      momentary_lufs: -23, short_term_lufs: -24, correlation: -0.5, integrated_lufs: -23.5, range_lu: 4, measured_s: 60,
    },
    programme: {
      channels: [
        { vu: 0, ppm_type_i_db: 0, ppm_type_ii_db: 0, true_peak_dbtp: 0, sample_peak_dbfs: 0, clips: 0 },
        { vu: 0, ppm_type_i_db: 0, ppm_type_ii_db: 0, true_peak_dbtp: 0, sample_peak_dbfs: 0, clips: 0 },
      ],
      momentary_lufs: 0, short_term_lufs: 0, correlation: 0, integrated_lufs: null, range_lu: null, measured_s: 0,
    },
  }); // prettier-ignore
});

test("another type, another version, another length are nothing to us", () => {
  const type = bytes();
  type[0] = 2;
  const version = bytes();
  version[1] = 1;
  expect(decode_meter_frame(type.buffer as ArrayBuffer)).toBeNull();
  expect(decode_meter_frame(version.buffer as ArrayBuffer)).toBeNull();
  expect(decode_meter_frame(bytes().slice(0, 159).buffer as ArrayBuffer)).toBeNull();
  expect(decode_meter_frame(new ArrayBuffer(0))).toBeNull();
});
