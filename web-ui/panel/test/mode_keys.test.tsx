// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
// What the deck can beyond its keys: shown only when offered, sent when allowed, explained when not.
import { act } from "preact/test-utils";
import { expect, test } from "vitest";
import { at_rest, daemon, deck, find, go_live, key, pass, point, root, sent } from "./panel_page";

const offers = {
  library_wind: true, shuttle: { slowest_ips: 0.75, fastest_ips: 300 }, edit: true, lifter_defeat: true, thread: true, speeds_ips: [7.5, 15, 30],
  ready_tracks: 2, routes: ["source", "mute"],
}; // prettier-ignore
const live_with = (some: object = offers, state: object = {}) => go_live({ deck: { ...deck, offers: some }, play_speed_ips: 15, ...state });
const tell = (state: object, revision = 2) => act(() => daemon.socket.tells("state", { ...at_rest, ...state, revision }));
const press = (selector: string) => act(() => find(selector).click());
const last = (method: string) => sent(method).at(-1);
const pointer = (type: string, x: number) =>
  act(() => void find("#shuttle").dispatchEvent(new PointerEvent(type, { bubbles: true, button: 0, clientX: x, pointerId: 1 })));

test("a deck that offers nothing has none of these keys, and all of them when it offers all", async () => {
  await go_live();
  const ids = ["library_forward", "library_reverse", "speed-15", "ready-1", "edit", "lifters", "thread", "route-mute"].map((id) => `#key-${id}`).concat("#shuttle");
  expect(ids.filter((id) => root.querySelector(id) !== null)).toEqual([]);
  await tell({ deck: { ...deck, offers } });
  expect(ids.filter((id) => root.querySelector(id) === null)).toEqual([]);
});

test("library wind, both ways, and its own lamp", async () => {
  await live_with();
  await press("#key-library_reverse");
  expect(last("library_wind")).toMatchObject({ params: { direction: "reverse" }, at: expect.any(Number) });
  await press("#key-library_forward");
  expect(last("library_wind")).toMatchObject({ params: { direction: "forward" } });
  await tell({ motion: { requested: "FastForwarding", current: "FastForwarding" }, library_wind: true });
  expect(find('[data-lamp="library_forward"]').className).toContain("lamp-on");
  expect(find('[data-lamp="fast_forward"]').className).toContain("lamp-off");
});

test("a forbidden key sends nothing and says why, in the line where refusals are", async () => {
  await live_with();
  await tell({ motion: { requested: "Playing", current: "Playing" }, speed_ips: 15 });
  expect(find("#key-speed-30").getAttribute("aria-disabled")).toBe("true");
  expect(find("#key-speed-30").title).toContain("only while the tape is still");
  await press("#key-speed-30");
  expect(sent("select_speed")).toHaveLength(0);
  expect(find("#message").textContent).toContain("The speed is switched only while the tape is still");
});

test("what the machine refuses is shown in its own words", async () => {
  await live_with();
  await press("#key-lifters");
  await act(() => daemon.socket.refuses(last("defeat_lifters")?.id, "defeat_lifters was refused: the tape runs faster than the cue limit"));
  await pass(0);
  expect(find("#message").textContent).toBe("defeat_lifters was refused: the tape runs faster than the cue limit");
});

test("speeds are radio keys; the one the deck is switched to is chosen", async () => {
  await live_with();
  expect([...root.querySelectorAll('#speeds [role="radio"]')].map((each) => each.getAttribute("aria-checked"))).toEqual(["false", "true", "false"]);
  await press("#key-speed-7\\.5");
  expect(last("select_speed")).toMatchObject({ params: { ips: 7.5 } });
  await tell({ play_speed_ips: 7.5 });
  expect(find("#key-speed-7\\.5").getAttribute("aria-checked")).toBe("true");
});

