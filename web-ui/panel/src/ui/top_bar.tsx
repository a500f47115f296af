// SPDX-License-Identifier: Apache-2.0
// Which machine this is and how good the link to it is.
import type { Phase } from "../link/link";
import { panel } from "../state/panel";
import { ViewLinks } from "./view_links";

const PHASE_WORDS: Record<Phase, string> = {
  connecting: "CONNECTING",
  live: "LIVE",
  unreachable: "NO CONNECTION",
  unpaired: "NOT PAIRED",
};

export function TopBar() {
  const { deck } = panel.machine.value;
  const phase = panel.phase.value;
  const late = phase === "live" && panel.counter_stale.value;
  const round_trip_ms = panel.round_trip_ms.value;
  return (
    <header class="top-bar">
      <h1 class="brand">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <path
            class="brand-hub"
            fill-rule="evenodd"
            d="M16 2a14 14 0 1 0 0 28a14 14 0 1 0 0-28zM16 5.2a3.9 3.9 0 1 1 0 7.8a3.9 3.9 0 1 1 0-7.8zM22 15.5a3.9 3.9 0 1 1 0 7.8a3.9 3.9 0 1 1 0-7.8zM10 15.5a3.9 3.9 0 1 1 0 7.8a3.9 3.9 0 1 1 0-7.8zM16 14.4a1.7 1.7 0 1 1 0 3.4a1.7 1.7 0 1 1 0-3.4z"
          />
        </svg>
        OVERBIAS
      </h1>
      <p class="deck">
        {deck !== null && (
          <>
            <span class="deck-name">{deck.name}</span>
            <span class="deck-speed">
              {deck.speed_ips} ips {deck.equalisation}
            </span>
            {deck.simulated && <span class="badge">SIMULATED</span>}
          </>
        )}
      </p>
      {phase !== "unpaired" && <ViewLinks />}
      <p class={`link link-${late ? "late" : phase}`} id="link">
        <span class="link-dot" aria-hidden="true" />
        <span class="link-word">{late ? "STALE" : PHASE_WORDS[phase]}</span>
        <span class="round-trip">{round_trip_ms === null ? "\u2013 ms" : `${round_trip_ms < 10 ? round_trip_ms.toFixed(1) : Math.round(round_trip_ms)} ms`}</span>
      </p>
      <button type="button" class="help-key" aria-label="Help: keys of the keyboard" aria-expanded={panel.help.value} onClick={() => (panel.help.value = !panel.help.value)}>
        ?
      </button>
    </header>
  );
}
