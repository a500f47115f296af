// SPDX-License-Identifier: Apache-2.0
// A key that acts only when it has been held until its ring is full: what makes the deck record.
import { useEffect, useRef, useState } from "preact/hooks";

export const HOLD_MS = 800;

/** `may`: looked at when the finger comes down. `full`: the ring is. */
export function useHold(may: () => boolean, full: () => void) {
  const [holding, set_holding] = useState(false);
  const timer = useRef<number | null>(null);
  const let_go = () => {
    if (timer.current !== null) {
      window.clearTimeout(timer.current);
      timer.current = null;
    }
    set_holding(false);
  };
  const begin = () => {
    if (timer.current !== null || !may()) {
      return;
    }
    set_holding(true);
    timer.current = window.setTimeout(() => {
      let_go();
      full();
    }, HOLD_MS);
  };
  useEffect(() => let_go, []);
  const handlers = {
    onPointerDown: (event: PointerEvent) => event.button === 0 && begin(),
    onPointerUp: let_go,
    onPointerLeave: let_go,
    onPointerCancel: let_go,
    onContextMenu: (event: Event) => event.preventDefault(),
    onKeyDown: (event: KeyboardEvent) => event.key === "Enter" && !event.repeat && begin(),
    onKeyUp: (event: KeyboardEvent) => event.key === "Enter" && let_go(),
    onBlur: let_go,
  };
  return { holding, handlers };
}
