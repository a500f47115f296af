// SPDX-License-Identifier: Apache-2.0
// Unfolds source against tape by ear (src/listen/listen_card.tsx).
import { panel } from "../state/panel";

export function ListenKey() {
  const open = panel.listening.value === "open";
  return (
    <button
      type="button"
      class="small-key"
      id="key-listen"
      aria-expanded={open}
      onClick={(event) => {
        panel.listening.value = open ? "closed" : "open";
        if (event.detail > 0) {
          event.currentTarget.blur();
        }
      }}
    >
      LISTEN
    </button>
  );
}
