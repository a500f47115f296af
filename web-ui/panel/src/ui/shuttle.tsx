// SPDX-License-Identifier: Apache-2.0
// Shuttle: pull the slider off its middle and the tape runs at that speed; let go and it springs back, and the tape is
// held still. Only the way it is pulled counts, not where it was touched. On a keyboard an arrow key that is held pulls it.
import { useEffect, useRef, useState } from "preact/hooks";
import { forbidden } from "../state/forbidden";
import { panel } from "../state/panel";
import { shuttle_speed_ips } from "../state/shuttle";

const THUMB_PX = 46; // of the track, that it cannot be pulled over
const KEY_STEP = 0.1;
const PULLS: Record<string, number> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };

function speed_text(speed_ips: number): string {
  const text = `${Math.abs(speed_ips).toFixed(Math.abs(speed_ips) < 10 ? 1 : 0)} ips`;
  return speed_ips === 0 ? "0 ips" : `${text} ${speed_ips > 0 ? "forward" : "back"}`;
}

export function Shuttle() {
  const machine = panel.machine.value;
  const offer = machine.offers.shuttle;
  const [share, set_share] = useState(0);
  const from_x = useRef<number | null>(null); // where the pointer took hold
  const by_keys = useRef(0); // how far the arrow keys have pulled
  useEffect(() => {
    from_x.current = null;
    set_share(0);
  }, [panel.shuttles_ended.value]);
  if (offer === null) {
    return null;
  }
  const reason = forbidden(machine, "shuttle");
  const usable = panel.live.value && reason === null;
  const pull = (to: number) => {
    const held = Math.max(-1, Math.min(1, to));
    const moved = panel.shuttle_hold.move(shuttle_speed_ips(held, offer));
    set_share(moved ? held : 0);
  };
  const release = () => {
    if (from_x.current !== null || by_keys.current !== 0) {
      from_x.current = null;
      by_keys.current = 0;
      set_share(0);
      panel.shuttle_hold.release();
    }
  };
  const speed_ips = shuttle_speed_ips(share, offer);
  return (
    <div class="mode-group shuttle">
      <span class="mode-name" id="shuttle-name">
        SHUTTLE <span class="shuttle-speed">{speed_text(speed_ips)}</span>
      </span>
      <div
        id="shuttle"
        class={`shuttle-track ${share !== 0 ? "held" : ""}`}
        role="slider"
        tabIndex={0}
        aria-label="Shuttle: hold an arrow key, or pull"
        aria-valuemin={-offer.fastest_ips}
        aria-valuemax={offer.fastest_ips}
        aria-valuenow={speed_ips}
        aria-valuetext={speed_text(speed_ips)}
        aria-disabled={!usable}
        title={reason ?? undefined}
        onPointerDown={(event) => {
          if (event.button !== 0) {
            return;
          }
          if (!usable) {
            if (reason !== null) {
              panel.explain(reason);
            }
            return;
          }
          panel.shuttle_grab();
          from_x.current = event.clientX;
          event.currentTarget.setPointerCapture?.(event.pointerId);
        }}
        onPointerMove={(event) => {
          if (from_x.current !== null) {
            pull((2 * (event.clientX - from_x.current)) / Math.max(1, event.currentTarget.clientWidth - THUMB_PX));
          }
        }}
        onPointerUp={release}
        onPointerCancel={release}
        onLostPointerCapture={release}
        onContextMenu={(event) => event.preventDefault()}
        onKeyDown={(event) => {
          const pulls = PULLS[event.key];
          if (pulls === undefined || event.ctrlKey || event.metaKey || event.altKey) {
            return;
          }
          event.preventDefault();
          if (!usable) {
            if (reason !== null) {
              panel.explain(reason);
            }
            return;
          }
          if (by_keys.current === 0) {
            if (event.repeat) {
              return; // held since before it was usable
            }
            panel.shuttle_grab();
          }
          by_keys.current = Math.max(-1, Math.min(1, by_keys.current + pulls * KEY_STEP));
          pull(by_keys.current);
        }}
        onKeyUp={(event) => event.key in PULLS && release()}
        onBlur={release}
      >
        <span class="shuttle-thumb" style={{ "--pull": share }} aria-hidden="true" />
      </div>
    </div>
  );
}
