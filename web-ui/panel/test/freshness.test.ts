// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { Freshness } from "../src/link/freshness";

test("nothing is live before the first frame", () => {
  const fresh = new Freshness();
  expect(fresh.meters_stale(0)).toBe(true);
  expect(fresh.counter_stale(0)).toBe(true);
});

test("meters are stale when no frame came for a second, not before", () => {
  const fresh = new Freshness();
  fresh.meter_frame(5000);
  expect(fresh.meters_stale(6000)).toBe(false);
  expect(fresh.meters_stale(6001)).toBe(true);
});

test("places keep the counter alive, not the meters", () => {
  const fresh = new Freshness();
  fresh.place(5000);
  expect(fresh.counter_stale(5900)).toBe(false);
  expect(fresh.meters_stale(5900)).toBe(true);
});

test("frames keep the counter of a deck at rest alive", () => {
  const fresh = new Freshness();
  fresh.place(0);
  fresh.meter_frame(9000);
  expect(fresh.counter_stale(9500)).toBe(false);
});

test("frames that keep coming over a late link are old: a ping unanswered for a second makes all stale", () => {
  const fresh = new Freshness();
  fresh.waiting_since(1000);
  fresh.meter_frame(2001);
  fresh.place(2001);
  expect(fresh.meters_stale(2001)).toBe(true);
  expect(fresh.counter_stale(2001)).toBe(true);
  fresh.waiting_since(null);
  expect(fresh.meters_stale(2001)).toBe(false);
});

test("a lost link takes everything with it at once", () => {
  const fresh = new Freshness();
  fresh.meter_frame(1000);
  fresh.place(1000);
  fresh.lost();
  expect(fresh.meters_stale(1001)).toBe(true);
  expect(fresh.counter_stale(1001)).toBe(true);
});
