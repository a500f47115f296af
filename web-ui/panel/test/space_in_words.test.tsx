// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
// Space in a field of words. One test in this file: each page that was there before still listens to the window's keys.
import { act } from "preact/test-utils";
import { expect, test } from "vitest";
import { job } from "../dev/mock-print.mjs";
import { appears, at_rest, daemon, deck, find, go_live, key, pass, sent } from "./panel_page";

const tell = (method: string, params: unknown) => act(() => daemon.socket.tells(method, params));

test("Space is a letter in a title only while nothing is there that could be stopped; Esc never is", async () => {
  localStorage.clear();
  history.replaceState(null, "", "/");
  await go_live();
  await act(() => find("#view-print").click());
  await appears("#fact-title");
  const title = find("#fact-title");
  expect(key(title, " ").defaultPrevented).toBe(false);
  expect(sent("stop")).toHaveLength(0);
  expect(key(find("#fact-tape-length"), " ").defaultPrevented).toBe(true); // a number has no space
  expect(sent("stop")).toHaveLength(1);
  await tell("state", { ...at_rest, deck, revision: 2, motion: { requested: "Playing", current: "Starting" } });
  expect(key(title, " ").defaultPrevented).toBe(true);
  expect(sent("stop").length).toBeGreaterThan(1);
  await tell("state", { ...at_rest, deck, revision: 3 });
  await tell("progress", { ...job, name: "transfer" });
  expect(key(title, " ").defaultPrevented).toBe(true);
  await tell("progress", null);
  expect(key(title, " ").defaultPrevented).toBe(false);
  await tell("state", { ...at_rest, deck, revision: 4, arm: "Armed" });
  expect(key(title, " ").defaultPrevented).toBe(true);
  await tell("state", { ...at_rest, deck, revision: 5 });
  const before = sent("stop").length;
  expect(key(title, "Escape").defaultPrevented).toBe(true);
  expect(sent("stop").length).toBeGreaterThan(before);
  await pass(3000); // no answer to any ping: nobody knows whether it stands still
  expect(key(title, " ").defaultPrevented).toBe(true);
});
