// SPDX-License-Identifier: Apache-2.0
// What is heard of a tape while it is transferred. Nothing of it is a verdict but clips.
import { figure } from "../align/words";
import { time_text } from "../print/time_text";
import type { Figures as Told, Mark } from "./transfer";

const both = (values: (number | null)[], decimals: number) => (values.length === 0 || values.every((each) => each === null) ? "\u2014" : values.map((each) => figure(each, decimals, true)).join(" / "));

export function Figures({ now }: { now: Told }) {
  const rows: [string, string, string][] = [
    ...(now.rms_dbfs.length === 0 ? [] : ([["Level, RMS", both(now.rms_dbfs, 1), "dBFS"]] as [string, string, string][])),
    ["True peak", both(now.true_peak_dbtp, 1), "dBTP"],
    ["Loudness", figure(now.integrated_lufs, 1), "LUFS"],
    ...(now.short_term_lufs === null ? [] : ([["Loudness, 3 s", figure(now.short_term_lufs, 1), "LUFS"]] as [string, string, string][])),
    ["Range", figure(now.range_lu, 1), "LU"],
    ["Correlation", figure(now.correlation, 2, true), ""],
    [now.azimuth_averaging_s === null ? "Azimuth, estimate" : `Azimuth, estimate, ${now.azimuth_averaging_s} s`, figure(now.azimuth_us, 1, true), now.azimuth_us === null ? "" : `\u00b5s, confidence ${figure(now.azimuth_confidence, 1)}`],
    ["Noise", figure(now.noise_dbfs, 1), "dBFS"],
    ["Clips", String(now.clips), ""],
  ];
  return (
    <>
    {now.reversed && <p class="finding finding-warn">One channel seems to be of opposite polarity.</p>}
    <dl class="transfer-figures">
      {rows.map(([name, value, unit]) => (
        <div key={name} class={name === "Clips" && now.clips > 0 ? "bad" : ""}>
          <dt>{name}</dt>
          <dd>
            {value} <span>{unit}</span>
          </dd>
        </div>
      ))}
    </dl>
    </>
  );
}

function List({ id, of }: { id: string; of: Mark[] }) {
  return (
    <ul class="transfer-marks" id={id} tabIndex={0}>
      {of.map((each) => (
        <li key={`${each.at_s} ${each.words}`}>
          <b>{time_text(each.at_s)}</b> {each.words}
        </li>
      ))}
    </ul>
  );
}

export function Marks({ marks }: { marks: Mark[] }) {
  return (
    <>
      <h3>Marks ({marks.length})</h3>
      {marks.length === 0 ? <p class="align-hint">None yet: gaps and what comes after them are marked.</p> : <List id="transfer-marks" of={marks} />}
    </>
  );
}

/** `count`: of all; the machine lists the first of very many. */
export function Holes({ holes, count }: { holes: Mark[]; count: number }) {
  return (
    <>
      <h3>Suspected drop-outs ({count})</h3>
      {count === 0 ? <p class="align-hint">None. There is no file to compare with: these are suspicions, no verdict.</p> : <List id="transfer-holes" of={holes} />}
    </>
  );
}
