// SPDX-License-Identifier: Apache-2.0
// How an alignment ended: verdict, reason, what was accepted, and where the record is.
import { reason_in_words } from "../state/reasons";
import { panel } from "../state/panel";
import type { Running } from "./alignment";
import { ended, stored, values } from "./desk";
import { Downloads } from "./download";
import { ValuesTable } from "./values_table";
import { verdict_text } from "./words";

export function EndPage({ last }: { last: Running }) {
  const told = panel.machine.value.last_job;
  const end = told !== null && told.id === last.job ? told : null;
  const kept = values.value;
  // a daemon that was gone for a while tells no end; its records do
  const verdict = end?.verdict ?? stored.value?.find((each) => each.uuid === last.record)?.verdict ?? null;
  return (
    <section class="align-end" aria-label="How it ended" id="align-end">
      <div class={`verdict verdict-${verdict ?? "none"}`}>
        <div class="verdict-word" id="align-verdict">
          {verdict === null ? "ENDED" : verdict_text(verdict)}
        </div>
        <div class="verdict-text">
          <p class="verdict-reason">
            <b>{last.title}</b>
            {end?.reason == null ? (verdict === "not_judged" ? ": nothing in it had a limit" : "") : `: ${reason_in_words(end.reason)}`}
          </p>
          <p class="verdict-report">
            Record <code>{last.record}</code>
          </p>
        </div>
      </div>
      {kept.length > 0 ? <ValuesTable values={kept} name={`Values of this ${last.title}`} procedure={last.procedure} /> : <p class="align-nothing">No value was accepted.</p>}
      <Downloads uuid={last.record}>
        <button type="button" class="small-key" id="align-another" onClick={() => (ended.value = null)}>
          BEGIN ANOTHER
        </button>
      </Downloads>
    </section>
  );
}
