// SPDX-License-Identifier: Apache-2.0
// Brings files to the machine in parts (docs/api.md, "Uploads"): goes on after a lost connection from where the machine
// is, can be paused, and compares the hash that the machine has read back from its disk with that of the file here.
import type { Door, Upload } from "./upload_door";

export type SendState = "waiting" | "sending" | "paused" | "lost" | "checking" | "complete" | "failed";
export interface Sending {
  key: number;
  name: string;
  size: number;
  offset: number; // bytes that the machine has, or that are on their way
  state: SendState;
  problem: string; // why it is lost or failed
  id: string; // of the upload; empty: not begun
  sha256: string; // of a complete one
}

/** SHA-256 of what has been given to it, a piece after the other. */
export interface Hasher {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

export class Lost extends Error {} // try again
export class Refused extends Error {} // do not

export interface UploaderParts {
  door: Door;
  hasher: () => Hasher;
  changed: (all: Sending[]) => void;
  begun?: (each: Sending) => void; // it has its id now
  wait?: (milliseconds: number) => Promise<void>;
}

const AT_ONCE = 2;
const HASH_BYTES = 512 * 1024; // at a time: STOP must not wait behind it
const AGAIN_FIRST_MS = 500;
const AGAIN_MOST_MS = 5000;

interface Row {
  told: Sending;
  file: Blob;
  cancel: AbortController | null;
  hash: Hasher;
  hashed: number; // bytes in it
}

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const sleep = (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds));

export class Uploader {
  private rows: Row[] = [];
  private next_key = 1;
  private part_bytes = 0; // that the machine takes at a time
  private creating: Promise<void> = Promise.resolve();
  private readonly wait: (milliseconds: number) => Promise<void>;

  constructor(private readonly parts: UploaderParts) {
    this.wait = parts.wait ?? sleep;
  }

  /** In this order. `known`: what the machine has already; an unfinished one of the same name and size is gone on with. */
  add(files: { name: string; blob: Blob }[], known: Upload[]): void {
    const free = known.filter((each) => !each.complete);
    for (const { name, blob } of files) {
      const told: Sending = { key: this.next_key++, name, size: blob.size, offset: 0, state: "waiting", problem: "", id: "", sha256: "" };
      const row: Row = { told, file: blob, cancel: null, hash: this.parts.hasher(), hashed: 0 };
      this.rows.push(row);
      const at = free.findIndex((each) => each.name === name && each.size === blob.size);
      const [unfinished] = at < 0 ? [] : free.splice(at, 1);
      this.creating = this.creating.then(() => this.create(row, unfinished));
    }
    this.tell();
  }

  pause(key: number): void {
    const row = this.row(key);
    if (row !== undefined && ["waiting", "sending", "lost"].includes(row.told.state)) {
      this.set(row, { state: "paused", problem: "" });
      row.cancel?.abort();
    }
  }
  go_on(key: number): void {
    const row = this.row(key);
    if (row !== undefined && ["paused", "failed", "lost"].includes(row.told.state)) {
      this.set(row, { state: "waiting", problem: "" });
      if (row.told.id === "") {
        this.creating = this.creating.then(() => this.create(row, undefined));
      }
      this.turn();
    }
  }
  /** Takes it off the list, and off the machine when it is not complete. */
  remove(key: number): void {
    const row = this.row(key);
    this.rows = this.rows.filter((each) => each !== row);
    if (row !== undefined && row.told.state !== "complete") {
      row.told.state = "failed";
      row.cancel?.abort();
      if (row.told.id !== "") {
        void this.parts.door.remove(row.told.id).catch(() => undefined); // it is thrown away after a day anyway
      }
    }
    this.tell();
    this.turn();
  }
  get all(): Sending[] {
    return this.rows.map(({ told }) => ({ ...told }));
  }

  private row(key: number): Row | undefined {
    return this.rows.find((each) => each.told.key === key);
  }
  private set(row: Row, change: Partial<Sending>): void {
    Object.assign(row.told, change);
    this.tell();
  }
  private tell(): void {
    this.parts.changed(this.all);
  }

