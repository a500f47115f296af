// SPDX-License-Identifier: Apache-2.0
// Two alignments beside each other, step by step, with what has changed.
import { changes, type AlignmentRecord, type Change } from "./alignment";
import { response_hz, step_name } from "./step_words";
import { TableBox } from "../ui/table_box";
import { decimals_for, figure, track_name, unit_text, when_text } from "./words";

const has_moved = ({ change, tolerance }: Change) => change !== null && tolerance !== null && tolerance > 0 && Math.abs(change) > tolerance;

function Rows({ rows, procedure }: { rows: Change[]; procedure: string }) {
  return (
    <table class="values">
      <thead>
        <tr>
          <th scope="col">step</th>
          <th scope="col">track</th>
          <th scope="col" class="number">
            then
          </th>
          <th scope="col" class="number">
            now
          </th>
          <th scope="col" class="number">
            change
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const decimals = decimals_for(null, row.unit);
          const moved = has_moved(row);
          return (
            <tr key={`${row.id} ${row.channel}`}>
              <th scope="row">
                {step_name(row.id, procedure)}
                <span class="narrow">{unit_text(row.unit)}</span>
              </th>
              <td>{track_name(row.channel, row.unit).toLowerCase()}</td>
              <td class="number">{figure(row.then, decimals)}</td>
              <td class="number">
                {figure(row.now, decimals)} <span class="wide">{unit_text(row.unit)}</span>
              </td>
              <td class={`number ${moved ? "moved" : ""}`}>
                {figure(row.change, decimals, true)}
                {moved && <span class="moved-words">{"\u25c4"} beyond its tolerance</span>}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

export function Compare({ now, then }: { now: AlignmentRecord; then: AlignmentRecord }) {
  const rows = changes(now.values, then.values);
  const points = rows.filter((row) => response_hz(row.id) !== null);
  const moved = points.filter(has_moved).length;
  return (
    <div class="compare" id="align-compare">
      <p class="align-hint">
        <span>then: {when_text(then.begun_at)}</span> <span>now: {when_text(now.begun_at)}</span>
      </p>
      <TableBox name="Two alignments beside each other">
        <Rows rows={rows.filter((row) => response_hz(row.id) === null)} procedure={now.procedure} />
      </TableBox>
      {points.length > 0 && (
        <details class="response-points">
          <summary>
            {points.length} values of the response, {moved === 0 ? "none" : moved} changed beyond {moved === 1 ? "its" : "their"} tolerance
          </summary>
          <TableBox name="The response of two alignments beside each other">
            <Rows rows={points} procedure={now.procedure} />
          </TableBox>
        </details>
      )}
    </div>
  );
}
