// SPDX-License-Identifier: Apache-2.0
// Where the tape is: tape time in large digits, metres, how well it is known; the motion in words; zero and locate.
import { useEffect, useState } from "preact/hooks";
import { counter_text, metres_text, place_entry, uncertainty_text } from "../state/format";
import type { Machine, Motion } from "../state/machine";
import { panel } from "../state/panel";
import { SevenSegment } from "./seven_segment";
import { StaleMark } from "./stale";

export const MOTION_WORDS: Record<Motion, string> = {
  Unknown: "STATE UNKNOWN",
  Stopped: "STOPPED",
  Starting: "STARTING",
  Playing: "PLAY",
  Recording: "RECORD",
  FastForwarding: "FAST FORWARD",
  Rewinding: "REWIND",
  Shuttling: "SHUTTLE",
  Editing: "EDIT",
  Locating: "LOCATE",
  Braking: "BRAKING",
  TapeOut: "TAPE OUT",
  Faulted: "FAULT",
};

export function motion_words(machine: Machine): string {
  if (machine.current === null) {
    return "\u2014";
  }
  if (machine.library_wind && (machine.current === "FastForwarding" || machine.current === "Rewinding")) {
    return machine.current === "Rewinding" ? "LIBRARY REWIND" : "LIBRARY WIND";
  }
  return MOTION_WORDS[machine.current] ?? machine.current.toUpperCase();
}

/** The speed tape time is counted at: what the deck is switched to now. */
export function counting_speed_ips(machine: Machine): number {
  return machine.play_speed_ips > 0 ? machine.play_speed_ips : (machine.deck?.speed_ips ?? 0);
}

/** What was asked for and is not there yet. */
export function asked_words(machine: Machine): string | null {
  return machine.requested !== null && machine.requested !== machine.current ? MOTION_WORDS[machine.requested] : null;
}

function place_words(machine: Machine): string {
  if (machine.place === null) {
    return "No place known yet";
  }
  const counter = counter_text(machine.place.tape_m, counting_speed_ips(machine));
  const time = counter === null ? "" : `${counter.negative ? "minus " : ""}${counter.digits.split(".")[0]}, `;
  return `${time}${machine.place.tape_m.toFixed(1)} metres, ${machine.place.known ? "place known" : "place doubtful"}`;
}

/** Text for a screen reader, anew once a second at most. */
export function useSlowly(read: () => string): string {
  const [text, set_text] = useState(read);
  useEffect(() => {
    const timer = setInterval(() => set_text(read()), 1000);
    return () => clearInterval(timer);
  }, []);
  return text;
}

function LocateEntry() {
  const [entry, set_entry] = useState("");
  const with_place = (use: (position: number | string) => void) => {
    const place = place_entry(entry);
    if ("problem" in place) {
      panel.explain(place.problem);
    } else {
      use(place.position);
    }
  };
  return (
    <form
      class="locate"
      onSubmit={(event) => {
        event.preventDefault();
        with_place((position) => panel.locate(position, event.timeStamp));
      }}
    >
      <input
        id="locate-place"
        name="place"
        aria-label="Place to locate or preset: h:mm:ss of tape time, or metres"
        placeholder="0:12:30"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={entry}
        onInput={(event) => set_entry(event.currentTarget.value)}
      />
      <button type="submit" class="small-key" disabled={!panel.live.value}>
        LOCATE
      </button>
      <button
        type="button"
        class="small-key"
        id="key-preset"
        aria-label="Preset: this place of the tape is the one typed"
        disabled={!panel.live.value}
        onClick={(event) => with_place((position) => panel.preset_counter(position, event.timeStamp))}
      >
        PRESET
      </button>
    </form>
  );
}

export function Counter() {
  const machine = panel.machine.value;
  const stale = panel.counter_stale.value;
  const { place } = machine;
  const spoken = useSlowly(() => (panel.counter_stale.peek() ? "Stale: no news from the machine" : place_words(panel.machine.peek())));
  const counter = place === null ? null : counter_text(place.tape_m, counting_speed_ips(machine));
  const doubtful = place !== null && !place.known;
  return (
    <section class={`counter ${stale ? "stale" : ""} ${doubtful ? "doubtful" : ""}`} aria-label="Tape counter">
      <div class="motion-line">
        <span id="motion" class={`motion-word motion-${machine.current ?? "none"}`}>
          {motion_words(machine)}
        </span>
        {machine.inferred && (
          <span class="inferred" id="inferred" title="This deck has no tallies: what it does is inferred from what was asked and from the tape's motion, not seen">
            INFERRED
          </span>
        )}
        {machine.lifters_defeated && <span class="inferred">LIFTERS OFF</span>}
        {asked_words(machine) !== null && <span class="asked">asked: {asked_words(machine)}</span>}
        <span class="speed">{place === null ? "" : `${Math.abs(place.speed_ips).toFixed(2)} ips`}</span>
      </div>
      <div class="display">
        <SevenSegment text={counter?.digits ?? "-:--:--.--"} negative={counter?.negative ?? false} doubtful={doubtful} />
        <span class="visually-hidden" role="timer" id="counter-text">
          {spoken}
        </span>
        <StaleMark show={stale} />
      </div>
      <div class="place-line">
        <span class="metres" id="metres">
          {place === null ? "\u2014" : `${doubtful ? "~ " : ""}${metres_text(place.tape_m)}`}
        </span>
        <span class="knowledge">
          {place === null ? "" : `${doubtful ? "place doubtful" : "place known"} ${uncertainty_text(place.uncertainty_m)}`}
        </span>
      </div>
      <div class="counter-keys">
        <button type="button" class="small-key" id="key-zero" disabled={!panel.live.value} onClick={(event) => panel.zero_counter(event.timeStamp)}>
          ZERO
        </button>
        <LocateEntry />
      </div>
    </section>
  );
}
