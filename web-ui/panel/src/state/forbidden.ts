// SPDX-License-Identifier: Apache-2.0
// Why the machine would refuse a mode now, so that its key can say so before it is pressed. The machine decides
// (docs/states.md); what is not foreseen here it refuses itself, in its own words.
import type { Machine, Motion } from "./machine";

export type Mode = "library_wind" | "shuttle" | "edit" | "lifters" | "thread" | "speed" | "ready" | "route";

const HANDS = "The deck is in edit mode, hands may be on the reels: press STOP first.";
const ON_HEADS: Motion[] = ["Starting", "Playing", "Recording"];

/** Null: nothing is known against it. */
export function forbidden(machine: Machine, mode: Mode): string | null {
  if (machine.job !== null) {
    return `The deck belongs to the ${machine.job.name}: STOP ends it.`;
  }
  const why = mode === "route" ? null : by_state(machine, mode);
  return why !== null && machine.inferred ? `${why} (The deck's state is inferred.)` : why;
}

function by_state(machine: Machine, mode: Exclude<Mode, "route">): string | null {
  const { current } = machine;
  if (current === null) {
    return "Nothing is known of the deck yet.";
  }
  if (current === "Unknown") {
    return "The deck's state is not known yet: press STOP and wait until the tape is still.";
  }
  if (mode === "thread") {
    return current === "TapeOut" ? null : "The threading tension is given only while the tape is out: take the tape out first.";
  }
  if (current === "TapeOut" && mode !== "ready") {
    return "There is no tape in the path: thread the tape.";
  }
  if (current === "Faulted") {
    return "The transport is faulted: remove the cause and clear the fault first.";
  }
  return by_mode(machine, mode, current);
}

function by_mode(machine: Machine, mode: Exclude<Mode, "route" | "thread">, current: Motion): string | null {
  const recording = current === "Recording" || machine.record_tally;
  const moving = (machine.place?.speed_ips ?? 0) !== 0;
  switch (mode) {
    case "library_wind":
      return current === "Editing" ? HANDS : null;
    case "shuttle": // the machine would end the take and shuttle; a finger on a slider has not decided that
      return current === "Editing" ? HANDS : recording ? "The deck records: punch out or press STOP before you shuttle." : null;
    case "edit":
      return current === "Editing" ? "STOP ends edit mode." : current !== "Stopped" || moving ? "Edit mode is entered only from stop: press STOP and wait." : null;
    case "lifters":
      return machine.lifters_defeated
        ? null
        : ON_HEADS.includes(current)
          ? "In play the tape lies on the heads already."
          : current === "Locating" || current === "Braking"
            ? "The lifters may be defeated only stopped, in shuttle, in edit mode or in slow wind: press STOP, or wait."
            : null;
    case "speed":
      return recording
        ? "The deck records: press STOP and wait until it has left record."
        : current !== "Stopped" || moving
          ? "The speed is switched only while the tape is still: press STOP first."
          : null;
    case "ready":
      return recording ? "The deck records: record ready stays as it is until it has left record." : null;
  }
}
