// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ShuttleHold, shuttle_speed_ips } from "../src/state/shuttle";

const offer = { slowest_ips: 0.75, fastest_ips: 300 };
let sent: number[];
let taken: boolean;
let hold: ShuttleHold;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  taken = true;
  hold = new ShuttleHold((speed) => {
    sent.push(speed);
    return Promise.resolve(taken);
  });
});
afterEach(() => void vi.useRealTimers());

test("the middle is still, the ends are the deck's limits, and equal ways are equal ratios", () => {
  expect(shuttle_speed_ips(0.05, offer)).toBe(0);
  expect(shuttle_speed_ips(1, offer)).toBe(300);
  expect(shuttle_speed_ips(-1, offer)).toBe(-300);
  expect(shuttle_speed_ips(0.0801, offer)).toBeCloseTo(0.75, 2);
  expect(shuttle_speed_ips(0.54, offer)).toBeCloseTo(15, 1); // half the way: the geometric middle
  expect(shuttle_speed_ips(2, { slowest_ips: 0, fastest_ips: 200 })).toBe(200);
});

test("a speed is sent at once, what follows at a pace, and release stands still", () => {
  hold.grab();
  hold.move(5);
  hold.move(6);
  hold.move(7);
  expect(sent).toEqual([5]);
  vi.advanceTimersByTime(100);
  expect(sent).toEqual([5, 7]);
  hold.move(9);
  hold.release();
  expect(sent).toEqual([5, 7, 0]);
  vi.advanceTimersByTime(1000);
  expect(sent).toEqual([5, 7, 0]); // not the 9 that waited
});

test("a touch that pulls nothing sends nothing", () => {
  hold.grab();
  hold.move(0);
  hold.release();
  expect(sent).toEqual([]);
});

test("after STOP a finger that is still on it moves nothing, and its release neither", () => {
  hold.grab();
  hold.move(5);
  hold.let_go();
  expect(hold.move(8)).toBe(false);
  hold.release();
  vi.advanceTimersByTime(1000);
  expect(sent).toEqual([5]);
  hold.grab();
  expect(hold.move(8)).toBe(true);
  expect(sent).toEqual([5, 8]);
});

test("a shuttle that runs is ended by the release, also when a later speed was refused", async () => {
  hold.grab();
  hold.move(5);
  await vi.advanceTimersByTimeAsync(100);
  taken = false;
  hold.move(9);
  await vi.advanceTimersByTimeAsync(100);
  expect(hold.move(12)).toBe(false);
  hold.release();
  expect(sent).toEqual([5, 9, 0]);
  hold.release();
  expect(sent).toEqual([5, 9, 0]);
});

test("what the machine refuses is not asked again and again", async () => {
  taken = false;
  hold.grab();
  hold.move(5);
  await vi.advanceTimersByTimeAsync(0);
  expect(hold.move(8)).toBe(false);
  hold.release();
  expect(sent).toEqual([5]);
});
