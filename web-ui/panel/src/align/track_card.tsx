// SPDX-License-Identifier: Apache-2.0
// One track: its reading in figures that are read from three metres away, what the hand is to do in words and by shape, and
// a needle to the target.
import { useRef } from "preact/hooks";
import type { StepView, TrackReading } from "./alignment";
import { bar_of } from "./bar";
import { figure, hand_of, large_figure, limit_text, track_name, unit_text } from "./words";

const SHAPES = {
  up: <path d="M12 3l9 10h-5.5v8h-7v-8H3z" />,
  down: <path d="M12 21l9-10h-5.5V3h-7v8H3z" />,
  done: <path d="M9.5 19.5l-7-7 3-3 4 4 9-9 3 3z" />,
  none: <path d="M4 10.5h16v3H4z" />,
};
const MOST_LARGE = 34; // letters, of words in their full size
const SAID = { up: "turn up", down: "turn down", done: "done", none: "nothing to turn" };

/** What is only read has a target of 0 that means nothing. */
const is_aimed_at = (view: StepView) => view.target !== null && (view.tolerance !== null || view.task === "turn");

function Bar({ track, view }: { track: TrackReading; view: StepView }) {
  const span = useRef<{ step: string; span: number } | null>(null);
  if (track.reading === null || view.target === null || !is_aimed_at(view)) {
    return <div class="target-bar empty" aria-hidden="true" />;
  }
  const before = span.current?.step === view.step_id ? span.current.span : null;
  const bar = bar_of(track.reading, view.target, view.tolerance, before);
  span.current = { step: view.step_id, span: bar.span };
  const percent = (place: number) => `${50 + 50 * place}%`;
  return (
    <div class="target-bar" aria-hidden="true">
      <div class="target-track">
        <span class="target-zone" style={{ left: percent(-bar.tolerance), width: `${100 * bar.tolerance}%` }} />
        <span class="target-middle" />
        <span class={`target-needle ${bar.over ? "over" : ""}`} style={{ left: percent(bar.needle) }} />
      </div>
      <p class="target-ends">
        <span>{figure(view.target - bar.span, bar.span < 1 ? 1 : 0)}</span>
        <span>{figure(view.target + bar.span, bar.span < 1 ? 1 : 0)}</span>
      </p>
    </div>
  );
}

export function TrackCard({ track, view }: { track: TrackReading; view: StepView }) {
  const hand = hand_of(track);
  const name = track_name(track.channel, view.unit);
  // the figure alone, once more, says nothing to be read in words
  const words = /^[-+]?[\d.]+$/.test(track.words) ? "" : track.words.replace(/(\d) us\b/g, "$1 \u00b5s");
  return (
    <section class={`track-card hand-${hand} ${track.reading === null ? "unread" : ""}`} aria-label={name} id={`track-${track.channel}`}>
      <p class="track-head">
        <span class="track-name">
          {name} <span class="track-unit">{unit_text(view.unit)}</span>
        </span>
        {is_aimed_at(view) && <span class="track-target">{view.tolerance !== null && <span class="word">target </span>}{limit_text(view)}</span>}
        {track.done && <span class="track-done">DONE</span>}
      </p>
      <p class="track-figure">
        <b class="track-reading">{large_figure(track.reading, view.tolerance, view.unit)}</b>
      </p>
      <p class={`track-words ${words === "" && hand === "none" ? "none" : words.length > MOST_LARGE ? "long" : ""}`}>
        <svg class="hand" viewBox="0 0 24 24" role="img" aria-label={SAID[hand]}>
          {SHAPES[hand]}
        </svg>
        <span>{words}</span>
      </p>
      <Bar track={track} view={view} />
    </section>
  );
}
