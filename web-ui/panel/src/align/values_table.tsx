// SPDX-License-Identifier: Apache-2.0
// Accepted values as a table, the verdict on each by word and shape.
import { last_values, type Value } from "./alignment";
import { decimals_for, figure, limit_text, step_name, track_name, unit_text } from "./words";

export function Within({ within }: { within: boolean | null }) {
  return within === null ? <span class="within none">no limit</span> : within ? <span class="within yes">{"\u2714"} within</span> : <span class="within no">{"\u2716"} outside</span>;
}

export function ValuesTable({ values, name }: { values: Value[]; name: string }) {
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label={name}>
      <table class="values">
        <thead>
          <tr>
            <th scope="col">step</th>
            <th scope="col">track</th>
            <th scope="col" class="number">
              reading
            </th>
            <th scope="col">limit</th>
            <th scope="col" class="number">
              target
            </th>
          </tr>
        </thead>
        <tbody>
          {last_values(values).map((value) => (
            <tr key={`${value.id} ${value.channel}`}>
              <th scope="row">{step_name(value.id)}</th>
              <td>{track_name(value.channel).toLowerCase()}</td>
              <td class="number">
                {figure(value.reading, decimals_for(value.tolerance))} {unit_text(value.unit)}
              </td>
              <td>
                <Within within={value.within} />
              </td>
              <td class="number">{limit_text(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
