// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { StopSender, type StopState } from "../src/link/stop";

let posts: { path: string; options: RequestInit }[];
let post: () => Promise<{ ok: boolean; status: number }>;
let socket_stops: number;
let by_socket: () => Promise<unknown>;
let states: StopState[];
let sender: StopSender;

beforeEach(() => {
  vi.useFakeTimers();
  posts = [];
  states = [];
  socket_stops = 0;
  post = () => Promise.reject(new TypeError("refused"));
  by_socket = () => Promise.reject(new Error("not connected"));
  vi.stubGlobal("fetch", (path: string, options: RequestInit) => {
    posts.push({ path, options });
    return post();
  });
  sender = new StopSender(
    () => {
      socket_stops += 1;
      return by_socket();
    },
    (state) => states.push(state),
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

test("both ways are taken before anything is waited for", () => {
  sender.press();
  expect(socket_stops).toBe(1);
  expect(posts).toHaveLength(1);
  expect(posts[0]).toMatchObject({ path: "/api/v1/stop", options: { method: "POST", keepalive: true } });
});

test("the socket alone is enough", async () => {
  by_socket = () => Promise.resolve({ status: "accepted" });
  sender.press();
  await pass(0);
  expect(states.at(-1)).toBe("confirmed");
  await pass(20_000);
  expect(posts).toHaveLength(1);
});

test("HTTP alone is enough, without any socket", async () => {
  post = () => Promise.resolve({ ok: true, status: 204 });
  sender.press();
  await pass(20_000);
  expect(states).toEqual(["sent", "confirmed"]);
});

test("nobody confirms: repeated every 500 ms, and loud after a second", async () => {
  sender.press();
  await pass(999);
  expect(states).toEqual(["sent"]);
  await pass(1);
  expect(states).toEqual(["sent", "unconfirmed"]);
  expect(posts.length).toBeGreaterThanOrEqual(2);
  post = () => Promise.resolve({ ok: true, status: 204 });
  await pass(500);
  expect(states.at(-1)).toBe("confirmed");
});

test("it does not repeat for ever", async () => {
  sender.press();
  await pass(600_000);
  expect(posts).toHaveLength(20);
});

test("a STOP is not repeated into the command that came after it", async () => {
  sender.press();
  await pass(600);
  const before = posts.length;
  sender.superseded();
  await pass(10_000);
  expect(posts).toHaveLength(before);
  expect(states.at(-1)).toBe("idle");
});

test("an unpaired browser hears that STOP was refused", async () => {
  post = () => Promise.resolve({ ok: false, status: 401 });
  sender.press();
  await pass(10_000);
  expect(states).toEqual(["sent", "not_paired"]);
});

test("an old press does not speak for a newer one", async () => {
  let answer_first: (value: unknown) => void = () => undefined;
  by_socket = () => new Promise((resolve) => (answer_first = resolve));
  sender.press();
  by_socket = () => Promise.reject(new Error("not connected"));
  sender.press();
  answer_first({});
  await pass(0);
  expect(states.at(-1)).toBe("sent");
});
