// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { ClockOffset } from "../src/link/clock_offset";

const true_offset_ms = 1_700_000_000_000;

test("nothing is known before the server spoke", () => {
  expect(new ClockOffset().server_time_ms(5)).toBeNull();
});

test("the greeting makes a command look older, never younger", () => {
  const clock = new ClockOffset();
  const sent_by_server_local_ms = 1000;
  clock.greeting(true_offset_ms + sent_by_server_local_ms, 1180); // 180 ms under way
  expect(clock.server_time_ms(2000)).toBe(true_offset_ms + 2000 - 180);
});

test("the shortest round trip counts, however lopsided the others were", () => {
  const clock = new ClockOffset();
  clock.answered(0, true_offset_ms + 390, 400); // slow out, fast back: 190 ms wrong
  clock.answered(500, true_offset_ms + 502, 504);
  clock.answered(1000, true_offset_ms + 1005, 1300);
  expect(clock.server_time_ms(2000)).toBe(true_offset_ms + 2000);
});

test("a server that answers late does not make a command look younger than half its round trip", () => {
  const clock = new ClockOffset();
  clock.answered(0, true_offset_ms + 290, 300);
  const error_ms = (clock.server_time_ms(1000) ?? 0) - (true_offset_ms + 1000);
  expect(Math.abs(error_ms)).toBeLessThanOrEqual(150);
});

test("a local clock that stood still while the tablet slept is noticed at the next ping", () => {
  const clock = new ClockOffset();
  clock.answered(1000, true_offset_ms + 1001, 1002);
  // asleep for an hour: performance.now() says 10 ms went by
  clock.answered(1012, true_offset_ms + 3_600_000 + 1042, 1072);
  expect(clock.server_time_ms(1072)).toBe(true_offset_ms + 3_600_000 + 1072);
});

test("old samples are forgotten, so that two crystals may drift apart", () => {
  const clock = new ClockOffset();
  clock.answered(0, true_offset_ms + 1, 2);
  clock.answered(70_000, true_offset_ms + 70_000 + 15 + 5, 70_010); // 15 ms of drift: within the slack of the bounds
  expect(clock.server_time_ms(70_010)).toBe(true_offset_ms + 70_010 + 15);
});