  private async create(row: Row, unfinished: Upload | undefined): Promise<void> {
    for (let again_ms = AGAIN_FIRST_MS; row.told.id === "" && this.rows.includes(row) && row.told.state === "waiting"; again_ms = Math.min(2 * again_ms, AGAIN_MOST_MS)) {
      try {
        const made = unfinished ?? (await this.parts.door.create(row.told.name, row.told.size));
        this.set(row, { id: made.id, offset: made.offset, problem: "" });
        this.parts.begun?.({ ...row.told });
      } catch (error) {
        if (error instanceof Refused) {
          this.set(row, { state: "failed", problem: error.message });
          return;
        }
        this.set(row, { problem: error instanceof Error ? error.message : String(error) });
        await this.wait(again_ms);
      }
    }
    this.turn();
  }

  private turn(): void {
    const busy = this.rows.filter(({ told }) => ["sending", "checking", "lost"].includes(told.state)).length;
    for (const row of this.rows.filter(({ told }) => told.state === "waiting" && told.id !== "").slice(0, Math.max(0, AT_ONCE - busy))) {
      void this.send(row);
    }
  }

  private async send(row: Row): Promise<void> {
    this.set(row, { state: "sending", problem: "" });
    let again_ms = AGAIN_FIRST_MS;
    let certain = false; // the offset is the machine's own word
    const going = () => this.rows.includes(row) && ["sending", "lost", "checking"].includes(row.told.state);
    while (going()) {
      row.cancel = new AbortController();
      try {
        const now: Upload = certain ? await this.next_part(row) : await this.parts.door.find(row.told.id);
        certain = true;
        again_ms = AGAIN_FIRST_MS;
        if (!going()) {
          break;
        }
        this.set(row, { state: "sending", offset: now.offset, problem: "" });
        this.part_bytes = now.part_bytes;
        if (now.complete) {
          await this.compare(row, now.sha256);
          break;
        }
      } catch (error) {
        if (!going()) {
          break;
        }
        certain = false;
        if (error instanceof Refused) {
          this.set(row, { state: "failed", problem: error.message });
          break;
        }
        this.set(row, { state: "lost", problem: error instanceof Error ? error.message : String(error) });
        await this.wait(again_ms);
        again_ms = Math.min(2 * again_ms, AGAIN_MOST_MS);
      }
    }
    this.turn();
  }

  private async next_part(row: Row): Promise<Upload> {
    const from = row.told.offset;
    const to = Math.min(row.told.size, from + Math.max(1, Math.min(this.part_bytes || HASH_BYTES, 8 * 1024 * 1024)));
    const sent = this.parts.door.append(row.told.id, from, row.file.slice(from, to), row.cancel?.signal, (bytes) => {
      if (row.told.state === "sending") {
        this.set(row, { offset: from + bytes, ...(to === row.told.size && bytes >= to - from ? { state: "checking" as const } : {}) });
      }
    });
    await Promise.all([sent, this.hash_to(row, to)]);
    return sent;
  }

  private async hash_to(row: Row, to: number): Promise<void> {
    while (row.hashed < to && this.rows.includes(row)) {
      const bytes = new Uint8Array(await row.file.slice(row.hashed, Math.min(to, row.hashed + HASH_BYTES)).arrayBuffer());
      if (bytes.length === 0) {
        throw new Refused("the file can't be read any more: choose it again");
      }
      row.hash.update(bytes);
      row.hashed += bytes.length;
    }
  }

  private async compare(row: Row, theirs: string): Promise<void> {
    this.set(row, { state: "checking" });
    await this.hash_to(row, row.told.size);
    const ours = hex(row.hash.digest());
    if (ours !== theirs) {
      this.set(row, { state: "failed", problem: `what the machine has is not this file (SHA-256 ${theirs.slice(0, 12)}..., here ${ours.slice(0, 12)}...): remove it and send it again` });
    } else {
      this.set(row, { state: "complete", sha256: theirs, problem: "" });
    }
  }
}
