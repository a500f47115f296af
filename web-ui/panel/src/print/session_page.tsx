// SPDX-License-Identifier: Apache-2.0
// One print session: its verdict, each track off tape, its papers, going on where it was broken off, and reading the tape
// back against its files.
import { useState } from "preact/hooks";
import { verdict_text, when_text } from "../align/words";
import { panel } from "../state/panel";
import { reason_in_words } from "../state/reasons";
import { AskedKey } from "../ui/asked_key";
import { TableBox } from "../ui/table_box";
import { HoldKey } from "./hold_key";
import { report, report_problem, resume, save_paper, sessions, show_session, shown, shown_end, starting, tab, verify, type PaperKind } from "./print_desk";
import type { Report } from "./report";
import { tracks_words, type Session } from "./session";
import { TrackVerdict } from "./track_verdict";
import "../style/plot.css";
import "../style/tables.css";

const PAPERS: [PaperKind, string][] = [
  ["certificate", "CERTIFICATE"],
  ["label_10", "BOX 10.5\u2033"],
  ["label_7", "BOX 7\u2033"],
  ["cue_sheet", "CUE SHEET"],
];

function Papers({ id }: { id: string }) {
  const [waits, set_waits] = useState("");
  const fetch_it = async (kind: PaperKind, format: "pdf" | "json") => {
    set_waits(kind + format);
    await save_paper(id, kind, format);
    set_waits("");
  };
  return (
    <p class="end-keys" id="papers">
      {PAPERS.map(([kind, label]) => (
        <button key={kind} type="button" class="small-key" id={`paper-${kind}`} disabled={!panel.live.value || waits !== ""} onClick={() => void fetch_it(kind, "pdf")}>
          {waits === `${kind}pdf` ? `${label} ...` : label}
        </button>
      ))}
      <button type="button" class="small-key" id="paper-json" disabled={!panel.live.value || waits !== ""} onClick={() => void fetch_it("certificate", "json")}>
        {waits === "certificatejson" ? "SIGNED JSON ..." : "SIGNED JSON"}
      </button>
    </p>
  );
}

function GoOn({ session }: { session: Session }) {
  const [asking, set_asking] = useState(false);
  const [chosen, choose] = useState(0);
  if (session.goes_on_at === "") {
    return null;
  }
  const from = session.boundaries[chosen] ?? null;
  return (
    <section class="go-on" aria-label="Go on with this print">
      <p>
        <b>Not all of it is on tape.</b> It goes on at: {session.goes_on_at}.
      </p>
      {!asking ? (
        <button type="button" class="small-key begin-key" id="resume" onClick={() => set_asking(true)}>
          RESUME ...
        </button>
      ) : (
        <>
          {session.boundaries.length > 1 && (
            <label class="field">
              <span>Go on at</span>
              <select id="resume-from" value={chosen} onChange={(event) => choose(Number(event.currentTarget.value))}>
                {session.boundaries.map(({ words }, index) => (
                  <option key={words} value={index}>
                    {words}
                  </option>
                ))}
              </select>
            </label>
          )}
          <p>
            {from?.track === 1
              ? "The side is recorded anew from its beginning, with the same reel on the deck."
              : "With the same reel on the deck, the track before is played first, record safe, and matched with its file. Where it does not match, nothing is recorded."}{" "}
            Then it records from {from?.words ?? session.goes_on_at}.
          </p>
          {chosen > 0 && <p class="finding finding-warn">Tracks that are on the tape from there on are recorded over.</p>}
          <p class="end-keys">
            <HoldKey id="resume-yes" label={starting.value ? "FILES ARE READ ..." : "HOLD TO RESUME"} disabled={panel.machine.value.job !== null || starting.value} press={(at) => void resume(session.id, chosen > 0 ? from : null, at)} />
            <button type="button" class="small-key" onClick={() => set_asking(false)}>
              NOT NOW
            </button>
          </p>
        </>
      )}
    </section>
  );
}

