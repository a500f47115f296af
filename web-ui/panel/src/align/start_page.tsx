// SPDX-License-Identifier: Apache-2.0
// What can be begun: each procedure with what it does and needs, and why it can't begin now.
import { useEffect, useState } from "preact/hooks";
import { panel } from "../state/panel";
import type { Offer, Procedure } from "./alignment";
import { ask_offer, begin, offer, problem, type Begin } from "./desk";
import { when_text } from "./words";

function ProcedureCard({ procedure, chosen, choose }: { procedure: Procedure; chosen: boolean; choose: () => void }) {
  const ways = [procedure.guided ? "guided" : "", procedure.automatic ? "automatic" : ""].filter((word) => word !== "");
  return (
    <label class={`procedure ${chosen ? "chosen" : ""} ${procedure.obstacle === "" ? "" : "hindered"}`}>
      <input type="radio" name="procedure" value={procedure.name} checked={chosen} onChange={choose} />
      <span class="procedure-text">
        <b>{procedure.title}</b>
        <span class="procedure-does">{procedure.does}</span>
        {procedure.needs.length > 0 && <span class="procedure-needs">Needs: {procedure.needs.join(", ")}.</span>}
        {procedure.obstacle !== "" && <span class="procedure-obstacle">Not now: {procedure.obstacle}</span>}
        <span class="procedure-ways">{ways.length === 0 ? "not on this deck" : ways.join(" or ")}</span>
      </span>
    </label>
  );
}

/** A field whose empty text is what the configuration says. */
function Field({ id, label, value, other, set }: { id: string; label: string; value: string; other: string; set: (text: string) => void }) {
  return (
    <label class="field">
      <span>{label}</span>
      <input id={id} autocomplete="off" autocapitalize="off" spellcheck={false} placeholder={other} value={value} onInput={(event) => set(event.currentTarget.value)} />
    </label>
  );
}

const filled = <Name extends string>(name: Name, value: string): { [key in Name]?: string } => (value.trim() === "" ? {} : ({ [name]: value.trim() } as { [key in Name]?: string }));

function Form({ told }: { told: Offer }) {
  const [chosen, choose] = useState(() => told.procedures.find((each) => each.obstacle === "")?.name ?? told.procedures[0]?.name ?? "");
  const [guided, set_guided] = useState(false);
  const [stock, set_stock] = useState("");
  const [batch, set_batch] = useState("");
  const [operator, set_operator] = useState("");
  const [tape, set_tape] = useState("");
  const [anew, set_anew] = useState(false);
  const [print_through, set_print_through] = useState(false);
  const procedure = told.procedures.find((each) => each.name === chosen);
  if (procedure === undefined) {
    return <p class="align-nothing">This deck has no alignment procedures.</p>;
  }
  const by_hand = procedure.guided && (!procedure.automatic || guided);
  const plays_tape = procedure.needs.some((need) => /calibration tape/i.test(need));
  const warning = told.tapes.find((each) => each.id === tape)?.warning ?? "";
  return (
    <form
      class="align-form"
      onSubmit={(event) => {
        event.preventDefault();
        const what: Begin = {
          procedure: procedure.name,
          guided: by_hand,
          ...filled("stock", stock),
          ...filled("batch", batch),
          ...filled("operator", operator),
          ...(plays_tape ? filled("calibration_tape", tape) : {}),
          ...(procedure.name === "proof" && print_through ? { print_through: true } : {}),
          ...(procedure.unfinished !== null && anew ? { anew: true } : {}),
        };
        void begin(what, event.timeStamp);
      }}
    >
      <fieldset class="procedures">
        <legend>What is to be aligned</legend>
        {told.procedures.map((each) => (
          <ProcedureCard key={each.name} procedure={each} chosen={each.name === chosen} choose={() => choose(each.name)} />
        ))}
      </fieldset>
      <div class="align-choices">
        <div class="ways" role="group" aria-label="Who turns">
          <button type="button" class={`choice ${by_hand ? "chosen" : ""}`} id="align-guided" aria-pressed={by_hand} disabled={!procedure.guided} onClick={() => set_guided(true)}>
            GUIDED
          </button>
          <button type="button" class={`choice ${by_hand ? "" : "chosen"}`} id="align-automatic" aria-pressed={!by_hand} disabled={!procedure.automatic} onClick={() => set_guided(false)}>
            AUTOMATIC
          </button>
        </div>
        <p class="align-hint">{by_hand ? "You turn; the readings are shown here." : "The deck is set by its converters; nothing is to be turned."}</p>
        {plays_tape && (
          <label class="field">
            <span>Calibration tape</span>
            <select id="align-tape" value={tape} onChange={(event) => set_tape(event.currentTarget.value)}>
              <option value="">{told.tapes.length === 0 ? "none is known" : "as the machine finds it"}</option>
              {told.tapes.map((each) => (
                <option key={each.id} value={each.id}>
                  {each.words}
                </option>
              ))}
            </select>
          </label>
        )}
        {warning !== "" && plays_tape && <p class="step-note">{warning}</p>}
        <div class="fields">
          <Field id="align-stock" label="Tape stock" value={stock} other={told.stock || "id of its profile"} set={set_stock} />
          <Field id="align-batch" label="Batch" value={batch} other={told.batch || "as on the box"} set={set_batch} />
          <Field id="align-operator" label="Operator" value={operator} other={told.operator || "who turns"} set={set_operator} />
        </div>
        <p class="align-hint">Space is STOP, in these fields too: write a dot instead.</p>
        {procedure.name === "proof" && (
          <label class="tick">
            <input type="checkbox" id="align-print-through" checked={print_through} onChange={(event) => set_print_through(event.currentTarget.checked)} />
            <span>Print-through as well: it takes some minutes longer.</span>
          </label>
        )}
        {procedure.unfinished !== null && (
          <label class="tick">
            <input type="checkbox" id="align-anew" checked={anew} onChange={(event) => set_anew(event.currentTarget.checked)} />
            <span>
              From the first step. Otherwise it goes on with the one of {when_text(procedure.unfinished.begun_at)}, broken off after {procedure.unfinished.steps} values.
            </span>
          </label>
        )}
        <button type="submit" class="small-key begin-key" id="align-begin" disabled={!panel.live.value || (!procedure.guided && !procedure.automatic)}>
          BEGIN {procedure.title.toUpperCase()}
        </button>
      </div>
    </form>
  );
}

export function StartPage() {
  const live = panel.live.value;
  const { job, current } = panel.machine.value;
  useEffect(() => {
    if (live) {
      void ask_offer();
    }
  }, [live, job === null, current === "Stopped"]); // what stands in the way may have gone
  return (
    <section class="align-start" aria-label="Begin an alignment">
      {offer.value !== null ? <Form told={offer.value} /> : <p class="align-nothing">{problem.value ?? "Asking the machine ..."}</p>}
    </section>
  );
}
