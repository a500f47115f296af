// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { ArmTimer } from "../src/state/arm_timer";

test("our arm is over after 30 s, once", () => {
  const timer = new ArmTimer();
  timer.given(1000);
  expect(timer.remaining_ms(11_000)).toBe(20_000);
  expect(timer.over(30_999)).toBe(false);
  expect(timer.over(31_000)).toBe(true);
  expect(timer.over(31_001)).toBe(false);
});

test("recording keeps it, safe ends it, and what is not ours is left alone", () => {
  const recording = new ArmTimer();
  recording.given(0);
  recording.machine(true, true);
  expect(recording.over(60_000)).toBe(false);
  const safe = new ArmTimer();
  safe.given(0);
  safe.machine(false, false);
  expect(safe.remaining_ms(1)).toBeNull();
  const others = new ArmTimer();
  others.machine(true, false);
  expect(others.over(60_000)).toBe(false);
});
