// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { lamp, NOTHING_KNOWN, told } from "../src/state/machine";
import { NOTHING_OFFERED, offers_of } from "../src/state/offers";

const ALL = {
  library_wind: true, shuttle: { slowest_ips: 0.75, fastest_ips: 300 }, edit: true, lifter_defeat: true, thread: true, speeds_ips: [7.5, 15], ready_tracks: 2,
  routes: ["mute", "mono"],
}; // prettier-ignore

test("what the deck offers is taken from status, and kept while a state says nothing of it", () => {
  const machine = told(NOTHING_KNOWN, "status", { deck: { name: "d", offers: ALL }, revision: 1 });
  expect(machine.offers).toEqual(ALL);
  expect(told(machine, "state", { arm: "Armed", revision: 2 }).offers).toBe(machine.offers);
});

test("what is not said is not offered", () => {
  expect(offers_of({ offers: {} }, ALL)).toEqual(NOTHING_OFFERED);
  expect(offers_of({ offers: { shuttle: { fastest_ips: "fast" }, speeds_ips: ["15", 30], routes: [1] } }, ALL)).toEqual({ ...NOTHING_OFFERED, speeds_ips: [30] });
  expect(offers_of(null, NOTHING_OFFERED)).toBe(NOTHING_OFFERED);
});

test("routes come with status and by themselves", () => {
  const machine = told(NOTHING_KNOWN, "status", { routes: { on: ["mono"], muted_by_cue: false }, threading: true, ready_tracks: [2], revision: 1 });
  expect(machine).toMatchObject({ routes: { on: ["mono"], muted_by_cue: false }, threading: true, ready_tracks: [2] });
  expect(told(machine, "routes", { on: ["mute"], muted_by_cue: true }).routes).toEqual({ on: ["mute"], muted_by_cue: true });
});

test("a library wind lights its own lamp and not that of the fast wind", () => {
  const winding = told(NOTHING_KNOWN, "state", { motion: { requested: "Rewinding", current: "Rewinding" }, library_wind: true, revision: 1 });
  expect([lamp(winding, "library_reverse"), lamp(winding, "rewind"), lamp(winding, "library_forward")]).toEqual(["on", "off", "off"]);
  const fast = told(winding, "state", { library_wind: false, revision: 2 });
  expect([lamp(fast, "library_reverse"), lamp(fast, "rewind")]).toEqual(["off", "on"]);
});

test("a wind that waits for the tape to stand still blinks on the key that was pressed", () => {
  const braking = told(NOTHING_KNOWN, "state", { motion: { requested: "FastForwarding", current: "Braking" }, library_wind: false, revision: 1 });
  expect([lamp(braking, "library_forward", true), lamp(braking, "fast_forward", true)]).toEqual(["asked", "off"]);
  expect([lamp(braking, "library_forward", false), lamp(braking, "fast_forward", false)]).toEqual(["off", "asked"]);
});
