// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
// The alignment page against the fake daemon: what can be begun, what is shown of a running step, what its keys send.
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { automatic, azimuth, confirming, entering, level_turning, lines_entering, procedures, proving, quick_checking, searching, speed_trimming, turning, winding_back } from "../dev/mock-alignment.mjs"; // prettier-ignore
import { FakeAudio } from "./fake_audio";
import { answer, at_start_page, begin, begin_anew, press, tell, text, view } from "./on_align_page";
import { appears, at_rest, daemon, find, go_live, key, pass, pass_live, root, sent } from "./panel_page";

beforeEach(begin_anew);
afterEach(() => vi.unstubAllGlobals());

test("who has chosen nothing is shown an alignment as it begins, also after a reload", async () => {
  await go_live({ method: "status" });
  expect(root.querySelector(".counter")).not.toBeNull();
  const [status] = sent("status");
  await act(() => daemon.socket.answers(status?.id, { ...at_rest, alignment: turning }));
  await appears(".align-step");
  expect(text("#align-title")).toBe("bias");
  expect(text("#view-align")).toContain("runs");
});

test("who has chosen the deck's page stays there", async () => {
  await go_live();
  await press("#view-deck");
  await pass_live(500); // the address has changed too by now
  await view(turning);
  await pass_live(500);
  expect(root.querySelector(".counter")).not.toBeNull();
  expect(text("#view-align")).toContain("runs");
});

test("the reading is large, in words, with a shape beside its colour; another track that is done says so", async () => {
  await begin(turning);
  expect(text("#track-1 .track-reading")).toBe("\u22121.84");
  expect(text("#track-1 .track-words")).toContain("1.2 dB to go, turn up");
  expect(find("#track-1 .hand").getAttribute("aria-label")).toBe("turn up");
  expect(text("#track-2 .track-head")).toContain("DONE");
  expect(find("#track-2 .hand").getAttribute("aria-label")).toBe("done");
  expect(find("#track-1 .target-needle").style.left).toBe("79%");
  expect(text("#align-place")).toBe("step 2 of 4");
  await view(searching);
  expect(find("#track-1").className).toContain("unread");
  expect(text("#align-note")).toContain("past the peak");
  await view(azimuth);
  expect(text("#track-0 .track-name")).toContain("\u00b5s");
});

test("a view that was overtaken by a newer one is not shown", async () => {
  await begin(turning);
  await tell("alignment", { ...confirming, sequence: 5 });
  expect(text("#align-title")).toBe("bias");
});

test("the keys say it to the step that is shown, with the time of the press", async () => {
  await begin(turning);
  await press("#align-accept");
  expect(sent("align_say").at(-1)?.params).toEqual({ says: "accept", step_id: "record.bias" });
  expect(typeof sent("align_say").at(-1)?.at).toBe("number");
  await press("#align-skip");
  await press("#align-back");
  expect(sent("align_say").map((each) => (each.params as { says: string }).says)).toEqual(["accept", "skip", "back"]);
});

test("ABORT asks once", async () => {
  await begin(turning);
  await press("#align-abort");
  expect(sent("align_say")).toHaveLength(0);
  await press("#align-abort-no");
  expect(sent("align_say")).toHaveLength(0);
  await press("#align-abort");
  await press("#align-abort-yes");
  expect(sent("align_say").at(-1)?.params).toEqual({ says: "abort", step_id: "record.bias" });
});

test("Enter accepts, N skips, B goes back; the deck's keys are not heard, STOP is", async () => {
  await begin(turning);
  ["Enter", "n", "B", "j", "l"].forEach((name) => key(document.body, name));
  expect(sent("align_say").map((each) => (each.params as { says: string }).says)).toEqual(["accept", "skip", "back"]);
  expect([...sent("play"), ...sent("rewind"), ...sent("fast_forward")]).toHaveLength(0);
  key(document.body, " ");
  expect(sent("stop")).toHaveLength(1);
});

test("a question is one big key; a value is typed with its unit, either comma, and Enter does not accept without one", async () => {
  await begin(confirming);
  expect(text("#align-accept")).toBe("DONE, GO ON");
  await view(entering);
  key(document.body, "Enter");
  expect(sent("align_say")).toHaveLength(0);
  const field = find("#align-value") as HTMLInputElement;
  expect(field.getAttribute("aria-label")).toBe("Value in dBu");
  const type = (entry: string) => {
    field.value = entry;
    return act(() => void field.dispatchEvent(new Event("input", { bubbles: true })));
  };
  const submit = () => act(() => void find(".value-entry").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true })));
  await type("four");
  await submit();
  expect(sent("align_say")).toHaveLength(0);
  expect(text("#message")).toContain('"four" is not a number');
  await type("-3,95");
  await submit();
  expect(sent("align_say").at(-1)?.params).toEqual({ says: "accept", value: -3.95, step_id: "lines.output" });
});

