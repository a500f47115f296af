// SPDX-License-Identifier: Apache-2.0
// STOP: alone in its corner, over everything, never disabled; acts when the finger comes down.
import { lamp } from "../state/machine";
import { panel } from "../state/panel";
import { Icon } from "./icons";

const WORDS = {
  idle: "",
  sent: "sent",
  confirmed: "taken",
  unconfirmed: "not confirmed",
  not_paired: "refused: not paired",
};

export function StopKey() {
  const state = panel.stop_state.value;
  const lit = panel.counter_stale.value ? "off" : lamp(panel.machine.value, "stop");
  return (
    <button
      type="button"
      class={`stop-key stop-${state}`}
      id="stop"
      onPointerDown={(event) => {
        if (event.button === 0) {
          panel.stop();
        }
      }}
      onClick={(event) => {
        if (event.detail === 0) {
          panel.stop(); // keyboard and assistive technology: no pointer came down
        } else {
          event.currentTarget.blur();
        }
      }}
    >
      <span class={`lamp lamp-${lit}`} aria-hidden="true" />
      <Icon name="stop" />
      <span class="stop-word">STOP</span>
      <span class="stop-state" aria-hidden="true">{WORDS[state]}</span>
    </button>
  );
}
