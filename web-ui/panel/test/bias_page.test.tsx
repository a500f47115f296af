// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
// The bias page and its alarms against the fake daemon.
import { act } from "preact/test-utils";
import { beforeEach, expect, test } from "vitest";
import { bias } from "../dev/mock-alignment.mjs";
import { appears, daemon, find, go_live, pass_live, root, sent } from "./panel_page";

const text = (selector: string) => find(selector).textContent;
const press = (selector: string) => act(() => find(selector).click());
const answer = async (method: string, result: unknown) => {
  await act(async () => {
    sent(method).forEach((question) => daemon.socket.answers(question.id, result));
    await Promise.resolve();
  });
  await pass_live(250);
};
beforeEach(() => history.replaceState(null, "", "/"));
const open = async () => {
  await go_live();
  await press("#view-bias");
  await appears("#bias-page");
};

test("nobody is asked before somebody looks; each track has a word and a shape, drift, limits, trend", async () => {
  await go_live();
  await pass_live(2000);
  expect(sent("bias")).toHaveLength(0);
  await open();
  await answer("bias", bias);
  expect(text("#bias-track-1 h2")).toContain("GOOD");
  expect(text("#bias-track-2 h2")).toContain("WARNING");
  expect(root.querySelectorAll("#bias-track-2 h2 svg path")).toHaveLength(1);
  const shape = (state: string) => find(`.bias-state-${state} path`).getAttribute("d");
  expect(shape("good")).not.toBe(shape("warn"));
  expect(text("#bias-track-2")).toContain("at its limit in 1.5 h at this rate");
  expect(text("#bias-track-2")).toContain("no set-up value at this speed and equalisation");
  expect(root.querySelectorAll(".plot")).toHaveLength(2);
  expect(sent("bias")[0]?.params).toBeUndefined();
  await pass_live(2000);
  expect(sent("bias").at(-1)?.params).toEqual({ history: false });
});

test("without an answer it turns stale", async () => {
  await open();
  await answer("bias", bias);
  expect(root.querySelector(".bias-tracks .stale-mark")).toBeNull();
  await pass_live(5000);
  expect(root.querySelector(".bias-tracks .stale-mark")).not.toBeNull();
});

test("taken as set-up only after a question, and what was not taken is said", async () => {
  await open();
  await answer("bias", bias);
  await press("#key-set-up");
  expect(sent("bias_set_up")).toHaveLength(0);
  await press("#key-set-up-yes");
  expect(sent("bias_set_up")).toHaveLength(1);
  await answer("bias_set_up", { status: "accepted", stored: [{ name: "bias level" }], not_stored: [{ name: "bias frequency", place: "track 2", why: "it does not stand still" }] });
  expect(text("#set-up-words")).toContain("Taken as set-up: 1 value.");
  expect(text("#set-up-words")).toContain("Not taken: bias frequency, track 2: it does not stand still");
});

test("at rest nothing can be taken as set-up, and a deck without a monitor says so", async () => {
  await open();
  await answer("bias", { ...bias, recording: false });
  expect((find("#key-set-up") as HTMLButtonElement).disabled).toBe(true);
  await pass_live(1000);
  await answer("bias", { watched: false, state: null, why: null, figures: [], concerns: [] });
  expect(text("#bias-unwatched")).toContain("not watched");
});

test("an alarm stands on every page until it is over, one for each subject", async () => {
  await go_live();
  const tell = (severity: string, words: string) => act(() => daemon.socket.tells("concern", { severity, monitor: "bias", subject: "level, track 2", words }));
  await tell("warn", "The bias level of track 2 is 0.18 dB below set-up.");
  expect(text(".concern")).toContain("Bias warning.");
  expect(text("#view-bias")).toContain("warn");
  await tell("fail", "The bias level of track 2 is 0.35 dB below set-up.");
  expect(root.querySelectorAll(".concern")).toHaveLength(1);
  expect(text(".concern")).toContain("Bias alarm.");
  expect(text("#view-bias")).toContain("fail");
  await tell("over", "");
  expect(root.querySelector(".concern")).toBeNull();
});
