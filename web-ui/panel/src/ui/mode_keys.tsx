// SPDX-License-Identifier: Apache-2.0
// What the deck can beyond its keys: shuttle, speed, record ready; and, folded away on a phone, edit mode, lifters,
// threading, the patch and the reels. A key is there only when the deck offers it.
import type { ComponentChildren } from "preact";
import type { Machine } from "../state/machine";
import { panel } from "../state/panel";
import { ModeKey } from "./mode_key";
import { ReelReadings } from "./reel_readings";
import { Shuttle } from "./shuttle";

const ROUTES: Record<string, [label: string, name: string]> = {
  source: ["SOURCE", "SOURCE: the outside source feeds the deck"],
  oscillator: ["OSC", "OSC: the test oscillator feeds the deck"],
  tape_return: ["TAPE", "TAPE return: the monitors hear the tape"],
  mute: ["MUTE", "MUTE: the monitors are silent"],
  mono: ["MONO", "MONO: the monitors are mono"],
};

function Group(props: { name: string; id: string; role?: "group" | "radiogroup"; children: ComponentChildren }) {
  return (
    <div class="mode-group" role={props.role ?? "group"} aria-labelledby={`${props.id}-name`} id={props.id}>
      <span class="mode-name" id={`${props.id}-name`}>
        {props.name}
      </span>
      <div class="mode-group-keys">{props.children}</div>
    </div>
  );
}

function Speeds({ machine }: { machine: Machine }) {
  const { speeds_ips } = machine.offers;
  return speeds_ips.length === 0 ? null : (
    <Group name="SPEED, ips" id="speeds" role="radiogroup">
      {[...speeds_ips].sort((one, other) => one - other).map((ips) => (
        <ModeKey
          key={ips}
          id={`key-speed-${ips}`}
          name={`${ips} inches a second`}
          mode="speed"
          checked={Math.abs(machine.play_speed_ips - ips) < 0.01}
          press={(at) => panel.select_speed(ips, at)}
        >
          {ips}
        </ModeKey>
      ))}
    </Group>
  );
}

/** No deck tells it: what stands here is what was set from here, by whoever. */
function ReadyTracks({ machine }: { machine: Machine }) {
  const tracks = machine.offers.ready_tracks;
  return tracks === 0 ? null : (
    <Group name="RECORD READY, as set" id="ready-tracks">
      {Array.from({ length: tracks }, (_, index) => {
        const track = index + 1;
        const ready = machine.ready_tracks.includes(track);
        return (
          <ModeKey
            key={track}
            id={`key-ready-${track}`}
            name={`${track} ${ready ? "READY" : "SAFE"}: track ${track} for record`}
            mode="ready"
            class="small-key toggle ready-key"
            on={ready}
            press={(at) => panel.set("ready", { track, on: !ready }, at)}
          >
            <b>{track}</b> <span class="ready-word">{ready ? "READY" : "SAFE"}</span>
          </ModeKey>
        );
      })}
    </Group>
  );
}

function DeckModes({ machine }: { machine: Machine }) {
  const { edit, lifter_defeat, thread } = machine.offers;
  return !edit && !lifter_defeat && !thread ? null : (
    <Group name="DECK" id="deck-modes">
      {edit && (
        <ModeKey id="key-edit" name="EDIT: the reels move by hand" mode="edit" on={machine.current === "Editing"} press={(at) => panel.edit(at)}>
          EDIT
        </ModeKey>
      )}
      {lifter_defeat && (
        <ModeKey
          id="key-lifters"
          name="LIFTERS OFF: the tape lies on the heads"
          mode="lifters"
          on={machine.lifters_defeated}
          press={(at) => panel.set("defeat_lifters", { on: !machine.lifters_defeated }, at)}
        >
          LIFTERS OFF
        </ModeKey>
      )}
      {thread && (
        <ModeKey id="key-thread" name="THREAD: low tension for threading" mode="thread" on={machine.threading} press={(at) => panel.set("thread", { on: !machine.threading }, at)}>
          THREAD
        </ModeKey>
      )}
    </Group>
  );
}

function Patch({ machine }: { machine: Machine }) {
  const { offers, routes } = machine;
  return offers.routes.length === 0 ? null : (
    <Group name={routes.muted_by_cue ? "PATCH: muted, the cue is loud" : "PATCH"} id="patch">
      {offers.routes.map((route) => {
        const on = routes.on.includes(route);
        const [label, name] = ROUTES[route] ?? [route.toUpperCase(), route];
        return (
          <ModeKey
            key={route}
            id={`key-route-${route}`}
            name={name}
            mode="route"
            on={on}
            class={`small-key toggle route-key ${route === "mute" && routes.muted_by_cue ? "by-cue" : ""}`}
            press={(at) => panel.set("route", { name: route, on: !on }, at)}
          >
            {label}
          </ModeKey>
        );
      })}
    </Group>
  );
}

export function ModeKeys() {
  const machine = panel.machine.value;
  const open = panel.machine_keys_open.value;
  return (
    <section class="modes" aria-label="What the deck can besides">
      <Shuttle />
      <Speeds machine={machine} />
      <ReadyTracks machine={machine} />
      <button type="button" class="small-key fold-key" id="key-machine" aria-expanded={open} aria-controls="machine-keys" onClick={() => (panel.machine_keys_open.value = !open)}>
        MACHINE <span aria-hidden="true">{open ? "\u25b4" : "\u25be"}</span>
      </button>
      <div class="machine-keys" id="machine-keys" hidden={!open}>
        {open && (
          <>
            <DeckModes machine={machine} />
            <Patch machine={machine} />
            <ReelReadings />
          </>
        )}
      </div>
    </section>
  );
}