test("a track's key makes it ready, and safe again", async () => {
  await live_with();
  expect(find("#key-ready-2").textContent).toContain("SAFE");
  await press("#key-ready-2");
  expect(last("ready")).toMatchObject({ params: { track: 2, on: true } });
  await tell({ ready_tracks: [2] });
  expect(find("#key-ready-2").textContent).toContain("READY");
  expect(find("#key-ready-2").getAttribute("aria-pressed")).toBe("true");
  expect(find("#key-ready-1").getAttribute("aria-pressed")).toBe("false");
  await press("#key-ready-2");
  expect(last("ready")).toMatchObject({ params: { track: 2, on: false } });
});

test("edit, lifters and thread say what is and ask for the other", async () => {
  await live_with();
  await press("#key-edit");
  expect(sent("edit")).toHaveLength(1);
  await press("#key-lifters");
  expect(last("defeat_lifters")).toMatchObject({ params: { on: true } });
  await tell({ lifters: "Defeated" });
  await press("#key-lifters");
  expect(last("defeat_lifters")).toMatchObject({ params: { on: false } });
  await press("#key-thread");
  expect(sent("thread")).toHaveLength(0); // the tape is in
  await tell({ motion: { requested: "TapeOut", current: "TapeOut" }, tape_out: true }, 3);
  await press("#key-thread");
  expect(last("thread")).toMatchObject({ params: { on: true } });
});

test("routes follow what the machine tells of the patch, and a loud cue is not the operator's mute", async () => {
  await live_with();
  await press("#key-route-mute");
  expect(last("route")).toMatchObject({ params: { name: "mute", on: true } });
  await act(() => daemon.socket.tells("routes", { on: ["mute"], muted_by_cue: false }));
  expect(find("#key-route-mute").getAttribute("aria-pressed")).toBe("true");
  await press("#key-route-mute");
  expect(last("route")).toMatchObject({ params: { name: "mute", on: false } });
  await act(() => daemon.socket.tells("routes", { on: [], muted_by_cue: true }));
  expect(find("#key-route-mute").getAttribute("aria-pressed")).toBe("false");
  expect(find("#patch").textContent).toContain("muted, the cue is loud");
});

test("the machine group folds away", async () => {
  await live_with();
  expect(find("#key-machine").getAttribute("aria-expanded")).toBe("true");
  await press("#key-machine");
  expect(find("#key-machine").getAttribute("aria-expanded")).toBe("false");
  expect(root.querySelector("#key-edit")).toBeNull();
  expect(root.querySelector("#key-speed-15")).not.toBeNull(); // not part of it
});

test("the shuttle runs while it is pulled and stands still when it is let go", async () => {
  await live_with();
  Object.defineProperty(find("#shuttle"), "clientWidth", { value: 246 });
  await pointer("pointerdown", 50);
  await pointer("pointermove", 52);
  expect(sent("shuttle")).toHaveLength(0); // where it is touched moves nothing
  await pointer("pointermove", 104);
  expect((last("shuttle")?.params as { speed: number }).speed).toBeCloseTo(15, 1);
  expect(find("#shuttle").getAttribute("aria-valuetext")).toBe("15 ips forward");
  await pointer("pointerup", 104);
  expect(last("shuttle")).toMatchObject({ params: { speed: 0 } });
  expect(find("#shuttle").getAttribute("aria-valuetext")).toBe("0 ips");
});

test("STOP takes the shuttle out of the hand that still holds it", async () => {
  await live_with();
  Object.defineProperty(find("#shuttle"), "clientWidth", { value: 246 });
  await pointer("pointerdown", 100);
  await pointer("pointermove", 40);
  expect(sent("shuttle")).toHaveLength(1);
  await point(find("#stop"), "pointerdown");
  expect(find("#shuttle").getAttribute("aria-valuetext")).toBe("0 ips");
  await pointer("pointermove", 10);
  await pointer("pointerup", 10);
  await pass(500);
  expect(sent("shuttle")).toHaveLength(1);
});

