// SPDX-License-Identifier: Apache-2.0
// A small plot in SVG: lines over time, with a few marks on either axis and limits as dashed lines. What it shows has to
// stand beside it in words too: to a screen reader it is one picture with a name.
import { useEffect, useState } from "preact/hooks";

export interface Line {
  name: string;
  points: [number, number][]; // in the order of x
  of?: number; // which of the two looks it has; else they take turns
}
export interface PlotProps {
  name: string;
  lines: Line[];
  limits?: number[]; // of y
  unit: string;
  x_text: (x: number) => string;
  x_ends?: [number, number];
  x_marks?: number[]; // between the ends, with a line and their words
  zero?: boolean; // 0 is shown, however far off it is
  marks_at?: { x: number; over: boolean }[]; // ticks at the foot: events
}

const [HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [190, 56, 14, 12, 26];
const MARK_CLEAR = 66; // of the words at either end

/** Marks of 1, 2 or 5 times a power of ten between `least` and `most`, about four of them. */
export function marks(least: number, most: number): number[] {
  const raw = (most - least) / 4;
  const decade = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((each) => each * decade >= raw) ?? 10) * decade;
  const found: number[] = [];
  for (let n = Math.ceil(least / step - 1e-9); n * step <= most + 1e-9 * step; n++) {
    found.push(n * step || 0); // no minus before a zero
  }
  return found;
}

/** A little beyond what is shown; never nothing. */
export function range(values: number[], least_width: number): [number, number] {
  const [low, high] = values.length === 0 ? [0, 0] : [Math.min(...values), Math.max(...values)];
  const width = Math.max(1.1 * (high - low), least_width);
  const middle = (low + high) / 2;
  return [middle - width / 2, middle + width / 2];
}

/** In units of the plot, so that its letters stay readable on a phone, also on one that is turned. */
function useWidth(): number {
  const width = () => (window.innerWidth < 760 ? 380 : 760);
  const [now, set_now] = useState(width);
  useEffect(() => {
    const look = () => set_now(width());
    window.addEventListener("resize", look);
    return () => window.removeEventListener("resize", look);
  }, []);
  return now;
}

export function Plot({ name, lines, limits = [], unit, x_text, x_ends, x_marks = [], zero = true, marks_at = [] }: PlotProps) {
  const width = useWidth();
  const points = lines.flatMap((line) => line.points);
  const xs = points.map(([x]) => x);
  const [from, to] = x_ends ?? range(xs, 1);
  const [low, high] = range([...points.map(([, y]) => y), ...limits, ...(zero ? [0] : [])], 0.02);
  const x_of = (x: number) => LEFT + ((x - from) / Math.max(to - from, 1e-9)) * (width - LEFT - RIGHT);
  const y_of = (y: number) => TOP + ((high - y) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const y_marks = marks(low, high);
  const decimals = Math.max(0, Math.min(4, -Math.floor(Math.log10(Math.max((high - low) / 4, 1e-9)))));
  return (
    <svg class="plot" viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={name}>
      {y_marks.map((y) => (
        <g key={y}>
          <path class={`plot-grid ${Math.abs(y) < 1e-12 ? "zero" : ""}`} d={`M${LEFT} ${y_of(y)}H${width - RIGHT}`} />
          <text x={LEFT - 8} y={y_of(y) + 4} text-anchor="end">
            {y.toFixed(decimals).replace("-", "\u2212")}
          </text>
        </g>
      ))}
      {x_marks
        .filter((x) => x > from && x < to)
        .map((x) => (
          <g key={x}>
            <path class="plot-grid" d={`M${x_of(x)} ${TOP}V${HEIGHT - BOTTOM}`} />
            {x_of(x) > LEFT + MARK_CLEAR && x_of(x) < width - RIGHT - MARK_CLEAR && (
              <text x={x_of(x)} y={HEIGHT - 6} text-anchor="middle">
                {x_text(x)}
              </text>
            )}
          </g>
        ))}
      {limits.map((y) => (
        <path key={y} class="plot-limit" d={`M${LEFT} ${y_of(y)}H${width - RIGHT}`} />
      ))}
      {lines.map((line, index) => (
        <g key={`${line.of ?? ""} ${line.name}`} class={`plot-line plot-line-${(line.of ?? index) % 2}`}>
          {line.points.length > 1 && <path d={`M${line.points.map(([x, y]) => `${x_of(x).toFixed(1)} ${y_of(y).toFixed(1)}`).join("L")}`} />}
          {line.points.length <= 40 && line.points.map(([x, y]) => ((line.of ?? index) % 2 === 0 ? <circle key={x} cx={x_of(x)} cy={y_of(y)} r="4" /> : <rect key={x} x={x_of(x) - 4} y={y_of(y) - 4} width="8" height="8" />))}
        </g>
      ))}
      {marks_at.map(({ x, over }) => (
        <path key={x} class={`plot-tick ${over ? "over" : ""}`} d={`M${x_of(x).toFixed(1)} ${HEIGHT - BOTTOM}v-${over ? 16 : 9}`} />
      ))}
      <text x={LEFT} y={HEIGHT - 6}>
        {x_text(from)}
      </text>
      <text x={width - RIGHT} y={HEIGHT - 6} text-anchor="end">
        {x_text(to)}
      </text>
      <text x={LEFT - 8} y={HEIGHT - 6} text-anchor="end">
        {unit}
      </text>
    </svg>
  );
}
