// SPDX-License-Identifier: Apache-2.0
// One value over all alignments of the same heads, speed, equalisation, tape and batch.
import { useEffect, useState } from "preact/hooks";
import { Plot } from "../ui/plot";
import { last_values, type AlignmentRecord, type Stored, type Value } from "./alignment";
import { ask_record } from "./desk";
import { PlotKey } from "./response";
import { is_sweep, step_name } from "./step_words";
import { track_name, unit_text, when_text } from "./words";

const MOST_IN_A_PLOT = 24;

function limits_of({ target, tolerance, bound }: Value): number[] {
  return target === null || tolerance === null ? [] : [...(bound === "at_most" ? [] : [target - tolerance]), ...(bound === "at_least" ? [] : [target + tolerance])];
}

/** One step of every alignment like `of`, oldest first. */
export function Drift({ of, all }: { of: Stored; all: Stored[] }) {
  const [records, set_records] = useState<AlignmentRecord[]>([]);
  const [step, set_step] = useState("");
  const alike = all.filter((each) => each.key.same === of.key.same && each.procedure === of.procedure).slice(0, MOST_IN_A_PLOT);
  useEffect(() => {
    let wanted = true;
    void (async () => {
      const told: AlignmentRecord[] = [];
      for (const each of [...alike].reverse()) {
        const record = await ask_record(each.uuid);
        if (!wanted) {
          return;
        }
        if (record !== null) {
          told.push(record);
        }
      }
      set_records(told);
    })();
    return () => void (wanted = false);
  }, [of.uuid, all]);
  const steps = [...new Set(records.flatMap((record) => record.values.map((value) => value.id)))].filter((id) => !is_sweep(id));
  const shown = steps.includes(step) ? step : (steps[0] ?? "");
  const values = records.flatMap((record) =>
    last_values(record.values)
      .filter((value) => value.id === shown && value.reading !== null)
      .map((value) => ({ ...value, at: new Date(record.begun_at).getTime() })),
  );
  if (alike.length < 2 || values.length === 0) {
    return <p class="align-hint">A drift is shown when this procedure has been done more than once with the same heads, speed, equalisation, tape and batch.</p>;
  }
  const channels = [...new Set(values.map((value) => value.channel))].sort((a, b) => a - b);
  const newest = values.at(-1);
  const unit = newest?.unit ?? "";
  const limits = newest === undefined ? [] : limits_of(newest);
  const names = channels.map((channel) => track_name(channel, unit));
  const points_of = (channel: number) => values.filter((value) => value.channel === channel).map((value): [number, number] => [value.at, value.reading ?? 0]);
  return (
    <div class="drift">
      <label class="field">
        <span>Over time</span>
        <select id="align-drift-step" value={shown} onChange={(event) => set_step(event.currentTarget.value)}>
          {steps.map((each) => (
            <option key={each} value={each}>
              {step_name(each, of.procedure)}
            </option>
          ))}
        </select>
      </label>
      <Plot
        name={`${step_name(shown, of.procedure)} over ${records.length} alignments, ${names.join(" and ")}`}
        lines={channels.map((channel, index) => ({ name: names[index] ?? "", points: points_of(channel) }))}
        limits={limits}
        unit={unit_text(unit)}
        x_text={(at) => when_text(new Date(at).toISOString())}
        zero={false}
      />
      <PlotKey names={names} more={limits.length > 0 ? "dashed: limit" : ""} />
    </div>
  );
}
