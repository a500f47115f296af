// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { ReconnectPolicy } from "../src/link/reconnect";

test("health is looked at every second, however often it failed", () => {
  const policy = new ReconnectPolicy();
  for (let i = 0; i < 10_000; ++i) {
    expect(policy.after_failed_health()).toBe(1000);
  }
});

test("failed sockets are spaced 1, 2, then 3 s for ever", () => {
  const policy = new ReconnectPolicy(() => 0);
  expect([1, 2, 3, 4, 5].map(() => policy.after_failed_socket())).toEqual([1000, 2000, 3000, 3000, 3000]);
});

test("jitter shortens by up to a quarter and never lengthens", () => {
  const policy = new ReconnectPolicy(() => 0.999);
  policy.after_failed_socket();
  policy.after_failed_socket();
  expect(policy.after_failed_socket()).toBeCloseTo(2250, -1);
});

test("a greeting starts the count anew", () => {
  const policy = new ReconnectPolicy(() => 0);
  policy.after_failed_socket();
  policy.after_failed_socket();
  policy.connected();
  expect(policy.after_failed_socket()).toBe(1000);
});
