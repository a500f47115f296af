// SPDX-License-Identifier: Apache-2.0
// A key of what the deck can beyond its transport keys. One that the machine's state forbids stays reachable and says
// why, on hovering and when it is pressed; it sends nothing.
import type { ComponentChildren } from "preact";
import { forbidden, type Mode } from "../state/forbidden";
import { panel } from "../state/panel";

interface ModeKeyProps {
  id: string;
  name: string; // for who cannot see it
  mode: Mode;
  on?: boolean; // of a toggle
  checked?: boolean; // of a radio key
  class?: string;
  press: (pressed_ms: number) => void;
  children: ComponentChildren;
}

export function ModeKey(props: ModeKeyProps) {
  const reason = forbidden(panel.machine.value, props.mode);
  const lit = props.on === true || props.checked === true;
  return (
    <button
      type="button"
      id={props.id}
      class={`${props.class ?? "small-key toggle"} ${lit ? "on" : ""}`}
      aria-label={props.name}
      role={props.checked === undefined ? undefined : "radio"}
      aria-checked={props.checked}
      aria-pressed={props.on}
      aria-disabled={reason !== null}
      title={reason ?? undefined}
      disabled={!panel.live.value}
      onClick={(event) => {
        if (reason !== null) {
          panel.explain(reason);
        } else {
          props.press(event.timeStamp);
        }
        if (event.detail > 0) {
          event.currentTarget.blur(); // Enter is PLAY again
        }
      }}
    >
      {props.children}
    </button>
  );
}
