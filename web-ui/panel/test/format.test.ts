// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { counter_text, dbfs_text, duration_text, metres_text, place_entry, uncertainty_text, vu_text } from "../src/state/format";

test.each([
  [0, 15, false, "0:00:00.00"],
  [0.381, 15, false, "0:00:01.00"], // 15 ips is 0.381 m/s
  [0.762, 30, false, "0:00:01.00"],
  [-0.381, 15, true, "0:00:01.00"],
  [-0.001, 15, false, "0:00:00.00"], // less than half a hundredth: no minus zero
  [1371.6 - 0.00001, 15, false, "1:00:00.00"], // rounds up through all places
  [0.381 * 3725.5, 15, false, "1:02:05.50"],
])("%d m at %d ips", (tape_m, ips, negative, digits) => {
  expect(counter_text(tape_m, ips)).toEqual({ negative, digits });
});

test("without a speed there is no tape time", () => {
  expect(counter_text(10, 0)).toBeNull();
});

test("small texts", () => {
  expect(metres_text(-1.5)).toBe("\u22121.500 m");
  expect(metres_text(-0.0001)).toBe("0.000 m");
  expect(uncertainty_text(0.004)).toBe("\u00b14 mm");
  expect(uncertainty_text(1.25)).toBe("\u00b11.3 m");
  expect(duration_text(0.2)).toBe("0:01");
  expect(duration_text(75)).toBe("1:15");
  expect(duration_text(3675)).toBe("1:01:15");
  expect(vu_text(-0.04)).toBe("0.0");
  expect(vu_text(1.26)).toBe("+1.3");
  expect(vu_text(-60)).toBe("\u2212\u221e");
  expect(dbfs_text(-7.25)).toBe("\u22127.3");
});

test.each([
  ["34.5", 34.5], ["34.5 m".replace(" ", ""), 34.5], ["-2", -2], ["\u22122", -2], ["0:12:30", "0:12:30"], ["1:02.5", "1:02.5"],
  ["-0:00:05", "-0:00:05"], ["75:00", "75:00"],
])("%s is a place", (entry, position) => {
  expect(place_entry(entry)).toEqual({ position });
}); // prettier-ignore

test.each(["", "abc", "1:2:3:4", "1:75", "1:2", "NaN", "1e3", "--2"])("%j is none, and says so", (entry) => {
  expect(place_entry(entry)).toHaveProperty("problem", expect.stringContaining("h:mm:ss"));
});
