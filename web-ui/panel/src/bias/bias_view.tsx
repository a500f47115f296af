// SPDX-License-Identifier: Apache-2.0
// The bias page: each track's state in a word and a shape, what it reads against set-up, where that leads.
import { useEffect } from "preact/hooks";
import { figure, track_name, when_text } from "../align/words";
import { panel } from "../state/panel";
import { AskedKey } from "../ui/asked_key";
import { Plot } from "../ui/plot";
import { StaleMark } from "../ui/stale";
import { TransportKeys } from "../ui/transport_keys";
import { drift_decimals, fail_words, limit_words, STATE_WORDS, trend_words, value_words, worst, type Bias, type BiasFigure, type State } from "./bias";
import { ask_bias, bias, bias_stale, problem, set_up_words, take_as_set_up } from "./desk";
import "../style/bias.css";
import "../style/plot.css";

const ASK_EVERY_MS = 1000;

const SHAPES: Record<State, preact.JSX.Element> = {
  good: <path d="M9.5 19.5l-7-7 3-3 4 4 9-9 3 3z" />,
  warn: <path fill-rule="evenodd" d="M12 2l11 20H1zM10.8 9v6.5h2.4V9zM10.8 17.2v2.4h2.4v-2.4z" />,
  fail: <path d="M5 2l7 7 7-7 3 3-7 7 7 7-3 3-7-7-7 7-3-3 7-7-7-7z" />,
  missing: <path fill-rule="evenodd" d="M12 1a11 11 0 1 0 0 22a11 11 0 1 0 0-22zM12 4a8 8 0 1 1 0 16a8 8 0 1 1 0-16zM4.6 17.3L17.3 4.6l2.1 2.1L6.7 19.4z" />,
  not_judged: <path d="M3 10.5h18v3H3z" />,
};

function StateMark({ state }: { state: State }) {
  return (
    <span class={`bias-state bias-state-${state}`}>
      <svg viewBox="0 0 24 24" aria-hidden="true">
        {SHAPES[state]}
      </svg>
      {STATE_WORDS[state]}
    </span>
  );
}

function ago_words(seconds: number): string {
  const minutes = Math.round(-seconds / 60);
  return minutes <= 0 ? "now" : minutes < 60 ? `${minutes} min ago` : `${(minutes / 60).toFixed(1)} h ago`;
}

function DriftPlot({ each }: { each: BiasFigure }) {
  const limits = [each.warn, each.fail].flatMap((limit) => (limit === null || limit.unsure ? [] : [limit.value, -limit.value]));
  return (
    <Plot
      name={`${each.name}, ${each.place}: drift since set-up over time`}
      lines={[{ name: each.name, points: each.history }]}
      limits={limits}
      unit={each.drift_unit}
      x_text={ago_words}
      x_ends={[Math.min(-60, each.history[0]?.[0] ?? 0), 0]}
    />
  );
}

function Figure({ each }: { each: BiasFigure }) {
  const leads = fail_words(each);
  return (
    <section class={`bias-figure bias-figure-${each.state}`} aria-label={`${each.name}, ${each.place}`}>
      <p class="bias-head">
        <b>{each.name}</b>
        <StateMark state={each.state} />
      </p>
      <p class="bias-drift">
        <b class={each.drift === null ? "none" : ""}>{figure(each.drift, drift_decimals(each), true)}</b> <span>{each.drift === null ? "" : each.drift_unit}</span>
        <span class="bias-since">{each.drift === null ? "" : "since set-up"}</span>
      </p>
      {each.problem !== "" && <p class="bias-why problem">{each.problem}</p>}
      {each.why !== "" && <p class="bias-why">{each.why}</p>}
      {leads !== "" && <p class="bias-leads">{leads}</p>}
      <dl>
        <div>
          <dt>now</dt>
          <dd>{value_words(each.now, each.unit)}</dd>
        </div>
        <div>
          <dt>set-up</dt>
          <dd>
            {value_words(each.set_up, each.unit)}
            {each.set_up !== null && (
              <span class="bias-by">
                {when_text(each.set_up_at)}, {each.set_up_by}
              </span>
            )}
          </dd>
        </div>
        <div>
          <dt>limits</dt>
          <dd title={[each.warn?.source, each.fail?.source].filter((source) => source).join("; ")}>{limit_words(each)}</dd>
        </div>
        <div>
          <dt>trend</dt>
          <dd>{trend_words(each)}</dd>
        </div>
      </dl>
      {each.history.length > 1 && <DriftPlot each={each} />}
      <p class="bias-place">{each.place}</p>
    </section>
  );
}

function Track({ track, figures }: { track: number; figures: BiasFigure[] }) {
  return (
    <section class="bias-track" aria-label={`Bias of track ${track}`} id={`bias-track-${track}`}>
      <h2>
        {track_name(track)} <StateMark state={worst(figures)} />
      </h2>
      <div class="bias-figures">
        {figures.map((each) => (
          <Figure key={`${each.place} ${each.quantity}`} each={each} />
        ))}
      </div>
    </section>
  );
}

function Watched({ told }: { told: Bias }) {
  const tracks = [...new Set(told.figures.map((each) => each.track))].sort((a, b) => a - b);
  return (
    <>
      <header class="bias-top">
        <p>
          <StateMark state={told.state} />
          <span id="bias-why">{told.why || (told.recording ? `mean of ${told.averaging_s ?? 5} s, against set-up` : "")}</span>
        </p>
        <AskedKey
          id="key-set-up"
          label="TAKE AS SET-UP"
          question="Is the bias right now as it shall be, on every track?"
          yes="YES, TAKE IT"
          disabled={!panel.live.value || !told.recording}
          press={(at) => void take_as_set_up(null, at)}
        />
      </header>
      {!told.recording && <p class="align-hint">A deck has bias only while it records: nothing can be taken as set-up now.</p>}
      <div role="status" class="set-up-words" id="set-up-words">
        {set_up_words.value.map((words) => (
          <p key={words}>{words}</p>
        ))}
      </div>
      <div class="bias-tracks">
        {tracks.map((track) => (
          <Track key={track} track={track} figures={told.figures.filter((each) => each.track === track)} />
        ))}
        <StaleMark show={bias_stale.value} />
      </div>
    </>
  );
}

export default function BiasView() {
  const live = panel.live.value;
  useEffect(() => {
    void ask_bias();
    const timer = setInterval(() => !document.hidden && void ask_bias(), ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [live]);
  const told = bias.value;
  return (
    <div class="bias-page" id="bias-page">
      {told === null ? (
        <p class="align-nothing">{problem.value ?? "Asking the machine ..."}</p>
      ) : told.watched ? (
        <Watched told={told} />
      ) : (
        <p class="align-nothing" id="bias-unwatched">
          <b>Bias is not watched:</b> {told.why || "the deck's profile has no [[bias_monitor]]"}.
        </p>
      )}
      <TransportKeys />
    </div>
  );
}
