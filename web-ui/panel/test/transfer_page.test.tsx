// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
// The transfer page against the fake daemon, and what it asks for.
import { act } from "preact/test-utils";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { job, session, transfer, transfer_log, transfer_report } from "../dev/mock-print.mjs";
import { NO_WISH, request_of, seconds_entry, type Wish } from "../src/transfer/transfer";
import { appears, daemon, find, go_live, pass_live, root, sent } from "./panel_page";

const text = (selector: string) => find(selector).textContent ?? "";
const press = (selector: string) => act(() => find(selector).click());
const tell = (method: string, params: unknown) => act(() => daemon.socket.tells(method, params));
const running = { ...job, name: "transfer", phase: "capturing side-a.wav" };

beforeEach(() => {
  localStorage.clear();
  history.replaceState(null, "", "/");
  const others = globalThis.fetch;
  vi.stubGlobal("fetch", (path: string, options: RequestInit) =>
    path === "/api/v1/rpc" ? Promise.resolve({ status: 200, json: () => Promise.resolve({ id: 1, result: transfer_report }) }) : others(path, options),
  );
});

test("it is begun with what was typed, and with when the key was pressed", async () => {
  await go_live();
  await press("#view-transfer");
  await appears(".transfer-form");
  await act(() => {
    const field = find("#transfer-title") as HTMLInputElement;
    field.value = "Side A";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await press("#transfer-begin");
  expect(sent("transfer")[0]?.params).toEqual({ title: "Side A", until_silence: true });
  expect(typeof sent("transfer")[0]?.at).toBe("number");
});

test("while it runs: length, figures, marks and suspicions as they come; afterwards the file with its checksum", async () => {
  await go_live({ job: running });
  await press("#view-transfer");
  await appears("#transfer-running");
  await tell("transfer", transfer);
  expect(text("#transfer-captured")).toBe("20:12");
  expect(text(".transfer-figures")).toContain("\u22122.3 \u00b5s, confidence 0.8");
  await act(() => sent("log").forEach((question) => daemon.socket.answers(question.id, transfer_log)));
  await pass_live(250);
  expect([...root.querySelectorAll("#transfer-marks li")].map((each) => each.textContent)).toEqual(["0:12.41 programme", "4:11.02 a gap begins", "4:15.02 programme"]);
  expect(text("#transfer-holes")).toContain("10:11.33 left, 9.2 dB, 14 ms");
  await tell("transfer", { ...transfer, phase: "checking", checked: 0.42 });
  expect(text("#transfer-running")).toContain("read back: 42 %");
  await tell("job_end", { id: session, name: "transfer", verdict: "pass", reason: null });
  await appears("#transfer-sha256");
  expect(text("#transfer-verdict")).toBe("DONE");
  expect(text("#transfer-sha256")).toBe("5e".repeat(32));
  expect(text("#transfer-end")).toContain("holds 1211.4 s");
  expect(text("#transfer-end")).toContain("track 1, 3:59");
});

describe("what is asked for", () => {
  const asked = (wish: Partial<Wish>) => request_of({ ...NO_WISH, ...wish });
  test("until a silence, a place, a length, STOP", () => {
    expect(asked({ silence_s: "15" })).toEqual({ params: { until_silence: true, silence_s: 15 } });
    expect(asked({ until: "place", from: "0:12:30", to: "34.5" })).toEqual({ params: { from: "0:12:30", to: 34.5 } });
    expect(asked({ until: "length", length: "45:00" })).toEqual({ params: { length_s: 2700 } });
    expect(asked({ until: "open", library_wind: true })).toEqual({ params: { library_wind: true } });
  });
  test("what can't be understood is said, not sent", () => {
    expect(asked({ until: "place" })).toEqual({ problem: "Say where it is to end." });
    expect(asked({ until: "length", length: "soon" })).toHaveProperty("problem");
    expect(asked({ from: "here" })).toHaveProperty("problem");
  });
  test.each([["90", 90], ["1:30", 90], ["1:00:05,5", 3605.5], ["1:75", null], ["-3", null], ["", null]])("%s is %s s", (entry, seconds) => expect(seconds_entry(entry)).toBe(seconds)); // prettier-ignore
});
