// SPDX-License-Identifier: Apache-2.0
// Source against tape by ear: the switch of the monitor outputs, and the same in this browser where the machine allows it.
import { useEffect } from "preact/hooks";
import { panel } from "../state/panel";
import { ask_listening, hear, hearing, hush, listen_to, listening, listening_problem, stream, type Hearing } from "./listen_desk";
import { match_words, monitor_words, nobody_can, type Listening, type Stream, type What } from "./listening";
import "../style/listen.css";

const ASK_EVERY_MS = 2000;
const WHATS: [What, string][] = [["off", "OFF"], ["source", "SOURCE"], ["tape", "TAPE"]]; // prettier-ignore
const STREAMS: [Stream, string][] = [["ab", "AS ABOVE"], ["source", "SOURCE"], ["tape", "TAPE"]]; // prettier-ignore
const FLAGS = ["dim", "mono", "mute"] as const;
const HEARING: Record<Hearing, string> = {
  off: "Some seconds late: for following from the next room, not for switching by ear.",
  begins: "Waits for sound ...",
  plays: "Plays here, some seconds late.",
  failed: "The sound ended or can't be played: the connection is lost, as many listen as may, or this browser plays no FLAC.",
};

interface KeyProps {
  id: string;
  label: string;
  on: boolean;
  disabled: boolean;
  press: (pressed_ms: number) => void;
}
function ListenKey({ id, label, on, disabled, press }: KeyProps) {
  return (
    <button
      type="button"
      class={`choice ${on ? "chosen" : ""}`}
      id={id}
      aria-pressed={on}
      disabled={disabled}
      onClick={(event) => {
        press(event.timeStamp);
        if (event.detail > 0) {
          event.currentTarget.blur(); // Space is STOP again
        }
      }}
    >
      {label}
    </button>
  );
}

function Here() {
  const now = hearing.value;
  const on = now !== "off" && now !== "failed";
  return (
    <div class="listen-part">
      <p class="listen-name" id="listen-here-name">
        In this browser
      </p>
      <div class="listen-row" role="group" aria-labelledby="listen-here-name">
        <ListenKey id="hear-off" label="OFF" on={!on} disabled={false} press={hush} />
        {STREAMS.map(([what, label]) => (
          <ListenKey key={what} id={`hear-${what}`} label={label} on={on && stream.value === what} disabled={!panel.live.value} press={() => hear(what)} />
        ))}
      </div>
      <p class={now === "failed" ? "listen-trouble" : "listen-hint"} id="hearing" role="status">
        {HEARING[now]}
      </p>
    </div>
  );
}

function Switches({ now }: { now: Listening }) {
  const live = panel.live.value;
  return (
    <div class="listen-parts">
      <div class="listen-part">
        <div class="listen-row listen-ab" role="group" aria-label="What is heard">
          {WHATS.map(([what, label]) => (
            <ListenKey key={what} id={`listen-${what}`} label={label} on={now.what === what} disabled={!live} press={(at) => void listen_to({ what }, at)} />
          ))}
        </div>
        <div class="listen-row" role="group" aria-label="How it is heard">
          {FLAGS.map((flag) => (
            <ListenKey key={flag} id={`listen-${flag}`} label={flag.toUpperCase()} on={now[flag]} disabled={!live} press={(at) => void listen_to({ [flag]: !now[flag] }, at)} />
          ))}
        </div>
        <p class="listen-hint" id="listen-match">
          {match_words(now)} {monitor_words(now)}
        </p>
        {now.what === "source" && panel.machine.value.job?.name === "verify" && <p class="listen-hint">Nothing is sent while a reel is only played: the source is silent.</p>}
      </div>
      {now.browser === null ? <p class="listen-hint">Browsers get no sound (listening.browser).</p> : <Here />}
    </div>
  );
}

export default function ListenCard() {
  const live = panel.live.value;
  useEffect(() => {
    if (!live) {
      return;
    }
    void ask_listening();
    const timer = setInterval(() => !document.hidden && void ask_listening(), ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [live]);
  const now = listening.value;
  return (
    <section class="listen" aria-label="Listen: source against tape" id="listen">
      <h2>Listen</h2>
      {now === null ? (
        <p class="listen-hint">{listening_problem.value ?? "Asking the machine ..."}</p>
      ) : nobody_can(now) ? (
        <p class="listen-hint" id="listen-nobody">
          Source and tape can be heard one against the other, matched in level and time, once the machine knows where: on a second pair of the card's outputs (audio.monitor_channels), in browsers (listening.browser), or both.
        </p>
      ) : (
        <Switches now={now} />
      )}
    </section>
  );
}
