// SPDX-License-Identifier: Apache-2.0
// What is wrong, in words, and what to do about it; and the one line that tells a screen reader of changes of state.
import { panel } from "../state/panel";
import { AskedKey } from "./asked_key";
import { motion_words } from "./counter";

export function Banners() {
  const { fault, card, job, tape_out, last_job, link_problem, log_problem, arm_held, concerns } = panel.machine.value;
  const stop = panel.stop_state.value;
  const phase = panel.phase.value;
  return (
    <div class="banners">
      {stop === "unconfirmed" && (
        <p class="banner banner-danger" role="alert">
          <b>STOP was not confirmed.</b> The machine has not answered. Use the deck's own STOP now.
        </p>
      )}
      {stop === "not_paired" && (
        <p class="banner banner-danger" role="alert">
          <b>STOP was refused:</b> this browser is not paired. Use the deck's own STOP.
        </p>
      )}
      {phase === "unreachable" && (
        <p class="banner banner-warning" role="alert">
          <b>Machine unreachable.</b> Trying again every second. Nothing shown here is live; the deck goes on as it was.
        </p>
      )}
      {fault !== null && (
        <div class="banner banner-danger" role="alert" id="fault">
          <span>
            <b>Fault.</b> {fault}
          </span>
          <button type="button" class="small-key" disabled={!panel.live.value} onClick={(event) => panel.clear_fault(event.timeStamp)}>
            CLEAR FAULT
          </button>
        </div>
      )}
      {job?.gate && panel.view.value !== "print" && (
        <p class="banner banner-warning" role="alert" id="gate-banner">
          <b>The {job.name} waits for you:</b> {job.gate} <a href="#print">Show</a>
        </p>
      )}
      {link_problem !== null && (
        <p class="banner banner-danger" role="alert" id="link-problem">
          <b>The deck does not answer.</b> {link_problem}. Only STOP is accepted until it has told what it does.
        </p>
      )}
      {card.lost && (
        <p class="banner banner-danger" role="alert">
          <b>Sound card lost.</b> {card.problem ?? "It is opened again when it returns; nothing resumes by itself."}
        </p>
      )}
      {tape_out && fault === null && (
        <p class="banner banner-warning" role="alert">
          <b>Tape out.</b> Thread the tape.
        </p>
      )}
      {log_problem !== null && (
        <p class="banner banner-warning" role="alert">
          <b>The logbook is not being written:</b> {log_problem}
        </p>
      )}
      {concerns.map(({ subject, fail, words }) => (
        <p key={subject} class={`banner concern ${fail ? "banner-danger" : "banner-warning"}`} role="alert">
          <b>{fail ? "Bias alarm." : "Bias warning."}</b> {words} <a href="#bias">Show</a>
        </p>
      ))}
      {arm_held !== null && (
        <div class="banner banner-warning" role="alert" id="arm-held">
          <span>
            <b>Record is held off:</b> {arm_held}
          </span>
          <AskedKey
            id="key-tape-changed"
            label="TAPE CHANGED"
            question="Is the calibration tape off the deck, and another tape on it?"
            yes="YES, IT IS OFF"
            disabled={!panel.live.value}
            press={(at) => void panel.tape_changed(at)}
          />
        </div>
      )}
      {panel.other_version.value && (
        <p class="banner banner-warning" role="alert">
          <b>The daemon was updated.</b> Reload this page to get its panel.
        </p>
      )}
      <p class="visually-hidden" role="status" id="spoken-state">
        {panel.counter_stale.value ? "No live data" : motion_words(panel.machine.value)}
        {last_job === null ? "" : `. Last ${last_job.name}: ${last_job.verdict}`}
      </p>
    </div>
  );
}

/** The machine's answer to the last key, when it was not a plain yes. */
export function MessageLine() {
  const message = panel.message.value;
  return (
    <p class={`message-line ${message === null ? "" : `message-${message.kind}`}`} role="status" id="message">
      {message?.text ?? ""}
    </p>
  );
}
