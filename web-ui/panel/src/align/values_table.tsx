// SPDX-License-Identifier: Apache-2.0
// Accepted values as a table, the verdict on each by word and shape; the points of a frequency response as a plot, and in
// full behind it.
import { TableBox } from "../ui/table_box";
import { Response } from "./response";
import { last_values, type Value } from "./alignment";
import { response_hz, step_name } from "./step_words";
import { decimals_for, figure, limit_text, track_name, unit_text } from "./words";

export function Within({ within }: { within: boolean | null }) {
  if (within === null) {
    return <span class="within none">{"\u2013"} <span class="word">no limit</span></span>;
  }
  return within ? <span class="within yes">{"\u2714"} <span class="word">within</span></span> : <span class="within no">{"\u2716"} <span class="word">outside</span></span>;
}

function Rows({ values, procedure }: { values: Value[]; procedure: string }) {
  return (
    <table class="values">
      <thead>
        <tr>
          <th scope="col">step</th>
          <th scope="col">track</th>
          <th scope="col" class="number">
            reading
          </th>
          <th scope="col">limit</th>
          <th scope="col" class="wide">
            target
          </th>
        </tr>
      </thead>
      <tbody>
        {values.map((value) => (
          <tr key={`${value.id} ${value.channel}`}>
            <th scope="row">
              {step_name(value.id, procedure)}
              <span class="narrow">{[value.target === null ? "" : limit_text(value), value.remark].filter((words) => words !== "").join("; ")}</span>
            </th>
            <td>{track_name(value.channel, value.unit).toLowerCase()}</td>
            <td class="number">
              {figure(value.reading, decimals_for(null, value.unit))} {unit_text(value.unit)}
            </td>
            <td>
              <Within within={value.within} />
            </td>
            <td class="wide">
              {limit_text(value)}
              {value.remark !== "" && <span class="remark">{value.remark}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** `procedure`: whose values these are. */
export function ValuesTable({ values, name, procedure }: { values: Value[]; name: string; procedure: string }) {
  const last = last_values(values);
  const points = last.filter((value) => response_hz(value.id) !== null);
  const rows = last.filter((value) => response_hz(value.id) === null);
  return (
    <div class="values-shown">
      {rows.length > 0 && (
        <TableBox name={name}>
          <Rows values={rows} procedure={procedure} />
        </TableBox>
      )}
      {points.length > 0 && (
        <>
          <Response points={points} />
          <details class="response-points">
            <summary>
              {points.length} values of the response{points.some((value) => value.within === false) ? ", some outside their limit" : ""}
            </summary>
            <TableBox name={`${name}: response`}>
              <Rows values={points} procedure={procedure} />
            </TableBox>
          </details>
        </>
      )}
    </div>
  );
}
