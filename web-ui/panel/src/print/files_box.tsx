// SPDX-License-Identifier: Apache-2.0
// Where a plan's files come from: this device, what was brought before, and the machine's own folders.
import { useEffect, useRef, useState } from "preact/hooks";
import { duration_text } from "../state/format";
import { panel } from "../state/panel";
import { AskedKey } from "../ui/asked_key";
import { add_to_plan, ask_folder, ask_roots, ask_uploads, drop_sending, folder, problem, quota_words, remove_upload, roots, send_files, sending, size_text, uploaded, uploader } from "./files_desk";
import { is_plan_file, open_plan } from "./open_desk";
import { draft, track_count } from "./plan_desk";
import type { Sending } from "./uploader";

const STATE_WORDS: Record<Sending["state"], string> = {
  waiting: "waits for its turn",
  sending: "is being sent",
  paused: "paused",
  lost: "connection lost; trying again",
  checking: "the machine checks what it has",
  complete: "the machine has it",
  failed: "failed",
};

function SendingRow({ row }: { row: Sending }) {
  const percent = row.size === 0 ? 0 : Math.floor((100 * row.offset) / row.size);
  return (
    <li class={`sending sending-${row.state}`}>
      <p class="sending-name">
        <b>{row.name}</b>
        <span>{row.state === "complete" ? size_text(row.size) : `${percent} % of ${size_text(row.size)}`}</span>
      </p>
      {row.state !== "complete" && (
        <div class="bar" role="progressbar" aria-label={`${row.name}: sent`} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
          <div class="bar-fill" style={{ width: `${percent}%` }} />
        </div>
      )}
      <p class="sending-state">
        {STATE_WORDS[row.state]}
        {row.problem === "" ? "" : `: ${row.problem}`}
        {row.sha256 !== "" && (
          <>
            , SHA-256 <code title={row.sha256}>{row.sha256.slice(0, 16)}...</code> as here
          </>
        )}
      </p>
      {row.state !== "complete" && (
        <p class="end-keys">
          {["paused", "failed"].includes(row.state) ? (
            <button type="button" class="small-key" onClick={() => uploader.go_on(row.key)}>
              {row.state === "failed" ? "TRY AGAIN" : "GO ON"}
            </button>
          ) : (
            <button type="button" class="small-key" disabled={row.state === "checking"} onClick={() => uploader.pause(row.key)}>
              PAUSE
            </button>
          )}
          <button type="button" class="small-key" onClick={() => drop_sending(row)}>
            REMOVE
          </button>
        </p>
      )}
    </li>
  );
}

function Uploaded({ side }: { side: number }) {
  const rows = uploaded.value.filter((each) => !sending.value.some((row) => row.id === each.id && row.state !== "complete"));
  const used = new Set(draft.value.sides.flatMap(({ tracks }) => tracks.map(({ file }) => file)));
  return (
    <ul class="entries" aria-label="Uploaded files">
      {rows.map((each) => (
        <li key={each.id}>
          <span class="entry-name">
            {each.name}
            <span>
              {size_text(each.size)}
              {each.complete ? "" : `, ${Math.floor((100 * each.offset) / Math.max(1, each.size))} % of it: choose the file again to go on`}
            </span>
          </span>
          {each.complete && (
            <button type="button" class="small-key" onClick={() => add_to_plan(`upload:${each.id}`, each.name, side, true)}>
              {used.has(`upload:${each.id}`) ? "ADD AGAIN" : "ADD"}
            </button>
          )}
          <AskedKey id={`remove-${each.id}`} label="DELETE" question={`Delete ${each.name} from the machine?`} yes="YES, DELETE" disabled={!panel.live.value} press={() => void remove_upload(each.id)} />
        </li>
      ))}
    </ul>
  );
}

function Entry({ name, words, label, press }: { name: string; words: string; label: string; press: () => void }) {
  return (
    <li>
      <span class="entry-name">
        {name}
        <span>{words}</span>
      </span>
      <button type="button" class="small-key" onClick={press}>
        {label}
      </button>
    </li>
  );
}

