// SPDX-License-Identifier: Apache-2.0
// How an alignment ended: verdict, reason, what was accepted, and where the record is.
import { reason_in_words } from "../state/reasons";
import { panel } from "../state/panel";
import type { Running } from "./alignment";
import { ended, values } from "./desk";
import { Download } from "./download";
import { ValuesTable } from "./values_table";
import { verdict_text } from "./words";

export function EndPage({ last }: { last: Running }) {
  const told = panel.machine.value.last_job;
  const end = told !== null && told.id === last.job ? told : null;
  const kept = values.value;
  return (
    <section class="align-end" aria-label="How it ended" id="align-end">
      <div class={`verdict verdict-${end?.verdict ?? "none"}`}>
        <div class="verdict-word" id="align-verdict">
          {end === null ? "ENDED" : verdict_text(end.verdict)}
        </div>
        <div class="verdict-text">
          <p class="verdict-reason">
            <b>{last.title}</b>
            {end?.reason == null ? "" : `: ${reason_in_words(end.reason)}`}
          </p>
          <p class="verdict-report">
            Record <code>{last.record}</code>
          </p>
        </div>
      </div>
      {kept.length > 0 ? <ValuesTable values={kept} name={`Values of this ${last.title}`} /> : <p class="align-nothing">No value was accepted.</p>}
      <p class="end-keys">
        <Download uuid={last.record} label="RECORD AS JSON" />
        <button type="button" class="small-key" id="align-another" onClick={() => (ended.value = null)}>
          BEGIN ANOTHER
        </button>
      </p>
    </section>
  );
}
