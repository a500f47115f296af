// SPDX-License-Identifier: Apache-2.0
// The switch for sound, and what keeps the sound with the readings: readings that are not live are silent.
import { useEffect, useRef, useState } from "preact/hooks";
import { panel } from "../state/panel";
import type { StepView } from "./alignment";
import { running } from "./desk";
import { newly_done, voices } from "./pitch";
import { Sound } from "./sound";

export function ListenSwitch() {
  const [on, set_on] = useState(false);
  const sound = useRef<Sound | null>(null);
  const before = useRef<StepView | null>(null);
  const view = running.value?.view ?? null;
  const live = !panel.counter_stale.value;
  useEffect(() => {
    sound.current?.show(live ? voices(view) : []);
    if (live) {
      newly_done(before.current, view).forEach((channel) => sound.current?.done(channel));
      before.current = view;
    }
  }, [view, live, on]);
  useEffect(() => () => sound.current?.end_all(), []);
  return (
    <button
      type="button"
      class={`small-key toggle listen ${on ? "on" : ""}`}
      id="align-sound"
      aria-pressed={on}
      title="A steady tone is the target; the other is the reading: above it, turn up; below it, turn down; one tone: there. Two notes: done."
      onClick={(event) => {
        if (on) {
          sound.current?.end_all();
          sound.current = null;
        } else {
          sound.current = new Sound();
        }
        set_on(!on);
        if (event.detail > 0) {
          event.currentTarget.blur();
        }
      }}
    >
      SOUND {on ? "ON" : "OFF"}
    </button>
  );
}
