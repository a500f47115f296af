// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { lamp, NOTHING_KNOWN, told, type Machine, type Motion } from "../src/state/machine";

const STATUS = {
  motion: { requested: "Playing", current: "Starting" },
  arm: "Armed", record_tally: false, tape_out: false,
  position: { tape_m: 12.5, uncertainty_m: 0.2, tape_time: "0:00:32", knowledge: "Doubtful" },
  speed_m_s: 0.2, speed_ips: 7.87, fault: null, revision: 4,
  job: { id: "j", name: "print", state: "running", phase: "slate", fraction: 0.25, remaining_s: 61.2 },
  last_job: null,
  deck: { name: "ATR-102", speed_ips: 15, equalisation: "IEC1", simulated: true },
  version: "0.3.0",
}; // prettier-ignore

test("status fills everything", () => {
  expect(told(NOTHING_KNOWN, "status", STATUS)).toMatchObject({
    requested: "Playing", current: "Starting", armed: true, fault: null,
    place: { tape_m: 12.5, uncertainty_m: 0.2, known: false, speed_ips: 7.87 },
    job: { name: "print", phase: "slate", fraction: 0.25, remaining_s: 61.2 },
    deck: { name: "ATR-102", speed_ips: 15, simulated: true }, version: "0.3.0",
  }); // prettier-ignore
});

test("a state without deck, job and last job leaves them as they were", () => {
  const before = told(NOTHING_KNOWN, "status", STATUS);
  const after = told(before, "state", { motion: { requested: "Stopped", current: "Stopped" }, arm: "Safe", fault: "tape broke" });
  expect(after.deck).toEqual(before.deck);
  expect(after.job).toEqual(before.job);
  expect(after).toMatchObject({ current: "Stopped", armed: false, fault: "tape broke" });
});

test("a fault that is over is gone", () => {
  const faulted = told(NOTHING_KNOWN, "state", { fault: "tape broke" });
  expect(told(faulted, "state", { fault: null }).fault).toBeNull();
});

test("positions", () => {
  const after = told(told(NOTHING_KNOWN, "status", STATUS), "position", {
    tape_m: 13, tape_time: "0:00:34", uncertainty_m: 0.01, knowledge: "Known", speed_ips: 15,
  }); // prettier-ignore
  expect(after.place).toEqual({ tape_m: 13, uncertainty_m: 0.01, known: true, speed_ips: 15 });
  expect(after.job).not.toBeNull();
});

test("a place of which nothing is said is not called known", () => {
  expect(told(NOTHING_KNOWN, "position", { tape_m: 1 }).place?.known).toBe(false);
});

test("a job from its start to its end", () => {
  let machine: Machine = told(NOTHING_KNOWN, "job_end", { id: "a", name: "print", verdict: "fail", reason: "dropout", report_path: "/r.json" });
  expect(machine.last_job).toMatchObject({ verdict: "fail", reason: "dropout", report_path: "/r.json" });
  machine = told(machine, "progress", { name: "print", state: "running", phase: "slate", fraction: 0.1, remaining_s: 9 });
  expect(machine.last_job).toBeNull(); // the verdict before it must not stand beside a running print
  machine = told(machine, "progress", null);
  expect(machine.job).toBeNull();
  expect(machine.last_job).toBeNull();
});

test("what is not known changes nothing", () => {
  expect(told(NOTHING_KNOWN, "tea", { ready: true })).toBe(NOTHING_KNOWN);
  expect(told(NOTHING_KNOWN, "state", "rubbish")).toBe(NOTHING_KNOWN);
});

test("a state that was overtaken is dropped; a daemon that began anew counts from its beginning", () => {
  const newer = told(NOTHING_KNOWN, "state", { motion: { requested: "Stopped", current: "Stopped" }, revision: 9 });
  const overtaken = { motion: { requested: "Playing", current: "Playing" }, revision: 8 };
  expect(told(newer, "state", overtaken)).toBe(newer);
  expect(told(told(newer, "hello", { version: "0.3.0" }), "state", overtaken).current).toBe("Playing");
});

