// SPDX-License-Identifier: Apache-2.0
// A record as a file, as the machine writes it: the page that is filed with the tape, a table, or the record itself.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { panel } from "../state/panel";
import { save_file } from "../ui/save_file";
import { ask_document, problem, type Form } from "./desk";

const FORMS: [Form, string][] = [
  ["pdf", "PDF"],
  ["csv", "CSV"],
  ["json", "JSON"],
];

/** `against`: the earlier alignment that the page compares it with. */
export function Downloads({ uuid, against, children }: { uuid: string; against?: string; children?: ComponentChildren }) {
  const [waits, set_waits] = useState<Form | null>(null);
  const fetch_it = async (form: Form) => {
    set_waits(form);
    const told = await ask_document(uuid, form, against);
    set_waits(null);
    if (told === null) {
      panel.explain(problem.peek() ?? "The record could not be told.");
    } else {
      save_file(told.name, told.type, told.bytes);
    }
  };
  return (
    <p class="end-keys">
      {FORMS.map(([form, label]) => (
        <button key={form} type="button" class="small-key" data-form={form} disabled={!panel.live.value || waits !== null} onClick={() => void fetch_it(form)}>
          {waits === form ? `${label} ...` : against === undefined || form !== "pdf" ? label : "PDF OF BOTH"}
        </button>
      ))}
      {children}
    </p>
  );
}
