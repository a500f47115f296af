// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
// The alignment page against the fake daemon: what is shown of a running step, what its keys send, what its end leaves.
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { alignments, automatic, azimuth, confirming, entering, job_end, procedures, record, record_uuid, records, searching, turning, values } from "../dev/mock-alignment.mjs";
import { FakeAudio } from "./fake_audio";
import { appears, at_rest, daemon, find, go_live, key, pass, pass_live, root, sent } from "./panel_page";

const text = (selector: string) => find(selector).textContent;
const tell = (method: string, params: unknown) => act(() => daemon.socket.tells(method, params));
const press = (selector: string) => act(() => find(selector).click());
let sequence = 0;
/** A view that comes after the one before. */
const view = (told: object) => tell("alignment", { ...told, sequence: ++sequence });
const answer = async (method: string, result: unknown) => {
  await act(async () => {
    sent(method).forEach((question) => daemon.socket.answers(question.id, result));
    await Promise.resolve();
  });
  await pass_live(250);
};
async function begin(told: object): Promise<void> {
  await go_live();
  await view(told);
  await appears(".align-step");
}

beforeEach(() => {
  sequence = 100;
  history.replaceState(null, "", "/");
});
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

test("values come as they are accepted, and the end shows verdict, reason, table and record", async () => {
  await begin(turning);
  await answer("alignment", { ...turning, values: values.slice(0, 2) });
  expect(text(".step-place")).toContain("2 values accepted");
  await tell("alignment_accepted", { job: turning.job, record: record_uuid, values: [values[2]] });
  expect(text(".step-place")).toContain("3 values accepted");
  await tell("alignment", null);
  await tell("job_end", job_end("fail", "record level is outside its limits"));
  await appears("#align-end");
  await answer("alignment_record", record);
  expect(text("#align-verdict")).toBe("FAIL");
  expect(text("#align-end")).toContain("record level is outside its limits");
  expect(text("#align-end")).toContain(record_uuid);
  const rows = [...find("#align-end .values tbody").children].map((row) => row.textContent);
  expect(rows).toHaveLength(7);
  expect(rows[4]).toContain("\u2716 outside");
  expect(rows[3]).toContain("\u2714 within");
});

test("what can be begun: obstacles are told, what can't be is not offered, and only what was filled in is sent", async () => {
  history.replaceState(null, "", "/#align");
  await act(() => void window.dispatchEvent(new Event("hashchange")));
  await go_live();
  await appears(".align-start");
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
});

test("two earlier alignments stand beside each other with their changes", async () => {
  history.replaceState(null, "", "/#align");
  await act(() => void window.dispatchEvent(new Event("hashchange")));
  await go_live();
  await appears(".align-start");
  await answer("alignments", alignments);
  await appears("#align-earlier");
  expect(text("#align-earlier")).toContain("NOT FINISHED");
  const ticks = [...root.querySelectorAll<HTMLInputElement>("#align-earlier tbody input")];
  const answer_records = async () => {
    for (let turn = 0; turn < 6; turn++) {
      await act(async () => {
        for (const { id, params } of sent("alignment_record")) {
          daemon.socket.answers(id, records.find((each) => each.uuid === (params as { uuid: string }).uuid));
        }
        await Promise.resolve();
      });
      await pass_live(250);
    }
  };
  await act(() => ticks[0]?.click());
  await answer_records();
  expect(text(".earlier")).toContain("\u2716 outside"); // one alone: its values
  await act(() => ticks[1]?.click());
  await answer_records();
  await appears("#align-compare");
  const level = [...root.querySelectorAll("#align-compare tbody tr")].find((row) => row.textContent?.startsWith("record levelleft"));
  expect(level?.textContent).toContain("+0.09");
  await appears(".drift .plot");
  expect(find(".drift .plot").getAttribute("aria-label")).toContain("over 4 alignments");
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
