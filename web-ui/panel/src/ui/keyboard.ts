// SPDX-License-Identifier: Apache-2.0
// Keys of the keyboard (a foot pedal is one too). Space and Esc stop, always and everywhere, also while a field is
// being typed into: no place and no token has a space in it. A title has: in a field of words Space is a space as long as
// the machine is known to stand still with nothing asked of it, so there is nothing that could be stopped. The rest works
// when no field or key has the focus.
import type { Panel } from "../state/panel";

function is_typing(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;
}
/** A field of words, while nothing is there that STOP would end. */
function is_a_word_typed(panel: Panel, { target }: KeyboardEvent): boolean {
  const { current, requested, job, armed } = panel.machine.value;
  const rests = !panel.counter_stale.value && current === "Stopped" && requested === "Stopped" && job === null && !armed;
  return rests && target instanceof HTMLElement && target.dataset.words !== undefined;
}
export function takes_enter(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement || (target instanceof HTMLElement && target.getAttribute("role") === "slider");
}

export function take_keys(panel: Panel): void {
  window.addEventListener(
    "keydown",
    (event) => {
      if (event.key === " " && is_a_word_typed(panel, event)) {
        return;
      }
      if (event.key === " " || event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        if (event.key === "Escape") {
          panel.help.value = false;
        }
        if (!event.repeat) {
          panel.stop();
        }
        return;
      }
      if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || is_typing(event.target)) {
        return;
      }
      if (panel.key_taker?.(event)) {
        event.preventDefault();
      } else if (event.key === "?") {
        panel.help.value = !panel.help.value;
      } else if (!panel.live.value) {
        return;
      } else if (event.key === "Enter" && !takes_enter(event.target)) {
        panel.motion("play", event.timeStamp);
      } else if (event.key === "j" || event.key === "J") {
        panel.motion("rewind", event.timeStamp);
      } else if (event.key === "l" || event.key === "L") {
        panel.motion("fast_forward", event.timeStamp);
      }
    },
    { capture: true },
  );
  // A browser clicks the focused button when Space comes up; Space is STOP and nothing else.
  window.addEventListener(
    "keyup",
    (event) => {
      if (event.key === " " && !(event.target instanceof HTMLElement && event.target.dataset.words !== undefined)) {
        event.preventDefault();
      }
    },
    { capture: true },
  );
}
