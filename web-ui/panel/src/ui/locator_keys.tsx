// SPDX-License-Identifier: Apache-2.0
// Places on the tape: zero, ten cue points, mark in and out; what is done between the marks. A key goes there; after SET it
// takes the place where the tape is.
import { counter_text } from "../state/format";
import type { Machine } from "../state/machine";
import { panel } from "../state/panel";
import { counting_speed_ips } from "./counter";

function place_text(machine: Machine, tape_m: number | null): string {
  if (tape_m === null) {
    return "\u2013:\u2013\u2013:\u2013\u2013";
  }
  const counter = counter_text(tape_m, counting_speed_ips(machine));
  return counter === null ? `${tape_m.toFixed(1)} m` : `${counter.negative ? "\u2212" : ""}${counter.digits.split(".")[0]}`;
}

function PlaceKey(props: { id: string; label: string; name: string; place: string; set: boolean; press: (pressed_ms: number) => void }) {
  const setting = panel.setting_cue.value;
  return (
    <button
      type="button"
      id={props.id}
      class={`place-key ${props.set ? "set" : ""} ${setting ? "setting" : ""}`}
      aria-label={`${props.label} ${props.place}: ${setting ? "set" : "go to"} ${props.name}`}
      disabled={!panel.live.value || (!props.set && !setting)}
      onClick={(event) => props.press(event.timeStamp)}
    >
      <span class="place-key-label">{props.label}</span>{" "}
      <span class="place-key-place">{props.place}</span>
    </button>
  );
}

function Toggle(props: { id: string; on: boolean; label: string; press: () => void }) {
  return (
    <button type="button" id={props.id} class={`small-key toggle ${props.on ? "on" : ""}`} aria-pressed={props.on} disabled={!panel.live.value} onClick={props.press}>
      {props.label}
    </button>
  );
}

export function LocatorKeys() {
  const machine = panel.machine.value;
  const { locator } = machine;
  const marks = locator.mark_in_m !== null && locator.mark_out_m !== null;
  const between = (method: "repeat" | "rehearse" | "punch", label: string, name: string) => (
    <button
      type="button"
      id={`key-${method}`}
      class={`small-key ${method === "punch" ? "punch" : ""}`}
      aria-label={name}
      disabled={!panel.live.value || !marks}
      onClick={(event) => panel.between_marks(method, event.timeStamp)}
    >
      {label}
    </button>
  );
  return (
    <section class="locator" aria-label="Places on the tape">
      <div class="place-keys">
        <PlaceKey id="key-rtz" label="RTZ" name="zero" place="0:00:00" set={true} press={(at) => panel.return_to_zero(at)} />
        {Array.from({ length: 10 }, (_, number) => {
          const cue = locator.cues.find((each) => each.cue === number);
          const label = cue !== undefined && cue.name !== "" ? `${number} ${cue.name}` : String(number);
          return (
            <PlaceKey
              key={number}
              id={`key-cue-${number}`}
              label={label}
              name={`cue point ${number}`}
              place={place_text(machine, cue?.tape_m ?? null)}
              set={cue !== undefined}
              press={(at) => panel.cue(number, at)}
            />
          );
        })}
        <PlaceKey id="key-mark-in" label="IN" name="mark in" place={place_text(machine, locator.mark_in_m)} set={locator.mark_in_m !== null} press={(at) => panel.mark("in", at)} />
        <PlaceKey id="key-mark-out" label="OUT" name="mark out" place={place_text(machine, locator.mark_out_m)} set={locator.mark_out_m !== null} press={(at) => panel.mark("out", at)} />
      </div>
      <div class="locator-keys">
        <Toggle id="key-set" on={panel.setting_cue.value} label="SET" press={() => (panel.setting_cue.value = !panel.setting_cue.value)} />
        <Toggle id="key-auto-play" on={panel.auto_play.value} label="AUTO PLAY" press={() => (panel.auto_play.value = !panel.auto_play.value)} />
        {between("repeat", "REPEAT", "Repeat between the marks")}
        {between("rehearse", "REHEARSE", "Rehearse: play past the marks without recording")}
        {between("punch", "PUNCH", "Punch: go to before mark in and wait there for arm")}
        <p class={`locator-text ${locator.stage === "idle" ? "" : "busy"}`} id="locator-text" role="status">
          {locator.text ?? (panel.setting_cue.value ? "Press the cue point or mark that takes the place of the tape." : "")}
        </p>
      </div>
    </section>
  );
}
