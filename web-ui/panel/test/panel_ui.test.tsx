// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
// The whole panel against the fake daemon: what its keys send and what it dares to show.
import { act } from "preact/test-utils";
import { expect, test } from "vitest";
import { at_rest, daemon, find, go_live, key, pass, pass_live, point, posts, root, sent } from "./panel_page";

test("STOP acts when the finger comes down, on both ways", async () => {
  await go_live();
  await point(find("#stop"), "pointerdown");
  expect(sent("stop")).toHaveLength(1);
  expect(posts).toEqual(["/api/v1/stop"]);
});

test("STOP acts without any connection, and says loudly when nobody confirms", async () => {
  expect((find("#stop") as HTMLButtonElement).disabled).toBe(false);
  await point(find("#stop"), "pointerdown");
  expect(posts).toEqual(["/api/v1/stop"]);
  await pass(1100);
  expect(root.textContent).toContain("STOP was not confirmed");
});

test.each([" ", "Escape"])("key %j stops, also while a place is being typed, and types nothing", async (name) => {
  await go_live();
  const event = key(find("#locate-place"), name);
  expect(event.defaultPrevented).toBe(true);
  expect(sent("stop")).toHaveLength(1);
});

test("Enter plays, but in a field it does not", async () => {
  await go_live();
  key(find("#locate-place"), "Enter");
  expect(sent("play")).toHaveLength(0);
  key(document.body, "Enter");
  expect(sent("play")).toHaveLength(1);
  expect(typeof sent("play")[0]?.at).toBe("number");
});

test("PLAY acts when the finger comes up inside, not when it comes down", async () => {
  await go_live();
  await point(find("#key-play"), "pointerdown");
  expect(sent("play")).toHaveLength(0);
  await act(() => find("#key-play").click());
  expect(sent("play")).toHaveLength(1);
});

test("transport keys are dead without a connection", async () => {
  await go_live();
  await act(() => daemon.socket.onclose?.());
  for (const id of ["play", "rewind", "fast_forward", "record"]) {
    expect((find(`#key-${id}`) as HTMLButtonElement).disabled).toBe(true);
  }
  key(document.body, "Enter");
  expect(sent("play")).toHaveLength(0);
});

test("arm wants 800 ms of holding", async () => {
  await go_live();
  await point(find("#key-arm"), "pointerdown");
  await pass(799);
  await point(find("#key-arm"), "pointerup");
  await pass(1000);
  expect(sent("arm")).toHaveLength(0);
  await point(find("#key-arm"), "pointerdown");
  await pass(800);
  expect(sent("arm")).toHaveLength(1);
});

test("the release of the hold that armed does not withdraw it; the next press does", async () => {
  await go_live();
  await point(find("#key-arm"), "pointerdown");
  await pass(800);
  await act(() => daemon.socket.tells("state", { ...at_rest, arm: "Armed", revision: 2 }));
  await point(find("#key-arm"), "pointerup");
  await act(() => find("#key-arm").click());
  expect(sent("disarm")).toHaveLength(0);
  await point(find("#key-arm"), "pointerdown");
  await point(find("#key-arm"), "pointerup");
  await act(() => find("#key-arm").click());
  expect(sent("disarm")).toHaveLength(1);
});

test("a finger that slides off ARM has not held it", async () => {
  await go_live();
  await point(find("#key-arm"), "pointerdown");
  await pass(400);
  await point(find("#key-arm"), "pointerleave");
  await pass(2000);
  expect(sent("arm")).toHaveLength(0);
});

test("arm given here counts down and is withdrawn after 30 s", async () => {
  await go_live();
  await point(find("#key-arm"), "pointerdown");
  await pass(800);
  await act(() => daemon.socket.answers(sent("arm")[0]?.id, { status: "accepted", reason: null, state: { ...at_rest, arm: "Armed", revision: 2 } }));
  await pass_live(1000);
  expect(find("#key-arm").textContent).toContain("ARMED 29 s");
  await pass_live(28_000);
  expect(sent("disarm")).toHaveLength(0);
  await pass_live(1500);
  expect(sent("disarm")).toHaveLength(1);
});

test("a deck that was asked and has not said so blinks; one that says so is lit", async () => {
  await go_live({ motion: { requested: "Playing", current: "Starting" }, revision: 2 });
  expect(find('[data-lamp="play"]').className).toContain("lamp-asked");
  await act(() => daemon.socket.tells("state", { motion: { requested: "Playing", current: "Playing" }, revision: 3 }));
  expect(find('[data-lamp="play"]').className).toContain("lamp-on");
});

