// SPDX-License-Identifier: Apache-2.0
// Earlier alignments: what is stored; one in full, or two beside each other; and one value over time.
import { useEffect, useState } from "preact/hooks";
import { Plot } from "../ui/plot";
import { panel } from "../state/panel";
import { changes, last_values, type AlignmentRecord, type Stored } from "./alignment";
import { ask_record, ask_stored, ended, running, stored } from "./desk";
import { Download } from "./download";
import { ValuesTable } from "./values_table";
import { decimals_for, figure, step_name, track_name, unit_text, verdict_text, when_text } from "./words";

const MOST_IN_A_PLOT = 24;
const MOST_SHOWN = 50;

function Compare({ now, then }: { now: AlignmentRecord; then: AlignmentRecord }) {
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label="Two alignments beside each other" id="align-compare">
      <table class="values">
        <thead>
          <tr>
            <th scope="col">step</th>
            <th scope="col">track</th>
            <th scope="col" class="number">
              {when_text(then.begun_at)}
            </th>
            <th scope="col" class="number">
              {when_text(now.begun_at)}
            </th>
            <th scope="col" class="number">
              change
            </th>
          </tr>
        </thead>
        <tbody>
          {changes(now.values, then.values).map((row) => {
            const decimals = decimals_for(row.tolerance);
            const moved = row.change !== null && row.tolerance !== null && Math.abs(row.change) > row.tolerance;
            return (
              <tr key={`${row.id} ${row.channel}`}>
                <th scope="row">{step_name(row.id)}</th>
                <td>{track_name(row.channel).toLowerCase()}</td>
                <td class="number">{figure(row.then, decimals)}</td>
                <td class="number">
                  {figure(row.now, decimals)} {unit_text(row.unit)}
                </td>
                <td class={`number ${moved ? "moved" : ""}`}>
                  {figure(row.change, decimals, true)}
                  {moved ? " \u25c4 more than its tolerance" : ""}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** One step of every alignment like `of`, oldest first. */
function Drift({ of, all }: { of: Stored; all: Stored[] }) {
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
  const steps = [...new Set(records.flatMap((record) => record.values.map((value) => value.id)))];
  const shown = steps.includes(step) ? step : (steps[0] ?? "");
  const values = records.flatMap((record) =>
    last_values(record.values)
      .filter((value) => value.id === shown && value.reading !== null)
      .map((value) => ({ ...value, at: new Date(record.begun_at).getTime() })),
  );
  if (alike.length < 2 || values.length === 0) {
    return <p class="align-hint">A drift is shown when this procedure has been done more than once with the same heads, speed, equalisation, tape and batch.</p>;
  }
  const channels = [...new Set(values.map((value) => value.channel))].sort();
  const limit = values.at(-1);
  const limits = limit?.target == null || limit.tolerance === null ? [] : [limit.target - limit.tolerance, limit.target + limit.tolerance];
  return (
    <div class="drift">
      <label class="field">
        <span>Over time</span>
        <select id="align-drift-step" value={shown} onChange={(event) => set_step(event.currentTarget.value)}>
          {steps.map((each) => (
            <option key={each} value={each}>
              {step_name(each)}
            </option>
          ))}
        </select>
      </label>
      <Plot
        name={`${step_name(shown)} over ${records.length} alignments, ${channels.map(track_name).join(" and ")}`}
        lines={channels.map((channel) => ({ name: track_name(channel), points: values.filter((value) => value.channel === channel).map((value): [number, number] => [value.at, value.reading ?? 0]) }))}
        limits={limits}
        unit={unit_text(limit?.unit ?? "")}
        x_text={(at) => when_text(new Date(at).toISOString())}
      />
      <p class="plot-key">
        {channels.map((channel, index) => (
          <span key={channel} class={`plot-key-${index % 2}`}>
            {index % 2 === 0 ? "\u25cf" : "\u25a0"} {track_name(channel).toLowerCase()}
          </span>
        ))}
        {limits.length > 0 && <span>dashed: tolerance</span>}
      </p>
    </div>
  );
}

function Row({ each, place, choose }: { each: Stored; place: string | null; choose: () => void }) {
  return (
    <tr class={place === null ? "" : "chosen"}>
      <td>
        <label class="tick">
          <input type="checkbox" checked={place !== null} onChange={choose} aria-label={`Show the ${each.procedure} alignment of ${when_text(each.begun_at)}`} />
          <span>{when_text(each.begun_at)}</span>
        </label>
      </td>
      <td>{each.procedure}</td>
      <td>
        <span class={`verdict-mark verdict-mark-${each.verdict}`}>{verdict_text(each.verdict)}</span>
      </td>
      <td>
        {each.key.speed_ips} ips {each.key.equalisation}
      </td>
      <td>{[each.key.stock, each.key.batch].filter((word) => word !== "").join(", ")}</td>
      <td class="number">{each.steps}</td>
    </tr>
  );
}

export function Earlier() {
  const live = panel.live.value;
  const all = stored.value;
  const [chosen, set_chosen] = useState<string[]>([]); // the newest choice last; two at most
  const [records, set_records] = useState<AlignmentRecord[]>([]);
  useEffect(() => {
    if (live && running.value === null) {
      void ask_stored();
    }
  }, [live, running.value === null, ended.value]);
  useEffect(() => {
    let wanted = true;
    void Promise.all(chosen.map(ask_record)).then((told) => wanted && set_records(told.filter((record) => record !== null)));
    return () => void (wanted = false);
  }, [chosen.join(" ")]);
  if (all === null || all.length === 0) {
    return all === null ? null : <p class="align-nothing">No alignment is stored yet.</p>;
  }
  const choose = (uuid: string) => set_chosen((before) => (before.includes(uuid) ? before.filter((each) => each !== uuid) : [...before.slice(-1), uuid]));
  const in_order = [...records].sort((a, b) => a.begun_at.localeCompare(b.begun_at));
  const [then, now] = in_order;
  const last = all.find((each) => each.uuid === in_order.at(-1)?.uuid);
  return (
    <section class="earlier" aria-label="Earlier alignments">
      <h2>Earlier alignments</h2>
      <p class="align-hint">Choose one to see it, two to compare them.</p>
      <div class="table-box" tabIndex={0} role="region" aria-label="Stored alignments">
        <table class="values" id="align-earlier">
          <thead>
            <tr>
              <th scope="col">begun</th>
              <th scope="col">procedure</th>
              <th scope="col">verdict</th>
              <th scope="col">speed</th>
              <th scope="col">tape</th>
              <th scope="col" class="number">
                values
              </th>
            </tr>
          </thead>
          <tbody>
            {all.slice(0, MOST_SHOWN).map((each) => (
              <Row key={each.uuid} each={each} place={chosen.includes(each.uuid) ? "" : null} choose={() => choose(each.uuid)} />
            ))}
          </tbody>
        </table>
      </div>
      {then !== undefined && now !== undefined && <Compare now={now} then={then} />}
      {then !== undefined && now === undefined && <ValuesTable values={then.values} name={`Values of ${when_text(then.begun_at)}`} />}
      {last !== undefined && (
        <>
          <p class="end-keys">
            {in_order.map((record) => (
              <Download key={record.uuid} uuid={record.uuid} label={`${when_text(record.begun_at)} AS JSON`} />
            ))}
          </p>
          <Drift of={last} all={all} />
        </>
      )}
    </section>
  );
}