function Folders({ side }: { side: number }) {
  const live = panel.live.value;
  useEffect(() => {
    if (live && folder.peek() === null) {
      void ask_roots();
    }
  }, [live]);
  const here = folder.value;
  const all = roots.value;
  if (here === null) {
    return all === null ? (
      <p class="align-hint">Asking the machine ...</p>
    ) : (
      <>
        {all.length === 0 && <p class="align-hint">No folder of the machine is opened to the panel: files.roots in the configuration does it.</p>}
        <ul class="entries" aria-label="Folders of the machine">
          {all.map((each) => (
            <Entry key={each.root} name={each.name} words={each.there ? "" : "is not there now"} label="OPEN" press={() => void ask_folder(each.root, "")} />
          ))}
        </ul>
      </>
    );
  }
  const below = (name: string) => (here.path === "" ? name : `${here.path}/${name}`);
  const { next } = here;
  return (
    <>
      <p class="folder-path">
        <button type="button" class="small-key" id="folder-up" onClick={() => void (here.path === "" ? ask_roots() : ask_folder(here.root, here.path.replace(/\/?[^/]*$/, "")))}>
          UP
        </button>
        <code>{[all?.find(({ root }) => root === here.root)?.name ?? "", here.path].filter((part) => part !== "").join("/")}</code>
      </p>
      <ul class="entries" aria-label="Files on the machine">
        {here.folders.map((name) => (
          <Entry key={name} name={name} words="" label="OPEN" press={() => void ask_folder(here.root, below(name))} />
        ))}
        {here.files.map((each) => (
          <Entry
            key={each.file}
            name={each.name}
            words={[each.duration_s === null ? "" : duration_text(each.duration_s), each.bytes === null ? "" : size_text(each.bytes)].filter((word) => word !== "").join(", ")}
            label="ADD"
            press={() => add_to_plan(each.file, each.name, side, true)}
          />
        ))}
      </ul>
      {here.folders.length + here.files.length === 0 && <p class="align-hint">No sound file here.</p>}
      {next !== null && (
        <button type="button" class="small-key" onClick={() => void ask_folder(here.root, here.path, next)}>
          MORE
        </button>
      )}
    </>
  );
}

/** A plan among them is opened, the others are brought to the machine. */
function take_files(files: File[], side: number): void {
  const plan = files.find(is_plan_file);
  if (plan !== undefined) {
    void open_plan(plan);
  }
  const others = files.filter((each) => !is_plan_file(each));
  if (others.length > 0) {
    send_files(others, side);
  }
}

export function FilesBox({ side }: { side: number }) {
  const choose = useRef<HTMLInputElement>(null);
  const [over, set_over] = useState(false);
  const [shown, set_shown] = useState<"uploads" | "folders" | null>(null);
  const live = panel.live.value;
  useEffect(() => {
    if (live) {
      void ask_uploads();
    }
  }, [live]);
  const many = uploaded.value.length;
  return (
    <section
      class={`card files-box ${over ? "over" : ""}`}
      aria-label="Files"
      onDragOver={(event) => {
        event.preventDefault();
        set_over(true);
      }}
      onDragLeave={() => set_over(false)}
      onDrop={(event) => {
        event.preventDefault();
        set_over(false);
        take_files([...(event.dataTransfer?.files ?? [])], side);
      }}
    >
      <h2>Files</h2>
      <p class="end-keys">
        <button type="button" class="small-key begin-key" id="choose-files" onClick={() => choose.current?.click()}>
          CHOOSE FILES OF THIS DEVICE
        </button>
        <input
          ref={choose}
          id="files"
          class="visually-hidden"
          type="file"
          multiple
          tabIndex={-1}
          aria-label="Files of this device"
          onChange={(event) => {
            take_files([...(event.currentTarget.files ?? [])], side);
            event.currentTarget.value = "";
          }}
        />
        <button type="button" class="small-key" id="show-uploads" aria-expanded={shown === "uploads"} onClick={() => set_shown(shown === "uploads" ? null : "uploads")}>
          UPLOADED{many === 0 ? "" : ` (${many})`}
        </button>
        <button type="button" class="small-key" id="show-folders" aria-expanded={shown === "folders"} onClick={() => set_shown(shown === "folders" ? null : "folders")}>
          ON THE MACHINE
        </button>
      </p>
      {track_count.value === 0 && <p class="align-hint">A plan that was saved (.toml) is opened, when it is chosen or dropped here.</p>}
      {quota_words.value !== "" && <p class="align-hint">Room for uploads: {quota_words.value}.</p>}
      {sending.value.length > 0 && (
        <ul class="sendings" aria-label="Files being sent">
          {sending.value.map((row) => (
            <SendingRow key={row.key} row={row} />
          ))}
        </ul>
      )}
      {problem.value !== null && <p class="finding finding-warn">{problem.value}</p>}
      {shown === "uploads" && <Uploaded side={side} />}
      {shown === "folders" && <Folders side={side} />}
    </section>
  );
}