test("what is done by converters has nothing to say to but ABORT", async () => {
  await begin(automatic);
  expect(["#align-accept", "#align-skip", "#align-back"].map((each) => root.querySelector(each))).toEqual([null, null, null]);
  expect(find("#align-abort")).not.toBeNull();
});

test("a screen reader hears the words once a second at most, not the stream", async () => {
  await begin(turning);
  const said: (string | null)[] = [];
  const observer = new MutationObserver(() => said.push(text("#align-spoken")));
  observer.observe(find("#align-spoken"), { childList: true, characterData: true, subtree: true });
  for (let n = 0; n < 20; n++) {
    await view({ ...turning, view: { ...turning.view, tracks: [{ channel: 1, reading: n / 10, turn: 1, done: false, words: `${n} to go` }] } });
    await pass(100);
  }
  observer.disconnect();
  expect(said.length).toBeGreaterThan(0);
  expect(said.length).toBeLessThanOrEqual(2);
  expect(find("#align-spoken").getAttribute("aria-live")).toBe("polite");
  expect(find(".track-cards").closest("[aria-live]")).toBeNull();
});

test("readings that are not live are marked, and say nothing", async () => {
  await begin(turning);
  await pass(3000);
  expect(root.querySelector(".track-cards .stale-mark")).not.toBeNull();
  expect(text("#align-spoken")).toContain("No live readings");
});

test("sound is off at first; on, it follows the readings, and falls silent with them", async () => {
  const audio = new FakeAudio();
  vi.stubGlobal("AudioContext", audio.Context);
  await begin(turning);
  expect(audio.contexts).toBe(0);
  await press("#align-sound");
  expect(find("#align-sound").getAttribute("aria-pressed")).toBe("true");
  expect(audio.sounding()).toEqual([330, expect.closeTo(330 * 2 ** ((7 * Math.log2(1 + 1.16 / 0.25)) / Math.log2(65) / 12), 6)]);
  await view({ ...turning, view: { ...turning.view, tracks: turning.view.tracks.map((track) => ({ ...track, done: true, turn: 0 })) } });
  expect(audio.notes).toEqual([330 * 1.5, 330 * 2]); // the left one is done now; the right one was before
  expect(audio.sounding()).toEqual([]);
  await view(searching);
  expect(audio.sounding()).toHaveLength(4);
  await pass(3000); // no news: nothing is sounded that may not be true
  expect(audio.sounding()).toEqual([]);
  await press("#align-sound");
  expect(audio.closed).toBe(1);
});

test("the screen is kept lit while a step runs, and let go at its end", async () => {
  let held = 0;
  const wake_lock = { request: () => ((held += 1), Promise.resolve({ release: () => ((held -= 1), Promise.resolve()) })) };
  Object.defineProperty(navigator, "wakeLock", { value: wake_lock, configurable: true });
  await begin(turning);
  expect(held).toBe(1);
  await view({ ...azimuth });
  expect(held).toBe(1);
  await tell("alignment", null);
  await pass_live(250);
  expect(held).toBe(0);
  Reflect.deleteProperty(navigator, "wakeLock");
});

