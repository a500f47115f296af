// SPDX-License-Identifier: Apache-2.0
// Earlier alignments: what is stored; one in full, or two beside each other; and one value over time.
import { useEffect, useState } from "preact/hooks";
import { panel } from "../state/panel";
import type { AlignmentRecord, Stored } from "./alignment";
import { Compare } from "./compare";
import { ask_record, ask_stored, ended, running, stored } from "./desk";
import { Downloads } from "./download";
import { Drift } from "./drift";
import { TableBox } from "../ui/table_box";
import { ValuesTable } from "./values_table";
import { verdict_text, when_text } from "./words";

const MOST_SHOWN = 50;

/** The one that has just ended, with the one before it that can be compared with it; none where there is no such. */
function with_the_one_before(all: Stored[], uuid: string): string[] {
  const at = all.findIndex((each) => each.uuid === uuid);
  const now = all[at];
  const before = all.slice(at + 1).find((each) => now !== undefined && each.key.same === now.key.same && each.procedure === now.procedure && each.verdict !== "unfinished");
  return now === undefined || before === undefined ? [] : [before.uuid, now.uuid];
}

function Row({ each, place, choose }: { each: Stored; place: string | null; choose: () => void }) {
  const speed = `${each.key.speed_ips} ips ${each.key.equalisation}`;
  const tape = [each.key.stock, each.key.batch].filter((word) => word !== "").join(", ");
  return (
    <tr class={place === null ? "" : "chosen"}>
      <td>
        <label class="tick">
          <input type="checkbox" checked={place !== null} onChange={choose} aria-label={`Show the ${each.procedure} alignment of ${when_text(each.begun_at)}`} />
          <span>
            {when_text(each.begun_at)}
            <span class="narrow">
              {speed}, {tape}
            </span>
          </span>
        </label>
      </td>
      <td>{each.procedure}</td>
      <td>
        <span class={`verdict-mark verdict-mark-${each.verdict}`}>{verdict_text(each.verdict)}</span>
      </td>
      <td class="wide">{speed}</td>
      <td class="wide">{tape}</td>
      <td class="number wide">{each.steps}</td>
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
    if (ended.value !== null && all !== null) {
      set_chosen(with_the_one_before(all, ended.value.record));
    }
  }, [ended.value, all]);
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
      <TableBox name="Stored alignments">
        <table class="values" id="align-earlier">
          <thead>
            <tr>
              <th scope="col">begun</th>
              <th scope="col">procedure</th>
              <th scope="col">verdict</th>
              <th scope="col" class="wide">
                speed
              </th>
              <th scope="col" class="wide">
                tape
              </th>
              <th scope="col" class="number wide">
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
      </TableBox>
      {then !== undefined && now !== undefined && <Compare now={now} then={then} />}
      {then !== undefined && now === undefined && <ValuesTable values={then.values} name={`Values of ${when_text(then.begun_at)}`} procedure={then.procedure} />}
      {last !== undefined && (
        <>
          <Downloads uuid={last.uuid} {...(now === undefined || then === undefined ? {} : { against: then.uuid })} />
          <Drift of={last} all={all} />
        </>
      )}
    </section>
  );
}
