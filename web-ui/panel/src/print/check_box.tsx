// SPDX-License-Identifier: Apache-2.0
// What the machine says of the plan: what stands against it, what it warns of, lengths against the tape, files to be
// converted.
import { figure } from "../align/words";
import { TableBox } from "../ui/table_box";
import { duration_text } from "../state/format";
import { place_words, type Check, type CheckedFile, type Finding } from "./check";
import { TapeBar } from "./tape_bar";
import { time_text } from "./time_text";

function Findings({ found, kind, title }: { found: Finding[]; kind: "refusal" | "warning" | "note"; title: string }) {
  if (found.length === 0) {
    return null;
  }
  return (
    <section class="findings" aria-label={title}>
      <h3>
        {title} ({found.length})
      </h3>
      {found.map((each, index) => (
        <p key={`${each.kind} ${index}`} class={`finding finding-${kind === "refusal" ? "fail" : kind === "warning" ? "warn" : "note"}`}>
          <b>
            {place_words(each, time_text)}
            {each.db === null ? "" : `, ${figure(each.db, 1)} dB`}
          </b>{" "}
          {each.words}
          {each.basis !== "" && <span class="basis">By: {each.basis}</span>}
        </p>
      ))}
    </section>
  );
}

const both = (values: (number | null)[], decimals: number): string => (values.every((each) => each === null) ? "\u2014" : values.map((each) => figure(each, decimals, true)).join(" / "));
const rate_text = (hz: number): string => (hz > 0 ? `${Number((hz / 1000).toFixed(1))} kHz` : "\u2014");

function Files({ files, card_rate_hz }: { files: CheckedFile[]; card_rate_hz: number | null }) {
  if (files.length === 0) {
    return null;
  }
  const converted = files.filter((each) => each.converted);
  return (
    <details class="inner">
      <summary>
        {files.length === 1 ? "1 file" : `${files.length} files`}
        {converted.length === 0 ? "" : `, ${converted.length} to be converted${card_rate_hz === null ? "" : ` to ${rate_text(card_rate_hz)}`}`}
      </summary>
      <TableBox name="Files of the plan">
        <table class="values">
          <thead>
            <tr>
              <th scope="col">file</th>
              <th scope="col" class="number">
                rate
              </th>
              <th scope="col" class="number">
                VU, most
              </th>
              <th scope="col" class="number">
                dBTP
              </th>
              <th scope="col" class="number">
                LUFS
              </th>
            </tr>
          </thead>
          <tbody>
            {files.map((each, index) => (
              <tr key={`${each.file} ${index}`}>
                <th scope="row">
                  {each.name}
                  <span class="narrow-too">{each.side === "" ? "" : each.track === null ? "voice slate" : `side ${each.side}, track ${each.track + 1}`}</span>
                </th>
                <td class="number">
                  {rate_text(each.rate_hz)}
                  {each.converted && <span class="narrow-too">to be converted</span>}
                </td>
                <td class="number">{both(each.vu_max, 1)}</td>
                <td class="number">{both(each.true_peak_dbtp, 1)}</td>
                <td class="number">{figure(each.lufs, 1)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
    </details>
  );
}

export function CheckBox({ told, holds }: { told: Check; holds: boolean }) {
  const total_s = told.sides.reduce((sum, side) => sum + (side.duration_s ?? 0), 0);
  return (
    <section class={`card check-box ${holds ? "" : "old"}`} aria-label="What the machine says of the plan" id="check">
      <h2 role="status">
        {told.printable ? (
          <span class="verdict-mark verdict-mark-pass">{"\u2714"} CAN BE PRINTED</span>
        ) : (
          <span class="verdict-mark verdict-mark-fail">
            {"\u2716"} REFUSED: {told.refusals.length} {told.refusals.length === 1 ? "thing stands" : "things stand"} against it
          </span>
        )}
        <span class="check-total">{duration_text(total_s)} in all</span>
      </h2>
      {!holds && <p class="finding finding-warn">The plan was changed since: check it again.</p>}
      <Findings found={told.refusals} kind="refusal" title="Stands against it" />
      <Findings found={told.warnings} kind="warning" title="Warnings" />
      <TapeBar told={told} length_m={told.tape_length_m} />
      <Findings found={told.notes} kind="note" title="To be known" />
      <Files files={told.files} card_rate_hz={told.card_rate_hz} />
      {told.overridden && <p class="finding finding-warn">It is printed all the same, by name and reason: both stand in the certificate.</p>}
      {told.alignment_days !== null && <p class="align-hint">The deck was aligned for this tape {told.alignment_days === 0 ? "today" : `${told.alignment_days} ${told.alignment_days === 1 ? "day" : "days"} ago`}.</p>}
    </section>
  );
}
