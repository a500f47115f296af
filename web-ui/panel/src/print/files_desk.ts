// SPDX-License-Identifier: Apache-2.0
// The files that a plan can be made of: what is being brought to the machine, what was, and what lies in its own folders.
import { sha256 } from "@noble/hashes/sha2.js";
import { signal } from "@preact/signals";
import { fields, list, number, text } from "../align/alignment";
import { panel } from "../state/panel";
import { with_file_found, with_files, without_track } from "./draft";
import { change } from "./plan_desk";
import { http_door, uploads_of, type Upload } from "./upload_door";
import { Uploader, type Sending } from "./uploader";

export interface RootFolder {
  root: number;
  name: string;
  there: boolean;
}
export interface MachineFile {
  name: string;
  file: string; // whole path
  bytes: number | null;
  duration_s: number | null;
}
/** A folder of a root; path empty: its top. */
export interface Folder {
  root: number;
  path: string;
  folders: string[];
  files: MachineFile[];
  next: number | null; // there is more from here on
}

export const sending = signal<Sending[]>([]);
export const uploaded = signal<Upload[]>([]); // what the machine has
export const quota_words = signal("");
export const roots = signal<RootFolder[] | null>(null);
export const folder = signal<Folder | null>(null); // null: the roots are shown
export const problem = signal<string | null>(null);
export const side_for_files = signal<number | null>(null); // key of the side that they go to

const wanted_by = new Map<number, number>(); // row of an upload -> the side that it goes to

export const uploader = new Uploader({
  door: http_door,
  hasher: () => sha256.create(),
  changed: (all) => {
    const complete = (rows: Sending[]) => rows.filter(({ state }) => state === "complete").length;
    const more = complete(all) > complete(sending.peek());
    sending.value = all;
    if (more) {
      void ask_uploads();
    }
  },
  begun: (each) => {
    const side = wanted_by.get(each.key);
    if (side !== undefined) {
      add_to_plan(`upload:${each.id}`, each.name, side);
    }
  },
});

/** Once: one that is gone on with after a reload stands in the plan already. */
export function add_to_plan(file: string, name: string, side: number | null, again = false): void {
  change((draft) => {
    if (!again && draft.sides.some(({ tracks }) => tracks.some((track) => track.file === file))) {
      return draft;
    }
    const found = with_file_found(draft, file, name);
    if (found !== null) {
      return found;
    }
    const where = draft.sides.find(({ key }) => key === side) ?? draft.sides.at(-1);
    return where === undefined ? draft : with_files(draft, where.key, [{ file, name }]);
  });
}

/** Off the list; one that is not complete goes from the machine and the plan as well. */
export function drop_sending(row: Sending): void {
  uploader.remove(row.key);
  if (row.state !== "complete" && row.id !== "") {
    change((draft) => draft.sides.flatMap((side) => side.tracks).reduce((now, track) => (track.file === `upload:${row.id}` ? without_track(now, track.key) : now), draft));
  }
}

/** In the order of their names, as they stand in a folder. */
export function send_files(files: File[], side: number): void {
  const in_order = [...files].sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  const before = new Set(uploader.all.map(({ key }) => key));
  uploader.add(
    in_order.map((file) => ({ name: file.name, blob: file })),
    uploaded.peek(),
  );
  uploader.all.filter(({ key }) => !before.has(key)).forEach(({ key }) => wanted_by.set(key, side));
}

async function tell<T>(method: string, params: object | undefined, read: (answer: unknown) => T): Promise<T | null> {
  try {
    const answer = read(await panel.ask(method, params));
    problem.value = null;
    return answer;
  } catch (error) {
    problem.value = error instanceof Error ? error.message : String(error);
    return null;
  }
}

export const size_text = (bytes: number): string => (bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.max(0.1, bytes / 1e6).toFixed(1)} MB`);

export async function ask_uploads(): Promise<void> {
  await tell("uploads", undefined, (answer) => {
    const given = fields(answer) ?? {};
    uploaded.value = uploads_of(given);
    const [used, quota] = [number(given.used_bytes), number(given.quota_bytes)];
    quota_words.value = used === null || quota === null ? "" : `${size_text(used)} of ${size_text(quota)} used`;
  });
}

function folder_of(answer: unknown): Folder {
  const given = fields(answer) ?? {};
  return {
    root: number(given.root) ?? 0,
    path: text(given.path),
    folders: list(given.folders).map(text),
    files: list(given.files).map((each) => {
      const told = fields(each) ?? {};
      return { name: text(told.name), file: text(told.file), bytes: number(told.bytes), duration_s: number(told.duration_s) };
    }),
    next: number(given.next),
  };
}
export async function ask_roots(): Promise<void> {
  folder.value = null;
  roots.value =
    (await tell("files", undefined, (answer) =>
      list(fields(answer)?.roots).map((each) => {
        const told = fields(each) ?? {};
        return { root: number(told.root) ?? 0, name: text(told.name), there: told.there === true };
      }),
    )) ?? roots.peek();
}
/** `from` above 0: what comes after what is shown. */
export async function ask_folder(root: number, path: string, from = 0): Promise<void> {
  const told = await tell("files", { root, ...(path === "" ? {} : { path }), ...(from === 0 ? {} : { from }) }, folder_of);
  const before = folder.peek();
  if (told !== null) {
    folder.value = from === 0 || before === null ? told : { ...told, folders: [...before.folders, ...told.folders], files: [...before.files, ...told.files] };
  }
}

export async function remove_upload(id: string): Promise<void> {
  if (await panel.command("upload_remove", { upload: id }, performance.now())) {
    void ask_uploads();
  }
}
