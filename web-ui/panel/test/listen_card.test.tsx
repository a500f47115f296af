// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
// Source against tape by ear: the switch is the machine's, the sound in this browser is this browser's.
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { job } from "../dev/mock-print.mjs";
import { appears, daemon, find, go_live, pass, pass_live, root, sent } from "./panel_page";

const at_rest = {
  what: "off", dim: false, mono: false, mute: false, match: { delay_ms: 66.7, level_difference_db: [0.08, -0.04], basis: "comparison" },
  monitor: { channels: [3, 4], underrun_frames: 0 }, browser: { listeners: { tape: 0, source: 0, ab: 0 }, most: 4 },
}; // prettier-ignore
const answer = async (listening: object) => {
  await act(() => sent("listen").forEach((question) => daemon.socket.answers(question.id, { status: "accepted", listening })));
  await pass(0);
};
const press = (selector: string) => act(() => find(selector).click());
const chosen = () => [...root.querySelectorAll(".listen-ab .chosen")].map((each) => each.textContent);

class FakeAudio extends EventTarget {
  static all: FakeAudio[] = [];
  paused = true;
  constructor(public src: string) {
    super();
    FakeAudio.all.push(this);
  }
  play() {
    this.paused = false;
    return Promise.resolve();
  }
  pause() {
    this.paused = true;
  }
  removeAttribute() {
    this.src = "";
  }
  load() {}
}
const sounding = () => FakeAudio.all.filter(({ paused }) => !paused).map(({ src }) => src);

afterEach(() => localStorage.clear());
beforeEach(() => {
  history.replaceState(null, "", "/");
  FakeAudio.all = [];
  vi.stubGlobal("Audio", FakeAudio);
});
async function opened(listening: object): Promise<void> {
  await go_live();
  await press("#key-listen");
  await appears("#listen");
  await answer(listening);
}

test("SOURCE and TAPE are asked for and shown as the machine tells them, also what another hand switched", async () => {
  await opened(at_rest);
  expect(chosen()).toEqual(["OFF"]);
  expect(find("#listen-match").textContent).toBe("The source is held back 66.7 ms and gained +0.08 / \u22120.04 dB, as this print's comparison measures. Heard on outputs 3 and 4 of the card.");
  await press("#listen-tape");
  expect(sent("listen").at(-1)?.params).toMatchObject({ what: "tape" });
  expect(chosen()).toEqual(["OFF"]); // not before the machine has said so
  await answer({ ...at_rest, what: "tape" });
  expect(chosen()).toEqual(["TAPE"]);
  await act(() => daemon.socket.tells("state", { listening: { ...at_rest, what: "source", mute: true }, revision: 5 }));
  expect(chosen()).toEqual(["SOURCE"]);
  expect(find("#listen-mute").getAttribute("aria-pressed")).toBe("true");
  await press("#listen-mute");
  expect(sent("listen").at(-1)?.params).toMatchObject({ mute: false });
});

test("in this browser: one sound at a time, ended with OFF; what fails says so", async () => {
  await opened(at_rest);
  await press("#hear-ab");
  expect(sounding()).toEqual(["/api/v1/listen.flac?what=ab"]);
  await act(() => void FakeAudio.all[0]?.dispatchEvent(new Event("playing")));
  expect(find("#hearing").textContent).toContain("Plays here");
  await press("#hear-tape");
  expect(sounding()).toEqual(["/api/v1/listen.flac?what=tape"]);
  await act(() => void FakeAudio.all[0]?.dispatchEvent(new Event("error"))); // of the one before: nobody's concern
  expect(find("#hear-tape").getAttribute("aria-pressed")).toBe("true");
  await act(() => void FakeAudio.all[1]?.dispatchEvent(new Event("error")));
  expect(find("#hearing").textContent).toContain("can't be played");
  await press("#hear-tape");
  await press("#hear-off");
  expect(sounding()).toEqual([]);
});

test("a machine that lets nobody listen says what to set up; one without sound for browsers has no key for it", async () => {
  await opened({ ...at_rest, monitor: null, browser: null });
  expect(find("#listen-nobody").textContent).toContain("audio.monitor_channels");
  expect(root.querySelector(".listen .choice")).toBeNull();
  await act(() => daemon.socket.tells("state", { listening: { ...at_rest, browser: null }, revision: 6 }));
  expect(root.querySelector("#listen-tape")).not.toBeNull();
  expect(root.querySelector("#hear-ab")).toBeNull();
});

test("it stands beside a print that runs", async () => {
  await go_live({ job });
  await press("#view-print");
  await appears("#watch #listen");
  await pass_live(250);
  expect(sent("listen").length).toBeGreaterThan(0);
});
