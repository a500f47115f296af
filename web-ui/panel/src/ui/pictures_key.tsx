// SPDX-License-Identifier: Apache-2.0
// Unfolds goniometer and spectrum (pictures.tsx).
import { panel } from "../state/panel";

export function PicturesKey() {
  const open = panel.pictures.value === "open";
  return (
    <button
      type="button"
      class="small-key"
      id="key-pictures"
      aria-expanded={open}
      onClick={(event) => {
        panel.pictures.value = open ? "closed" : "open";
        if (event.detail > 0) {
          event.currentTarget.blur();
        }
      }}
    >
      SCOPE
    </button>
  );
}
