// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
// The analysers' figures: what the machine tells, and what is shown of it.
import { act } from "preact/test-utils";
import { afterEach, expect, test } from "vitest";
import { tone_analysis } from "../dev/mock-analysis.mjs";
import { analysis_of, value_text } from "../src/state/analysis";
import { appears, daemon, find, go_live, pass_live, root, sent } from "./panel_page";

const nothing = { ...tone_analysis, signal: "noise", tone: null, tones: [], wow_flutter: null, stereo: null, noise: null };
const text = (selector: string) => find(selector).textContent;
const open = async () => {
  await go_live();
  await act(() => find("#key-analysis").click());
  await appears(".analysis");
};
/** Every question until now has its answer. */
const answer = async (result: object) => {
  await act(async () => {
    for (const question of sent("analysis")) {
      daemon.socket.answers(question.id, result);
    }
    await Promise.resolve();
  });
  await pass_live(250);
};

afterEach(() => localStorage.clear());

test("figures, how each is made, and the part that a line belongs to", () => {
  const told = analysis_of(tone_analysis);
  expect(told?.tone?.frequency.values).toEqual([3150.061, 3150.062]);
  expect(told?.flutter?.weighted.how).toBe("AES6-2008, IEC 60386; AES6, IEC 60386 weighting; two-sigma peak; 10.0 s");
  expect(told?.noise?.itu468.how).toBe("ITU-R BS.468-4; quasi-peak, mean of the needle; 4.0 s");
  expect(told?.noise?.a_weighted.how).toContain("A weighting");
  expect(told?.flutter?.lines.map((line) => line.part)).toEqual(["capstan", "tape roller", "take-up reel \u00d7 2", ""]);
  expect(told?.stereo?.caution).toBe("whole periods of 317.5 \u00b5s may be missing");
  expect(told?.trouble).toBeNull();
});

test("what does not apply is nothing, and what is no answer is none", () => {
  const told = analysis_of(nothing);
  expect([told?.tone, told?.flutter, told?.stereo, told?.noise]).toEqual([null, null, null, null]);
  expect(analysis_of(null)).toBeNull();
  expect(analysis_of({})).toBeNull();
});

test("a minus is a minus, a plus is shown where the sign tells something, and zero has none", () => {
  expect(value_text(-0.04, 2)).toBe("\u22120.04");
  expect(value_text(0.3, 1, true)).toBe("+0.3");
  expect(value_text(-0.001, 2, true)).toBe("0.00");
  expect(value_text(null, 2)).toBe("\u2014");
});

test("nobody is asked before somebody looks, and then one question at a time", async () => {
  await go_live();
  await pass_live(2000);
  expect(sent("analysis")).toHaveLength(0);
  await act(() => find("#key-analysis").click());
  await appears(".analysis");
  await pass_live(2000);
  expect(sent("analysis"), "the first has no answer yet").toHaveLength(1);
  await answer(tone_analysis);
  await pass_live(500);
  expect(sent("analysis").length).toBeGreaterThan(1);
  await act(() => find("#key-analysis").click());
  const asked = sent("analysis").length;
  await pass_live(2000);
  expect(sent("analysis")).toHaveLength(asked);
});

test("the figures stand on the page, large, and turn stale without an answer", async () => {
  await open();
  expect(text("#tone-frequency")).toContain("\u2014");
  await answer(tone_analysis);
  expect(text("#analysis-signal")).toBe("OFF TAPETONE");
  expect(text("#tone-frequency")).toBe("3150.063150.06Hz");
  expect(text("#tone-level")).toBe("\u221214.04\u221214.31dBFS");
  expect(text("#azimuth-now")).toBe("\u22121.24\u00b5s");
  expect(text("#azimuth-mean")).toBe("+0.63\u00b5s");
  expect(text("#wow-flutter")).toBe("0.015%");
  expect(text("#flutter-lines")).toContain("12.00 Hz0.0119 % capstan");
  expect(text("#flutter-lines")).toContain("41.30 Hz0.0011 % unnamed");
  expect(find("#wow-flutter").closest<HTMLElement>(".reading")?.title).toContain("two-sigma peak");
  expect(root.querySelector(".analysis .stale-mark")).toBeNull();
  await pass_live(4000);
  expect(root.querySelector(".analysis .stale-mark")).not.toBeNull();
  expect(text("#tone-frequency")).toContain("\u2014");
});

test("a lost card is said", async () => {
  await open();
  await answer({ ...nothing, stale: true, signal: "nothing", card: { lost: true, problem: "hw:Deck is gone" } });
  expect(text("#analysis-signal")).toContain("The sound card is lost: hw:Deck is gone");
  expect(root.querySelector(".analysis .stale-mark")).not.toBeNull();
});

test("a counter set right by the tape is told", async () => {
  await go_live();
  await act(() => daemon.socket.tells("position_corrected", { text: "the counter is shifted by -1.200 m" }));
  expect(text("#message")).toContain("the counter is shifted by -1.200 m");
});
