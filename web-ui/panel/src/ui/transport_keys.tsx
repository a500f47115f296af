// SPDX-License-Identifier: Apache-2.0
// REW, FF, PLAY, and record in two steps. Each acts when the finger comes up inside; its lamp shows what the deck says
// (lit) or what was asked and not yet said (blinking).
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { lamp, type Key } from "../state/machine";
import { panel, type MotionKey } from "../state/panel";
import { useHold } from "./hold";
import { Icon } from "./icons";
import { LibraryKey } from "./library_key";
import { Ring } from "./ring";

function Lamp({ of }: { of: Key }) {
  const lit = panel.counter_stale.value ? "off" : lamp(panel.machine.value, of, panel.library_asked.value);
  return <span class={`lamp lamp-${lit}`} data-lamp={of} aria-hidden="true" />;
}

function TransportKey(props: { method: MotionKey; lamp?: Key; label: string; name: string; class?: string; children: ComponentChildren }) {
  return (
    <button
      type="button"
      class={`key ${props.class ?? ""}`}
      id={`key-${props.method}`}
      aria-label={`${props.label}: ${props.name}`}
      disabled={!panel.live.value}
      onClick={(event) => {
        panel.motion(props.method, event.timeStamp);
        if (event.detail > 0) {
          event.currentTarget.blur(); // Enter is PLAY again
        }
      }}
    >
      {props.lamp !== undefined && <Lamp of={props.lamp} />}
      {props.children}
      <span class="key-label">{props.label}</span>
    </button>
  );
}

function ArmKey() {
  const armed_by_this_press = useRef(false); // its release is a click too, and must not withdraw what it gave
  const armed = panel.machine.value.armed && !panel.counter_stale.value;
  const remaining_s = panel.arm_remaining_s.value;
  const { holding, handlers } = useHold(
    () => {
      armed_by_this_press.current = false;
      return !armed && panel.live.value;
    },
    () => {
      armed_by_this_press.current = true;
      void panel.arm(performance.now());
    },
  );
  return (
    <button
      type="button"
      class={`key key-arm ${holding ? "holding" : ""} ${armed ? "armed" : ""}`}
      id="key-arm"
      title={armed ? "Press to withdraw" : "Hold until the ring is full"}
      disabled={!panel.live.value}
      {...handlers}
      onClick={() => armed && !armed_by_this_press.current && panel.disarm()}
    >
      <Ring />
      <span class="key-label">{armed ? (remaining_s === null ? "ARMED" : `ARMED ${remaining_s} s`) : "HOLD TO ARM"}</span>
    </button>
  );
}

export function TransportKeys() {
  const { armed, current, job, offers } = panel.machine.value;
  const recording = current === "Recording" && job === null; // a print leaves record by itself
  return (
    <section class={`keys ${offers.library_wind ? "with-library" : ""}`} aria-label="Transport">
      <LibraryKey direction="reverse" />
      <TransportKey method="rewind" lamp="rewind" label="REW" name="rewind">
        <Icon name="rewind" />
      </TransportKey>
      <TransportKey method="fast_forward" lamp="fast_forward" label="FF" name="fast forward">
        <Icon name="fast_forward" />
      </TransportKey>
      <LibraryKey direction="forward" />
      <TransportKey method="play" lamp="play" label="PLAY" name="play" class="key-play">
        <Icon name="play" />
      </TransportKey>
      <div class="record-keys">
        {recording ? (
          // in ARM's place, not in REC's: a second press of REC must not end the take that the first began
          <TransportKey method="punch_out" label="PUNCH OUT" name="leave record, go on playing">
            <Icon name="punch_out" />
          </TransportKey>
        ) : (
          <ArmKey />
        )}
        <TransportKey method="record" lamp="record" label="REC" name="record" class={`key-record ${armed ? "ready" : ""}`}>
          <Icon name="record" />
        </TransportKey>
      </div>
    </section>
  );
}