test("what can be begun: obstacles are told, what can't be is not offered, and only what was filled in is sent", async () => {
  await at_start_page();
  await answer("align_procedures", procedures);
  await appears(".procedure");
  expect(text(".procedures")).toContain("Not now: no record alignment is known");
  const choose = (name: string) => act(() => find(`.procedure input[value=${name}]`).click());
  await choose("quick");
  expect((find("#align-guided") as HTMLButtonElement).disabled).toBe(true);
  await press("#align-automatic");
  await choose("reproduce");
  expect(find("#align-guided").className).toContain("chosen"); // there is no other way
  expect((find("#align-automatic") as HTMLButtonElement).disabled).toBe(true);
  const tape = find("#align-tape") as HTMLSelectElement;
  tape.value = "mrl-21t";
  await act(() => void tape.dispatchEvent(new Event("change", { bubbles: true })));
  expect(text(".align-form")).toContain("older than two years");
  await choose("record");
  expect(root.querySelector("#align-tape")).toBeNull();
  await press("#align-guided");
  const batch = find("#align-batch") as HTMLInputElement;
  batch.value = " 2118 ";
  await act(() => void batch.dispatchEvent(new Event("input", { bubbles: true })));
  await act(() => void find(".align-form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true })));
  expect(sent("align").at(-1)?.params).toEqual({ procedure: "record", guided: true, batch: "2118" });
  expect(root.querySelector("#align-print-through")).toBeNull();
  await choose("proof");
  await press("#align-print-through");
  await act(() => void find(".align-form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true })));
  expect(sent("align").at(-1)?.params).toMatchObject({ procedure: "proof", print_through: true });
});

test("LARGE shows the readings alone, is remembered from step to step, and leaves questions as they are", async () => {
  await begin(turning);
  expect(find(".align-step").className).not.toContain("large");
  await press("#align-large");
  expect(find(".align-step").className).toContain("large");
  expect(find("#align-large").getAttribute("aria-pressed")).toBe("true");
  await view(confirming);
  expect(find(".align-step").className).not.toContain("large");
  expect(root.querySelector("#align-large")).toBeNull();
  await view(winding_back); // no reading for a while: its words instead, as large
  expect(find(".align-step").className).toContain("bare large");
  await view(azimuth);
  expect(find(".align-step").className).toContain("large");
  await press("#align-large");
  expect(find(".align-step").className).not.toContain("large");
});

test.each([
  ["lines", lines_entering, "\u221218.0", "LEFT dBFS"],
  ["reproduce", level_turning, "0.62", "LEFT dB"],
  ["speed", speed_trimming, "1840", "DECK ppm"],
  ["record", turning, "\u22121.84", "LEFT dB"],
  ["proof", proving, "\u221261.2", "LEFT dB"],
  ["quick", quick_checking, "0.03", "LEFT dB"],
])("a step of %s shows its instruction, and its reading large with unit and averaging time", async (_, told, reading, name) => {
  await begin(told);
  const shown = (told as { view: { instruction: string; averaging_s: number } }).view;
  expect(text("#align-instruction")).toBe(shown.instruction);
  expect(text(".track-card .track-reading")).toBe(reading);
  expect(text(".track-card .track-name")).toBe(name);
  expect(text("#align-mean")).toBe(`mean of ${shown.averaging_s} s`);
});

test("figures are told to what an eye can use, and words that are but the figure are left out", async () => {
  await begin({ ...proving, view: { ...proving.view, averaging_s: 1.5873015873015872, tracks: [{ channel: 1, reading: 0.46, turn: null, done: true, words: "0.46" }] } });
  expect(text("#align-mean")).toBe("mean of 1.6 s");
  expect(text("#track-1 .track-words")).toBe("");
  expect(find("#track-1 .hand").getAttribute("aria-label")).toBe("done");
  await view({ ...proving, view: { ...proving.view, tracks: [{ channel: 0, reading: 12.6, turn: -12.6, done: false, words: "12.6 us to go: turn down" }] } });
  expect(text("#track-0 .track-words")).toBe("12.6 \u00b5s to go: turn down");
});

test("a STOP that was taken is over when an alignment begins", async () => {
  await at_start_page();
  await answer("align_procedures", procedures);
  await appears(".procedure");
  key(document.body, " ");
  await act(async () => void daemon.socket.answers(sent("stop").at(-1)?.id, { status: "accepted" }));
  await pass_live(250);
  expect(find("#stop").className).toContain("stop-confirmed");
  await act(() => void find(".align-form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true })));
  expect(find("#stop").className).not.toContain("stop-confirmed");
});

test("target and tolerance stand on the card; what is only read has none", async () => {
  await begin(speed_trimming);
  expect(text(".track-target")).toBe("target 0 \u00b1100 ppm");
  expect(root.querySelector(".target-needle")).not.toBeNull();
  await view({ ...proving, view: { ...proving.view, target: 0 } });
  expect(root.querySelector(".track-target")).toBeNull();
  expect(root.querySelector(".target-needle")).toBeNull();
});

test("arm that is held is told on every page, and released only after a question", async () => {
  await go_live({ arm_held: "a calibration tape was heard" });
  expect(text("#arm-held")).toContain("a calibration tape was heard");
  await press("#key-tape-changed");
  expect(sent("tape_changed")).toHaveLength(0);
  await press("#key-tape-changed-yes");
  expect(sent("tape_changed")).toHaveLength(1);
  await act(async () => void daemon.socket.answers(sent("tape_changed")[0]?.id, { status: "accepted" }));
  await pass_live(250);
  expect(sent("status")).toHaveLength(2);
  await act(async () => {
    daemon.socket.answers(sent("status")[1]?.id, { ...at_rest, arm_held: null });
    await Promise.resolve();
  });
  expect(root.querySelector("#arm-held")).toBeNull();
});

test("a page that can't be fetched says so in words, and one that can is fetched", async () => {
  const { OnDemand } = await import("../src/ui/on_demand");
  const place = document.createElement("div");
  root.append(place);
  const missing = () => Promise.reject(new TypeError("404"));
  await act(() => render(<OnDemand load={missing} name="The alignment page" />, place));
  expect((await appears("#not-fetched")).textContent).toContain("The alignment page could not be fetched from the machine");
  const there = () => Promise.resolve({ default: () => <p id="there">there</p> });
  await act(() => render(<OnDemand load={there} name="Another" />, place));
  expect((await appears("#there")).textContent).toBe("there");
  render(null, place);
});
