// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { reels_of, remaining_text, side_text } from "../src/state/reels";

test("tape left by the counter, without sensors", () => {
  const reels = reels_of({ remaining_m: 700.4, remaining_s: 1838, remaining_by: "length and counter", warning: null });
  expect(reels).toMatchObject({ remaining_by: "length and counter", supply: null, take_up: null, warning: null });
  expect(reels && remaining_text(reels)).toBe("30:38 (700 m)");
});

test("radius and tension where there are sensors", () => {
  const reels = reels_of({
    remaining_m: 3.25, remaining_s: null, remaining_by: "reels",
    supply: { radius_m: 0.0982, tension_n: 0.851 }, take_up: { radius_m: null, tension_n: 0.9 }, warning: "roller and reels disagree",
  }); // prettier-ignore
  expect(reels && remaining_text(reels)).toBe("3.3 m");
  expect(side_text(reels?.supply ?? null)).toBe("98 mm, 0.85 N");
  expect(side_text(reels?.take_up ?? null)).toBe("0.90 N");
  expect(reels?.warning).toBe("roller and reels disagree");
});

test("nothing told is nothing shown", () => {
  expect(reels_of(null)).toBeNull();
  expect(reels_of({})).toBeNull();
  expect(side_text({ radius_m: null, tension_n: null })).toBeNull();
});
