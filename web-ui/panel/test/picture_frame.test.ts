// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { decode_picture_frame } from "../src/link/picture_frame";

/** A picture as bytes, written out by hand from docs/api.md: two points, one band. */
const bytes = () => Uint8Array.from([
  2, 1, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, // type, version, programme, time
  2, 0, 1, 0, 0x1e, 0, 0, 0, // two points, one band, the 30th
  0xff, 0x7f, 0, 0, 0x01, 0x80, 0xff, 0xff, // (1, 0), (-1, almost 0)
  0x9c, 0xff, 0x18, 0xfc, 0, 0, 0x38, 0xff, // -1, -10; 0, -2 dBFS
]); // prettier-ignore

test("a picture's fields", () => {
  const picture = decode_picture_frame(bytes().buffer as ArrayBuffer);
  expect(picture).toEqual({
    source: "programme", points: Int16Array.from([32767, 0, -32767, -1]), first_band: 30,
    levels_dbfs: [[-1], [-10]], peaks_dbfs: [[0], [-2]],
  }); // prettier-ignore
});

test("half a picture, or something else, is none", () => {
  const type = bytes();
  type[0] = 1;
  expect(decode_picture_frame(type.buffer as ArrayBuffer)).toBeNull();
  expect(decode_picture_frame(bytes().slice(0, 39).buffer as ArrayBuffer)).toBeNull();
  expect(decode_picture_frame(new ArrayBuffer(3))).toBeNull();
});
