// SPDX-License-Identifier: Apache-2.0
// A frequency response as it was measured: dB over the logarithm of the frequency, a line a track. The sweep where there
// is one, else the tones.
import { Plot } from "../ui/plot";
import type { Value } from "./alignment";
import { frequency_text, is_sweep, response_hz } from "./step_words";
import { track_name, unit_text } from "./words";

export function Response({ points }: { points: Value[] }) {
  const sweep = points.filter((value) => is_sweep(value.id));
  const shown = (sweep.length > 0 ? sweep : points).filter((value) => value.reading !== null);
  const channels = [...new Set(shown.map((value) => value.channel))].sort((a, b) => a - b);
  const line_of = (channel: number) =>
    shown
      .filter((value) => value.channel === channel)
      .map((value): [number, number] => [Math.log10(response_hz(value.id) ?? 1), value.reading ?? 0])
      .sort(([a], [b]) => a - b);
  const lines = channels.map((channel) => ({ name: track_name(channel), points: line_of(channel) }));
  const xs = lines.flatMap((line) => line.points.map(([x]) => x));
  if (xs.length < 2) {
    return null;
  }
  return (
    <div class="response">
      <Plot
        name={`Response by ${sweep.length > 0 ? "sweep" : "tones"}, ${channels.map((channel) => track_name(channel)).join(" and ")}`}
        lines={lines}
        unit={unit_text(shown[0]?.unit ?? "")}
        x_text={(x) => frequency_text(10 ** x)}
        x_ends={[Math.min(...xs), Math.max(...xs)]}
        x_marks={[2, 3, 4]}
      />
      <PlotKey names={lines.map(({ name }) => name)} />
    </div>
  );
}

/** Which line is which; `more`: what else is in the plot. */
export function PlotKey({ names, more = "" }: { names: string[]; more?: string }) {
  return (
    <p class="plot-key">
      {names.map((name, index) => (
        <span key={name} class={`plot-key-${index % 2}`}>
          {index % 2 === 0 ? "\u25cf" : "\u25a0"} {name.toLowerCase()}
        </span>
      ))}
      {more !== "" && <span>{more}</span>}
    </p>
  );
}