test("so does a stop that came from elsewhere", async () => {
  await live_with();
  Object.defineProperty(find("#shuttle"), "clientWidth", { value: 246 });
  await pointer("pointerdown", 100);
  await pointer("pointermove", 160);
  await tell({ motion: { requested: "Shuttling", current: "Shuttling" } });
  await tell({ motion: { requested: "Stopped", current: "Braking" } }, 3);
  await pointer("pointermove", 190);
  await pass(500);
  expect(sent("shuttle")).toHaveLength(1);
});

test("an arrow key pulls the shuttle while it is held, and Enter on it is not PLAY", async () => {
  await live_with();
  key(find("#shuttle"), "ArrowLeft");
  key(find("#shuttle"), "ArrowLeft");
  await pass(200);
  expect((last("shuttle")?.params as { speed: number }).speed).toBeLessThan(0);
  key(find("#shuttle"), "ArrowLeft", "keyup");
  expect(last("shuttle")).toMatchObject({ params: { speed: 0 } });
  key(find("#shuttle"), "Enter");
  expect(sent("play")).toHaveLength(0);
});

test("an arrow key that is still held after STOP pulls nothing", async () => {
  await live_with();
  key(find("#shuttle"), "ArrowRight");
  await pass(200);
  const before = sent("shuttle").length;
  await point(find("#stop"), "pointerdown");
  await act(() => void find("#shuttle").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true, repeat: true })));
  await pass(200);
  key(find("#shuttle"), "ArrowRight", "keyup");
  expect(sent("shuttle")).toHaveLength(before);
});

test("a page that loses the focus while an arrow key is held ends the shuttle", async () => {
  await live_with();
  key(find("#shuttle"), "ArrowRight");
  await pass(200);
  await act(() => void find("#shuttle").dispatchEvent(new FocusEvent("blur")));
  expect(last("shuttle")).toMatchObject({ params: { speed: 0 } });
});

test("a finger on the shuttle does not end a take", async () => {
  await live_with();
  await tell({ motion: { requested: "Recording", current: "Recording" }, record_tally: true });
  await pointer("pointerdown", 100);
  await pointer("pointermove", 160);
  expect(sent("shuttle")).toHaveLength(0);
  expect(find("#message").textContent).toContain("punch out or press STOP");
});

test("a reason that rests on an inferred state says so", async () => {
  await live_with();
  await tell({ inferred: true, motion: { requested: "Playing", current: "Playing" } });
  await press("#key-edit");
  expect(find("#message").textContent).toContain("inferred");
});

test("tape left is asked for while it is seen, and doubtful with the place", async () => {
  await live_with();
  await act(() => daemon.socket.answers(last("reels")?.id, { remaining_m: 700, remaining_s: 1837, remaining_by: "length and counter", warning: null }));
  await pass(0);
  expect(find("#reels").textContent).toContain("30:37 (700 m) by length and counter");
  await act(() => daemon.socket.tells("position", { ...at_rest.position, knowledge: "Doubtful" }));
  expect(find("#reels").textContent).toContain("~ 30:37");
});

test("PRESET gives the counter the place that is typed", async () => {
  await live_with();
  const field = find("#locate-place") as HTMLInputElement;
  field.value = "0:02:00";
  await act(() => void field.dispatchEvent(new Event("input", { bubbles: true })));
  await press("#key-preset");
  expect(last("preset_counter")).toMatchObject({ params: { position: "0:02:00" } });
  expect(sent("locate")).toHaveLength(0);
  field.value = "soon";
  await act(() => void field.dispatchEvent(new Event("input", { bubbles: true })));
  await press("#key-preset");
  expect(sent("preset_counter")).toHaveLength(1);
  expect(find("#message").textContent).toContain('"soon" is not a place on the tape');
});

test("a print takes the keys away", async () => {
  await live_with();
  await act(() => daemon.socket.tells("progress", { name: "print", state: "running", phase: "slate", fraction: 0.1, remaining_s: 9 }));
  await press("#key-library_forward");
  expect(sent("library_wind")).toHaveLength(0);
  expect(find("#message").textContent).toBe("The deck belongs to the print: STOP ends it.");
});
