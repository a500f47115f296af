// SPDX-License-Identifier: Apache-2.0
// Earlier prints, newest first; one that was broken off is marked.
import { verdict_text, when_text } from "../align/words";
import { problem, sessions, show_session } from "./print_desk";
import { tracks_words } from "./session";

const MOST_SHOWN = 100;

export function SessionsPage() {
  const all = sessions.value;
  if (all === null) {
    return <p class="align-nothing">{problem.value ?? "Asking the machine ..."}</p>;
  }
  return all.length === 0 ? (
    <p class="align-nothing">Nothing was printed yet.</p>
  ) : (
    <ul class="entries sessions" id="sessions">
      {all.slice(0, MOST_SHOWN).map((each) => (
        <li key={each.id}>
          <span class="entry-name">
            <b>{each.title || "Print"}</b>
            <span>
              {when_text(each.made_utc)}, {tracks_words(each)}
              {each.goes_on_at === "" ? "" : `; goes on at ${each.goes_on_at}`}
            </span>
          </span>
          <span class={`verdict-mark verdict-mark-${each.verdict}`}>{verdict_text(each.verdict)}</span>
          <button type="button" class="small-key" onClick={() => void show_session(each.id)}>
            {each.goes_on_at === "" ? "SHOW" : "SHOW, RESUME"}
          </button>
        </li>
      ))}
    </ul>
  );
}
