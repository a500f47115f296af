// SPDX-License-Identifier: Apache-2.0
// The key that opens a plan's file, and above the plan what came of it.
import { useEffect, useRef } from "preact/hooks";
import { panel } from "../state/panel";
import type { Draft } from "./draft";
import { close_notice, open_plan, open_problem, opened, take, waiting } from "./open_desk";
import { more_words, without_more } from "./opened";
import { change } from "./plan_desk";

export function OpenKey() {
  const choose = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class="small-key" id="open-plan" disabled={!panel.live.value} onClick={() => choose.current?.click()}>
        OPEN A PLAN
      </button>
      <input
        ref={choose}
        id="plan-file"
        class="visually-hidden"
        type="file"
        accept=".toml,application/toml,text/plain"
        tabIndex={-1}
        aria-label="File of a reel plan"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file !== undefined) {
            void open_plan(file);
          }
          event.currentTarget.value = "";
        }}
      />
    </>
  );
}

const lines = (text: string) => text.split("\n").map((line) => <span key={line}>{line}</span>);

export function OpenNotice() {
  const at = useRef<HTMLElement>(null);
  const [asks, done, problem] = [waiting.value, opened.value, open_problem.value];
  useEffect(() => {
    at.current?.scrollIntoView?.({ block: "nearest" });
  }, [asks, done, problem]);
  if (asks === null && done === null && problem === null) {
    return null;
  }
  const against = asks?.against || done?.against || "";
  return (
    <section class="card open-notice" aria-label="The plan that was opened" id="open-notice" ref={at}>
      {problem !== null && (
        <p class="finding finding-fail" role="alert">
          <b>Not opened.</b> <span class="lines">{lines(problem)}</span> The plan below is as it was.
        </p>
      )}
      {asks !== null && (
        <p>
          <b>{asks.name}</b> is a plan of {asks.draft.sides.reduce((sum, side) => sum + side.tracks.length, 0)} tracks. Shall it take the place of the one below?
        </p>
      )}
      {done !== null && (
        <p role="status">
          <b>{done.name}</b> is open.
        </p>
      )}
      {against !== "" && (
        <p class="finding finding-warn">
          <b>The machine has something against it:</b> <span class="lines">{lines(against)}</span>
        </p>
      )}
      <p class="end-keys">
        {asks !== null && (
          <button type="button" class="small-key" id="open-yes" onClick={() => take(asks)}>
            YES, OPEN IT
          </button>
        )}
        <button type="button" class="small-key" id="open-no" onClick={close_notice}>
          {asks !== null ? "NO, KEEP THIS ONE" : "CLEAR"}
        </button>
      </p>
    </section>
  );
}

/** What an opened plan says that this page has no field for. */
export function MoreCard({ draft }: { draft: Draft }) {
  const words = more_words(draft);
  return words.length === 0 ? null : (
    <section class="card" aria-label="Also in this plan" id="plan-more">
      <h2>Also in this plan</h2>
      <p class="align-hint">No field of this page is for it. It is checked, printed and saved as it stands.</p>
      <ul class="more-lines">
        {words.map((each) => (
          <li key={each}>
            <code>{each}</code>
          </li>
        ))}
      </ul>
      <p class="end-keys">
        <button type="button" class="small-key" onClick={() => change(without_more)}>
          LEAVE IT OUT
        </button>
      </p>
    </section>
  );
}