function Verify({ session }: { session: Session }) {
  const sides = session.sides.filter((side) => side.done > 0);
  const [side, set_side] = useState(sides[0]?.name ?? "");
  if (sides.length === 0) {
    return null;
  }
  return (
    <section class="verify" aria-label="Verify the reel">
      <h3>Verify the reel</h3>
      <p class="align-hint">Plays the tape and compares it with the files again. It records nothing.</p>
      <p class="end-keys">
        {sides.length > 1 && (
          <label class="field">
            <span>Side on the deck</span>
            <select value={side} onChange={(event) => set_side(event.currentTarget.value)}>
              {sides.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
        <AskedKey id="verify" label="VERIFY" question="Is this reel on the deck?" yes="YES, PLAY IT" disabled={!panel.live.value || panel.machine.value.job !== null} press={(at) => void verify(session.id, side, at)} />
      </p>
    </section>
  );
}

const KINDS: Record<string, string> = { level: "Level", response: "Response", dropouts: "Drop-outs", polarity: "Polarity", completeness: "Completeness", operating_level: "Operating level (of the deck)" };
const word = (verdict: string) => <span class={`verdict-mark verdict-mark-${verdict}`}>{verdict_text(verdict)}</span>;

function Agreements({ told }: { told: Report }) {
  return (
    <section class="agreement" aria-label="Does the reel say what the print said" id="agreement">
      <h3>{told.agrees === null ? "Verified" : told.agrees ? "The reel says what the print said." : "The reel does not say what the print said."}</h3>
      {told.agreement.length > 0 && (
        <TableBox name="Print and verification">
          <table class="values">
            <thead>
              <tr>
                <th scope="col">of</th>
                <th scope="col">print</th>
                <th scope="col">now</th>
                <th scope="col">agrees</th>
              </tr>
            </thead>
            <tbody>
              {told.agreement.map((each) => (
                <tr key={each.kind}>
                  <th scope="row">
                    {KINDS[each.kind] ?? each.kind.replaceAll("_", " ")}
                    <span class="narrow-too">{each.words}</span>
                  </th>
                  <td>{word(each.print)}</td>
                  <td>{word(each.now)}</td>
                  <td>{each.agrees ? <span class="within yes">{"\u2714"} yes</span> : <span class="within no">{"\u2716"} no</span>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableBox>
      )}
    </section>
  );
}

export default function SessionPage() {
  const id = shown.value ?? "";
  const session = sessions.value?.find((each) => each.id === id) ?? null;
  const told = report.value;
  const failed = told?.tracks.findIndex(({ verdict }) => verdict === "fail") ?? -1;
  const [open, set_open] = useState<number | null>(null);
  const shown_track = open ?? (failed >= 0 ? failed : told?.tracks.length === 1 ? 0 : -1);
  const last = panel.machine.value.last_job;
  const end = last !== null && shown_end.value === last.id ? last : null; // how the part that was printed last came to its end
  const verifies = told?.verifies === true;
  const verdict = !verifies && session !== null && session.verdict !== "pass" ? session.verdict : told?.verdict || end?.verdict || session?.verdict || "unfinished";
  const reason = told?.reason || end?.reason || null;
  return (
    <div class="session-page" id="session">
      <section class="card" aria-label="How it ended">
        <div class={`verdict verdict-${verdict}`}>
          <div class="verdict-word" id="print-verdict">
            {verdict_text(verdict)}
          </div>
          <div class="verdict-text">
            <p class="verdict-reason">
              <b>
                {session?.title || "Print"}
                {verifies ? ", verified" : ""}
              </b>
              {reason === null ? "" : `: ${reason_in_words(reason)}`}
            </p>
            <p class="verdict-report">
              {session === null ? "" : `${when_text(session.made_utc)}, ${tracks_words(session)}. `}Session <code>{id}</code>
            </p>
          </div>
          <button
            type="button"
            class="small-key"
            id="all-prints"
            onClick={() => {
              shown.value = null;
              tab.value = "sessions"; // whatever brought the page here
            }}
          >
            ALL PRINTS
          </button>
        </div>
        {told?.findings.map((each) => (
          <p key={each.text} class="finding finding-fail">
            <b>{reason_in_words(each.reason)}</b> {each.text}
          </p>
        ))}
        {told !== null && verifies && <Agreements told={told} />}
        {told !== null && told.off_tape_text !== "" && <p class="align-hint">{told.off_tape_text.replaceAll("+-", "\u00b1")}</p>}
        {session !== null && <GoOn session={session} />}
        {verifies ? (
          <p class="end-keys">
            <button type="button" class="small-key" id="show-print" onClick={() => void show_session(id)}>
              THE PRINT'S OWN REPORT
            </button>
          </p>
        ) : (
          told !== null && <Papers id={id} />
        )}
        {session !== null && <Verify session={session} />}
      </section>
      {report_problem.value !== null && <p class="align-hint">{report_problem.value}</p>}
      {told !== null && (
        <section class="track-verdicts" aria-label="Tracks">
          {told.tracks.map((track, index) => (
            <TrackVerdict key={`${track.side} ${index}`} track={track} number={told.tracks.slice(0, index + 1).filter(({ side }) => side === track.side).length} limits={told.limits} open={index === shown_track} toggle={() => set_open(index === shown_track ? -1 : index)} />
          ))}
        </section>
      )}
    </div>
  );
}
