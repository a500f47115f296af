// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { forbidden, type Mode } from "../src/state/forbidden";
import { NOTHING_KNOWN, type Machine, type Motion } from "../src/state/machine";

const machine = (current: Motion, more: Partial<Machine> = {}): Machine => ({ ...NOTHING_KNOWN, current, requested: current, ...more });
const MODES: Mode[] = ["library_wind", "shuttle", "edit", "lifters", "thread", "speed", "ready", "route"];
const open = (of: Machine) => MODES.filter((mode) => forbidden(of, mode) === null);

// what docs/states.md takes in each state, less a shuttle out of record
test.each<[Motion, Mode[]]>([
  ["Stopped", ["library_wind", "shuttle", "edit", "lifters", "speed", "ready", "route"]],
  ["Starting", ["library_wind", "shuttle", "ready", "route"]],
  ["Playing", ["library_wind", "shuttle", "ready", "route"]],
  ["Recording", ["library_wind", "route"]],
  ["FastForwarding", ["library_wind", "shuttle", "lifters", "ready", "route"]],
  ["Rewinding", ["library_wind", "shuttle", "lifters", "ready", "route"]],
  ["Shuttling", ["library_wind", "shuttle", "lifters", "ready", "route"]],
  ["Locating", ["library_wind", "shuttle", "ready", "route"]],
  ["Braking", ["library_wind", "shuttle", "ready", "route"]],
  ["Editing", ["lifters", "ready", "route"]],
  ["TapeOut", ["thread", "ready", "route"]],
  ["Faulted", ["route"]],
  ["Unknown", ["route"]],
])("in %s", (motion, modes) => {
  expect(open(machine(motion))).toEqual(modes);
});

test("nothing is known yet", () => expect(open(NOTHING_KNOWN)).toEqual(["route"]));

test("the tape must be still for speed and edit, whatever the state is called", () => {
  const rolling = machine("Stopped", { place: { tape_m: 1, uncertainty_m: 0, known: true, speed_ips: 0.4 } });
  expect(forbidden(rolling, "speed")).toContain("only while the tape is still");
  expect(forbidden(rolling, "edit")).toContain("only from stop");
});

test("a record tally counts as record", () => {
  const left_on = machine("Stopped", { record_tally: true });
  expect(forbidden(left_on, "speed")).toContain("The deck records");
  expect(forbidden(left_on, "ready")).toContain("stays as it is");
});

test("defeated lifters may always be restored", () => expect(forbidden(machine("Braking", { lifters_defeated: true }), "lifters")).toBeNull());

test("a job owns every mode and says so", () => {
  const printing = machine("Recording", { job: { id: "1", gate: null, name: "print", state: "running", phase: "", fraction: 0, remaining_s: 0 } });
  expect(open(printing)).toEqual([]);
  expect(forbidden(printing, "route")).toBe("The deck belongs to the print: STOP ends it.");
});

test("a reason from an inferred state says that it is inferred", () => {
  expect(forbidden(machine("Playing", { inferred: true }), "speed")).toContain("The deck's state is inferred");
  expect(forbidden(machine("Playing"), "speed")).not.toContain("inferred");
});
