// SPDX-License-Identifier: Apache-2.0
// Library wind, beside wind: slow and even, for storage.
import { lamp } from "../state/machine";
import { panel } from "../state/panel";
import { Icon } from "./icons";
import { ModeKey } from "./mode_key";

export function LibraryKey({ direction }: { direction: "forward" | "reverse" }) {
  const machine = panel.machine.value;
  if (!machine.offers.library_wind) {
    return null;
  }
  const key = direction === "forward" ? "library_forward" : "library_reverse";
  const lit = panel.counter_stale.value ? "off" : lamp(machine, key, panel.library_asked.value);
  return (
    <ModeKey
      id={`key-${key}`}
      name={direction === "forward" ? "LIB FF: library wind, slow and even" : "LIB REW: library rewind, slow and even"}
      mode="library_wind"
      class="key key-library"
      press={(at) => panel.library_wind(direction, at)}
    >
      <span class={`lamp lamp-${lit}`} data-lamp={key} aria-hidden="true" />
      <Icon name={key} />
      <span class="key-label">{direction === "forward" ? "LIB FF" : "LIB REW"}</span>
    </ModeKey>
  );
}
