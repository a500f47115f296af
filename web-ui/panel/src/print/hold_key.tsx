// SPDX-License-Identifier: Apache-2.0
// Begins what records on the tape: held until its ring is full, as ARM is.
import { panel } from "../state/panel";
import { useHold } from "../ui/hold";
import { Ring } from "../ui/ring";

export function HoldKey({ id, label, disabled, press }: { id: string; label: string; disabled: boolean; press: (pressed_ms: number) => void }) {
  const { holding, handlers } = useHold(
    () => panel.live.value && !disabled,
    () => press(performance.now()),
  );
  return (
    <button type="button" id={id} class={`hold-key ${holding ? "holding" : ""}`} title="Hold until the ring is full" disabled={disabled || !panel.live.value} {...handlers}>
      <Ring />
      <span>{label}</span>
    </button>
  );
}
