// SPDX-License-Identifier: Apache-2.0
// Two volume indicators. Frames go straight to the canvas; figures change twice a second, spoken values once.
import { useEffect, useRef, useState } from "preact/hooks";
import type { MeterFrame } from "../link/meter_frame";
import { HighestSince, PeakLamp, type Figures } from "../meters/peaks";
import { VuFace } from "../meters/vu_face";
import { dbfs_text, vu_text } from "../state/format";
import { panel, type MeterSource } from "../state/panel";
import { useSlowly } from "./counter";
import { StaleMark } from "./stale";

const FIGURES_EVERY_MS = 500;
const CHANNELS = ["Left", "Right"] as const;

function Meter({ channel }: { channel: 0 | 1 }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [figures, set_figures] = useState<Figures | null>(null);
  const newest = useRef(-60);
  const stale = panel.meters_stale.value;
  const name = CHANNELS[channel];
  useEffect(() => {
    if (canvas.current === null) {
      return;
    }
    const face = new VuFace(canvas.current, name);
    face.resize();
    const observer = new ResizeObserver(() => face.resize());
    observer.observe(canvas.current);
    const highest = new HighestSince();
    const lamps: Record<MeterSource, PeakLamp> = { tape: new PeakLamp(), programme: new PeakLamp() };
    const stop_frames = panel.on_frame((frame: MeterFrame) => {
      const source = panel.meter_source.peek();
      const level = frame[source][channel];
      const lit = {
        tape: lamps.tape.frame(frame.tape[channel].peak_dbfs, frame.capture_time_ns),
        programme: lamps.programme.frame(frame.programme[channel].peak_dbfs, frame.capture_time_ns),
      };
      newest.current = level.vu;
      highest.frame(level.vu, level.peak_dbfs);
      face.show(level.vu, lit[source]);
    });
    const stop_switch = panel.meter_source.subscribe(() => highest.take()); // figures of the other source end here
    const timer = setInterval(() => {
      const next = highest.take();
      if (next !== null) {
        set_figures(next);
      }
    }, FIGURES_EVERY_MS);
    return () => {
      observer.disconnect();
      stop_frames();
      stop_switch();
      clearInterval(timer);
    };
  }, []);
  const spoken = useSlowly(() => (panel.meters_stale.peek() ? "stale" : `${vu_text(newest.current)} VU`));
  return (
    <div class={`meter ${stale ? "stale" : ""}`}>
      <div
        class="meter-face"
        role="meter"
        aria-label={`${name} level`}
        aria-valuemin={-60}
        aria-valuemax={3}
        aria-valuenow={Number.parseFloat(spoken.replace("\u2212", "-").replace("\u221e", "60")) || 0}
        aria-valuetext={spoken}
      >
        <canvas ref={canvas} />
        <StaleMark show={stale} />
      </div>
      <dl class="figures">
        <div>
          <dt>VU max</dt>
          <dd>{stale || figures === null ? "\u2014" : vu_text(figures.vu)}</dd>
        </div>
        <div>
          <dt>Peak dBFS</dt>
          <dd>{stale || figures === null ? "\u2014" : dbfs_text(figures.peak_dbfs)}</dd>
        </div>
      </dl>
    </div>
  );
}

export function Meters() {
  const source = panel.meter_source.value;
  const choice = (value: MeterSource, label: string) => (
    <button
      type="button"
      class={`choice ${source === value ? "chosen" : ""}`}
      aria-pressed={source === value}
      onClick={(event) => {
        panel.meter_source.value = value;
        if (event.detail > 0) {
          event.currentTarget.blur();
        }
      }}
    >
      {label}
    </button>
  );
  return (
    <section class="meters" aria-label="Meters">
      <div class="bridge">
        <Meter channel={0} />
        <Meter channel={1} />
      </div>
      <div class="meter-source" role="group" aria-label="What the meters show">
        {choice("tape", "TAPE")}
        {choice("programme", "PROGRAMME")}
      </div>
    </section>
  );
}
