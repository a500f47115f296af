// SPDX-License-Identifier: Apache-2.0
// The keys of the keyboard. It lies over the instruments but never over STOP.
import { useEffect, useRef } from "preact/hooks";
import { panel } from "../state/panel";
import "../style/help.css";

const KEYS: [string, string][] = [
  ["Space, Esc", "STOP; Space is a letter in a title while the tape stands still"],
  ["Enter", "play"],
  ["J", "rewind"],
  ["L", "fast forward"],
  ["Arrow keys", "on SHUTTLE: the tape runs while one is held"],
  ["Enter, N, B", "during an alignment: accept, skip, back"],
  ["Up, Down", "on the handle of a track: its place in the plan"],
  ["Tab, Enter", "go to a key and press it; hold Enter on ARM and PRINT"],
  ["?", "this list"],
];

export default function Help() {
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => close.current?.focus(), []);
  return (
    <div class="help" role="dialog" aria-label="Keys">
      <h2>Keys</h2>
      <dl>
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p>A lamp that blinks was asked for; a lamp that is lit is what the deck says. The deck goes on when this page is closed.</p>
      <p>STOP here is sent by software. It is not an emergency stop: a real machine needs a hard-wired one.</p>
      <button type="button" class="small-key" ref={close} onClick={() => (panel.help.value = false)}>
        CLOSE
      </button>
    </div>
  );
}
