// SPDX-License-Identifier: Apache-2.0
// The step that runs: what is to be done, what is read, and the operator's keys.
import { useEffect, useState } from "preact/hooks";
import { motion_words, useSlowly } from "../ui/counter";
import { AskedKey } from "../ui/asked_key";
import { takes_enter } from "../ui/keyboard";
import { StaleMark } from "../ui/stale";
import { panel } from "../state/panel";
import { remembered } from "../state/remembered";
import type { Running, StepView } from "./alignment";
import { running, say, values, type Says } from "./desk";
import { ListenSwitch } from "./listen";
import { stay_awake } from "./stay_awake";
import { TrackCard } from "./track_card";
import { value_entry } from "./value_entry";
import { track_name } from "./words";

/** What a screen reader says, anew once a second at most and without the stream of figures beside it. */
function spoken(): string {
  const view = running.peek()?.view ?? null;
  if (view === null) {
    return "";
  }
  const tracks = view.tracks.filter((track) => track.words !== "" || track.done);
  return [...tracks.map((track) => `${track_name(track.channel, view.unit)}: ${track.done ? "done" : track.words}`), view.note].filter((words) => words !== "").join(". ");
}

function ValueEntry({ view }: { view: StepView }) {
  const [entry, set_entry] = useState("");
  return (
    <form
      class="value-entry"
      onSubmit={(event) => {
        event.preventDefault();
        const value = value_entry(entry);
        if (value === null) {
          panel.explain(`"${entry}" is not a number: write what was read, in ${view.value_unit}, as -1.5`);
        } else {
          say("accept", event.timeStamp, value);
          set_entry("");
        }
      }}
    >
      <button type="button" class="small-key" aria-label="Change the sign" onClick={() => set_entry(entry.startsWith("-") ? entry.slice(1) : `-${entry}`)}>
        +/&minus;
      </button>
      <input id="align-value" aria-label={`Value in ${view.value_unit}`} inputMode="decimal" autocomplete="off" value={entry} onInput={(event) => set_entry(event.currentTarget.value)} />
      <span class="value-unit">{view.value_unit}</span>
      <button type="submit" class="small-key step-key accept ready" id="align-accept" disabled={!panel.live.value}>
        ACCEPT
      </button>
    </form>
  );
}

function SayKey({ says, label, class: look = "", disabled = false }: { says: Says; label: string; class?: string; disabled?: boolean }) {
  return (
    <button
      type="button"
      class={`small-key step-key ${look}`}
      id={`align-${says}`}
      disabled={disabled || !panel.live.value}
      onClick={(event) => {
        say(says, event.timeStamp);
        if (event.detail > 0) {
          event.currentTarget.blur();
        }
      }}
    >
      {label}
    </button>
  );
}

function StepKeys({ now, view }: { now: Running; view: StepView | null }) {
  const asks = view !== null && view.task !== "watch";
  const here = view?.task === "turn" && !view.done;
  return (
    <div class="step-keys" role="group" aria-label="What you say to this step">
      {asks && view.task !== "enter" && (
        <SayKey says="accept" label={view.task === "confirm" ? "DONE, GO ON" : here ? "ACCEPT AS IT IS" : "ACCEPT"} class={`accept ${here ? "" : "ready"}`} />
      )}
      {now.guided && (
        <>
          <SayKey says="skip" label="SKIP" disabled={!asks} />
          <SayKey says="back" label="BACK" disabled={!asks} />
        </>
      )}
      <AskedKey
        id="align-abort"
        class="small-key step-key abort"
        label="ABORT"
        question="End this alignment? What was accepted is kept."
        yes="END IT"
        no="GO ON"
        disabled={!panel.live.value}
        press={(at) => say("abort", at)}
      />
    </div>
  );
}

/** Enter accepts, N skips, B goes back; Space and Esc are STOP, here too. */
function useStepKeys(): void {
  useEffect(() => {
    panel.key_taker = (event) => {
      const view = running.peek()?.view ?? null;
      const key = event.key.toLowerCase();
      if (event.key === "Enter" && takes_enter(event.target)) {
        return false;
      }
      const says = event.key === "Enter" ? "accept" : key === "n" ? "skip" : key === "b" ? "back" : null;
      if (says !== null && view !== null && view.task !== "watch" && !(says === "accept" && view.task === "enter")) {
        say(says, event.timeStamp);
      }
      return says !== null || key === "j" || key === "l"; // the deck belongs to the alignment
    };
    return () => void (panel.key_taker = null);
  }, []);
}

/** Nothing but the readings, for eyes three metres away. */
const large = remembered("large_readings", "off");
function LargeSwitch() {
  const on = large.value === "on";
  return (
    <button
      type="button"
      class={`small-key toggle ${on ? "on" : ""}`}
      id="align-large"
      aria-pressed={on}
      onClick={(event) => {
        large.value = on ? "off" : "on";
        if (event.detail > 0) {
          event.currentTarget.blur();
        }
      }}
    >
      LARGE
    </button>
  );
}

export function StepPage({ now }: { now: Running }) {
  const { view } = now;
  const stale = panel.counter_stale.value;
  const heard = useSlowly(spoken);
  useStepKeys();
  useEffect(stay_awake, []);
  const machine = panel.machine.value;
  const of_readings = view !== null && (view.task === "turn" || view.task === "watch");
  const bare = view === null || view.tracks.length === 0;
  return (
    <div class={`align-step task-${view?.task ?? "none"} ${bare ? "bare" : ""} ${of_readings && large.value === "on" ? "large" : ""}`}>
      <header class="step-head">
        <p class="step-place">
          <b>{now.title}</b>
          <span class="minor">{now.guided ? "guided" : "automatic"}</span>
          {view !== null && view.steps > 0 && (
            <span id="align-place">
              step {view.step + 1} of {view.steps}
              {view.round > 1 ? `, round ${view.round}` : ""}
            </span>
          )}
          {view !== null && view.averaging_s !== null && view.tracks.length > 0 && <span id="align-mean">mean of {Number(view.averaging_s.toPrecision(2))} s</span>}
          <span class="minor">{values.value.length === 1 ? "1 value" : `${values.value.length} values`} accepted</span>
          <span class={`step-motion motion-${machine.current ?? "none"}`}>{stale ? "NOT LIVE" : motion_words(machine)}</span>
        </p>
        <span class="step-switches">
          {of_readings && <LargeSwitch />}
          <ListenSwitch />
        </span>
      </header>
      <div class="step-say">
        <h2 id="align-title">{view === null ? "Getting ready" : view.title}</h2>
        <p class="step-instruction" id="align-instruction">
          {view === null ? (machine.job?.phase ?? "") : view.instruction}
        </p>
        {view !== null && view.note !== "" && (
          <p class="step-note" id="align-note">
            {view.note}
          </p>
        )}
      </div>
      {view?.task === "enter" && <ValueEntry key={view.step_id} view={view} />}
      <div class={`track-cards ${stale ? "stale" : ""}`}>
        {view?.tracks.map((track) => <TrackCard key={`${view.step_id} ${track.channel}`} track={track} view={view} />)}
        <StaleMark show={stale} />
      </div>
      <StepKeys now={now} view={view} />
      <p class="visually-hidden" role="status" aria-live="polite" id="align-spoken">
        {stale ? "No live readings" : heard}
      </p>
    </div>
  );
}