test("the card", () => {
  expect(told(NOTHING_KNOWN, "card", { lost: true, problem: "hw:Deck is gone" }).card).toEqual({ lost: true, problem: "hw:Deck is gone" });
  // told again by every state: a panel that was away when it returned
  const gone = told(NOTHING_KNOWN, "state", { audio: { lost: true, problem: "hw:Deck is gone" } });
  expect(gone.card).toEqual({ lost: true, problem: "hw:Deck is gone" });
  expect(told(gone, "state", { audio: { lost: false, problem: null } }).card.lost).toBe(false);
  expect(told(gone, "state", {}).card.lost).toBe(true);
});

test("a logbook that cannot be written", () => {
  const degraded = told(NOTHING_KNOWN, "state", { logbook: { degraded: true, problem: "the disk is full" } });
  expect(degraded.log_problem).toBe("the disk is full");
  expect(told(degraded, "state", { logbook: { degraded: false, problem: null } }).log_problem).toBeNull();
});

const moving = (requested: Motion, current: Motion, record_tally = false): Machine => ({ ...NOTHING_KNOWN, requested, current, record_tally });

test.each<[Motion, Motion, boolean, Parameters<typeof lamp>[1], ReturnType<typeof lamp>]>([
  ["Playing", "Playing", false, "play", "on"],
  ["Playing", "Starting", false, "play", "asked"],
  ["Playing", "Stopped", false, "play", "asked"],
  ["Playing", "Stopped", false, "stop", "on"], // the deck still says stop
  ["Stopped", "Braking", false, "stop", "asked"],
  ["Stopped", "Playing", false, "stop", "asked"],
  ["Stopped", "Playing", false, "play", "on"],
  ["Stopped", "Stopped", false, "stop", "on"],
  ["Rewinding", "Braking", false, "rewind", "asked"],
  ["Rewinding", "Braking", false, "stop", "off"], // braking on the way to a wind is not STOP
  ["FastForwarding", "FastForwarding", false, "fast_forward", "on"],
  ["Recording", "Recording", true, "record", "on"],
  ["Recording", "Recording", false, "record", "asked"], // the machine thinks so, the deck has not said it
  ["Playing", "Playing", true, "record", "on"], // a tally nobody asked for is shown, whatever was asked
  ["Recording", "Recording", true, "play", "on"],
  ["Stopped", "Faulted", false, "play", "off"],
])("asked %s, deck %s, record tally %s: lamp %s is %s", (requested, current, tally, key, expected) => {
  expect(lamp(moving(requested, current, tally), key)).toBe(expected);
});

test("places on the tape are taken over whole, and what is not one is left out", () => {
  const known = told(NOTHING_KNOWN, "locator", {
    cues: [{ cue: 3, name: "solo", tape_m: 12.5 }, { cue: "x", tape_m: 1 }, { cue: 4 }, null],
    mark_in: { tape_m: 1.5, tape_time: "0:00:03.93" },
    mark_out: null,
    stage: "pre_roll",
    text: "rehearsing",
  }).locator;
  expect(known).toEqual({ cues: [{ cue: 3, name: "solo", tape_m: 12.5 }], mark_in_m: 1.5, mark_out_m: null, stage: "pre_roll", text: "rehearsing" });
  expect(told(NOTHING_KNOWN, "locator", null).locator).toBe(NOTHING_KNOWN.locator);
});

test("what is inferred, the link and the lifters are told by the state and stay until it says otherwise", () => {
  const cut = told(NOTHING_KNOWN, "state", { inferred: true, link_problem: "end of file", lifters: "Defeated", library_wind: true, play_speed_ips: 7.5, revision: 1 });
  expect([cut.inferred, cut.link_problem, cut.lifters_defeated, cut.library_wind, cut.play_speed_ips]).toEqual([true, "end of file", true, true, 7.5]);
  const later = told(cut, "state", { revision: 2 });
  expect([later.inferred, later.link_problem]).toEqual([true, "end of file"]);
  const mended = told(later, "state", { inferred: false, link_problem: null, lifters: "Normal", library_wind: false, revision: 3 });
  expect([mended.inferred, mended.link_problem, mended.lifters_defeated, mended.library_wind]).toEqual([false, null, false, false]);
});