test("silence of a second is STALE, and no lamp is lit then", async () => {
  await go_live({ motion: { requested: "Playing", current: "Playing" }, revision: 2 });
  expect(find(".counter").querySelector(".stale-mark")).toBeNull();
  await pass(1100);
  expect(find(".counter").querySelector(".stale-mark")).not.toBeNull();
  expect(find(".meter").querySelector(".stale-mark")).not.toBeNull();
  expect(find('[data-lamp="play"]').className).toContain("lamp-off");
  expect((find("#stop") as HTMLButtonElement).disabled).toBe(false);
});

test("a doubtful place is said in words and with a tilde", async () => {
  await go_live({ position: { tape_m: 3.81, uncertainty_m: 0.3, knowledge: "Doubtful" } });
  expect(find("#metres").textContent).toContain("~");
  expect(find(".knowledge").textContent).toContain("place doubtful");
});

test("a second press of REC does not punch out; PUNCH OUT stands in ARM's place, and not during a print", async () => {
  await go_live({ motion: { requested: "Recording", current: "Recording" }, record_tally: true, arm: "Armed", revision: 2 });
  await act(() => find("#key-record").click());
  expect(sent("punch_out")).toHaveLength(0);
  await act(() => find("#key-punch_out").click());
  expect(sent("punch_out")).toHaveLength(1);
  await act(() => daemon.socket.tells("progress", { name: "print", state: "running", phase: "slate", fraction: 0.1, remaining_s: 9 }));
  expect(root.querySelector("#key-punch_out")).toBeNull();
});

test("a refusal is shown in the machine's own words", async () => {
  await go_live();
  await act(() => find("#key-record").click());
  await act(() => daemon.socket.refuses(sent("record")[0]?.id, "record was refused: record is not armed"));
  await pass(0);
  expect(find("#message").textContent).toBe("record was refused: record is not armed");
});

test("a fault is shown with what clears it", async () => {
  await go_live({ fault: "the tape broke" });
  expect(find("#fault").textContent).toContain("the tape broke");
  await act(() => find("#fault button").click());
  expect(sent("clear_fault")).toHaveLength(1);
});

test("a failed print says so in words and names its report", async () => {
  await go_live();
  await act(() => daemon.socket.tells("job_end", { id: "a", name: "print", verdict: "fail", reason: "not_off_tape", report_path: "/s/reports/a.json" }));
  expect(find("#verdict").textContent).toContain("FAIL");
  expect(find("#verdict").textContent).toContain("did not come off tape");
  expect(find("#verdict").textContent).toContain("/s/reports/a.json");
});

test("what the machine tells is text, never markup", async () => {
  await go_live({ fault: "<img src=x onerror=alert(1)>" });
  expect(root.querySelector("img")).toBeNull();
  expect(find("#fault").textContent).toContain("<img");
});

test("a browser that is not paired is told how to get a token, and STOP stays", async () => {
  daemon.health = "unpaired";
  await act(() => daemon.socket.onclose?.());
  await pass(3000);
  expect(root.textContent).toContain("overbias pair");
  expect(find("#stop")).not.toBeNull();
});

test("a cue key goes there, after SET it takes the place of the tape, and marks wait until both are there", async () => {
  await go_live();
  await act(() => daemon.socket.tells("locator", { cues: [{ cue: 2, name: "solo", tape_m: 38.1 }], mark_in: { tape_m: 5 }, mark_out: null, stage: "idle", text: null }));
  expect(find("#key-cue-2").textContent).toContain("2 solo");
  expect(find("#key-cue-2").textContent).toContain("0:01:40");
  expect((find("#key-cue-5") as HTMLButtonElement).disabled).toBe(true);
  expect((find("#key-punch") as HTMLButtonElement).disabled).toBe(true);
  await act(() => find("#key-cue-2").click());
  expect(sent("cue_go").at(-1)?.params).toEqual({ cue: "2" });
  await act(() => find("#key-auto-play").click());
  await act(() => find("#key-rtz").click());
  expect(sent("return_to_zero").at(-1)?.params).toEqual({ play: true });
  await act(() => find("#key-set").click());
  await act(() => find("#key-cue-5").click());
  expect(sent("cue_set").at(-1)?.params).toEqual({ cue: 5 });
  expect(sent("cue_go").length).toBe(1);
});

test("a state that is only inferred says so beside its word", async () => {
  await go_live();
  expect(root.querySelector("#inferred")).toBeNull();
  await act(() => daemon.socket.tells("state", { ...at_rest, inferred: true, motion: { requested: "Playing", current: "Playing" }, revision: 2 }));
  expect(find("#inferred").textContent).toBe("INFERRED");
});
