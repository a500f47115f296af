// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { HighestSince, PeakLamp } from "../src/meters/peaks";
import { deflection, needle_angle } from "../src/meters/vu_scale";

test("deflection is proportional to voltage: 0 VU stands at 71 % of +3", () => {
  expect(deflection(3)).toBeCloseTo(1, 6);
  expect(deflection(0)).toBeCloseTo(0.7079, 4);
  expect(deflection(-6.0206)).toBeCloseTo(0.7079 / 2, 4); // half the voltage, half the way
  expect(deflection(-60)).toBeLessThan(0.001);
});

test("the needle ends at its pins", () => {
  expect(deflection(20)).toBeLessThan(1.05);
  expect(deflection(Number.NaN)).toBe(0);
  expect(needle_angle(-1000, 0.75)).toBeCloseTo(-0.75, 6);
  expect(needle_angle(3, 0.75)).toBeCloseTo(0.75, 6);
});

test("the peak lamp holds for 1.5 s of deck time", () => {
  const lamp = new PeakLamp();
  const s = 1_000_000_000n;
  expect(lamp.frame(-1.01, 1n * s)).toBe(false);
  expect(lamp.frame(-1, 2n * s)).toBe(true);
  expect(lamp.frame(-20, 3n * s)).toBe(true);
  expect(lamp.frame(-20, 2n * s + (3n * s) / 2n)).toBe(false);
});

test("a deck clock that begins anew does not leave the lamp lit", () => {
  const lamp = new PeakLamp();
  lamp.frame(0, 5_000_000_000_000n);
  expect(lamp.frame(-20, 1n)).toBe(false);
});

test("figures are the highest since they were last taken", () => {
  const highest = new HighestSince();
  expect(highest.take()).toBeNull();
  highest.frame(-3, -12);
  highest.frame(1, -14);
  highest.frame(-8, -20);
  expect(highest.take()).toEqual({ vu: 1, peak_dbfs: -12 });
  expect(highest.take()).toBeNull();
});
