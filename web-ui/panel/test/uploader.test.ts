// SPDX-License-Identifier: Apache-2.0
// Uploads against a machine that keeps what came, loses connections and refuses.
import { sha256 } from "@noble/hashes/sha2.js";
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Door, Upload } from "../src/print/upload_door";
import { Lost, Refused, Uploader, type Sending } from "../src/print/uploader";

const PART = 1000;
const bytes_of = (length: number, seed = 1) => Uint8Array.from({ length }, (_, at) => (at * 31 + seed * 7) & 255);
const hash_of = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

class Machine implements Door {
  kept = new Map<string, { told: Upload; bytes: Uint8Array }>();
  appended: [number, number][] = []; // offset, length
  lose_at: number[] = []; // bytes after which the connection is lost, once each
  quota = Number.POSITIVE_INFINITY;
  spoil = false;
  gate: Promise<void> | null = null; // a body waits for it
  at_once = 0; // bodies that are on their way

  async create(name: string, size: number): Promise<Upload> {
    if (size > this.quota) {
      throw new Refused("no room: 20.0 GB are used");
    }
    const id = `id-${this.kept.size + 1}`;
    this.kept.set(id, { told: { id, name, size, offset: 0, complete: false, sha256: "", part_bytes: PART }, bytes: new Uint8Array(size) });
    return { ...this.one(id).told };
  }
  async find(id: string): Promise<Upload> {
    return { ...this.one(id).told };
  }
  async append(id: string, offset: number, body: Blob, signal: AbortSignal | undefined): Promise<Upload> {
    const { told, bytes } = this.one(id);
    this.at_once += 1;
    try {
      const given = new Uint8Array(await body.arrayBuffer());
      await this.gate;
      if (signal?.aborted) {
        throw new Lost("aborted");
      }
      expect(offset).toBe(told.offset);
      const lost = this.lose_at.findIndex((at) => at >= offset && at < offset + given.length);
      const taken = lost < 0 ? given : given.slice(0, (this.lose_at.splice(lost, 1)[0] ?? 0) - offset);
      bytes.set(taken, offset);
      told.offset += taken.length;
      this.appended.push([offset, taken.length]);
      if (lost >= 0) {
        throw new Lost("the connection was lost");
      }
      if (told.offset === told.size) {
        told.complete = true;
        if (this.spoil) {
          bytes[0] = (bytes[0] ?? 0) ^ 1;
        }
        told.sha256 = hash_of(bytes);
      }
      return { ...told };
    } finally {
      this.at_once -= 1;
    }
  }
  removed: string[] = [];
  async remove(id: string): Promise<void> {
    this.removed.push(id);
  }
  private one(id: string) {
    const found = this.kept.get(id);
    if (found === undefined) {
      throw new Refused("there is no such upload");
    }
    return found;
  }
}

function begin(machine: Machine) {
  let all: Sending[] = [];
  const begun: string[] = [];
  const uploader = new Uploader({ door: machine, hasher: () => sha256.create(), changed: (now) => (all = now), begun: ({ name }) => begun.push(name), wait: () => new Promise((done) => setTimeout(done, 0)) });
  const until = async (condition: (rows: Sending[]) => boolean) => {
    for (let turn = 0; turn < 2000 && !condition(all); turn++) {
      await new Promise((done) => setTimeout(done, 1));
    }
    expect(condition(all), JSON.stringify(all)).toBe(true);
  };
  return { uploader, until, rows: () => all, begun };
}
const blob = (bytes: Uint8Array<ArrayBuffer>) => new Blob([bytes]);

test("part after part, to the last byte, and the hash is that of the file here", async () => {
  const machine = new Machine();
  const { uploader, until, rows } = begin(machine);
  const bytes = bytes_of(3 * PART + 17);
  uploader.add([{ name: "a.wav", blob: blob(bytes) }], []);
  await until(([row]) => row?.state === "complete");
  expect(machine.kept.get("id-1")?.bytes).toEqual(bytes);
  expect(machine.appended.map(([, length]) => length)).toEqual([PART, PART, PART, 17]);
  expect(rows()[0]?.sha256).toBe(hash_of(bytes));
});

test("after a lost connection it goes on from where the machine is, not from the start", async () => {
  const machine = new Machine();
  machine.lose_at = [1500, 2100];
  const { uploader, until } = begin(machine);
  const bytes = bytes_of(3 * PART);
  uploader.add([{ name: "a.wav", blob: blob(bytes) }], []);
  await until(([row]) => row?.state === "complete");
  expect(machine.kept.get("id-1")?.bytes).toEqual(bytes);
  expect(machine.appended).toEqual([[0, 1000], [1000, 500], [1500, 600], [2100, 900]]); // prettier-ignore
});

test("paused: not a byte more, until it is to go on", async () => {
  const machine = new Machine();
  let open = () => {};
  machine.gate = new Promise((done) => (open = done));
  const { uploader, until, rows } = begin(machine);
  uploader.add([{ name: "a.wav", blob: blob(bytes_of(4 * PART)) }], []);
  await until(() => machine.at_once === 1);
  uploader.pause(rows()[0]?.key ?? 0);
  machine.gate = null;
  open();
  await until(() => machine.at_once === 0);
  expect(rows()[0]?.state).toBe("paused");
  expect(machine.appended).toEqual([]);
  uploader.go_on(rows()[0]?.key ?? 0);
  await until(([row]) => row?.state === "complete");
});

test("several at once, two at a time; they are begun in their order", async () => {
  const machine = new Machine();
  let open = () => {};
  machine.gate = new Promise((done) => (open = done));
  const { uploader, until, begun, rows } = begin(machine);
  uploader.add(["1", "2", "3", "4", "5"].map((name, at) => ({ name, blob: blob(bytes_of(2 * PART, at)) })), []);
  await until((all) => all.every(({ id }) => id !== "") && machine.at_once > 1);
  expect(rows().map(({ state }) => state)).toEqual(["sending", "sending", "waiting", "waiting", "waiting"]);
  expect(machine.at_once).toBe(2);
  open();
  await until((all) => all.every(({ state }) => state === "complete"));
  expect(begun).toEqual(["1", "2", "3", "4", "5"]);
});

test("no room is told in the machine's words, and the others go on", async () => {
  const machine = new Machine();
  machine.quota = 1500;
  const { uploader, until, rows } = begin(machine);
  uploader.add([{ name: "big", blob: blob(bytes_of(2000)) }, { name: "small", blob: blob(bytes_of(10)) }], []); // prettier-ignore
  await until((all) => all[1]?.state === "complete");
  expect(rows()[0]).toMatchObject({ state: "failed", problem: "no room: 20.0 GB are used" });
});

test("what arrived is not what was sent: said, never called complete", async () => {
  const machine = new Machine();
  machine.spoil = true;
  const { uploader, until, rows } = begin(machine);
  uploader.add([{ name: "a.wav", blob: blob(bytes_of(1500)) }], []);
  await until(([row]) => row?.state === "failed");
  expect(rows()[0]?.problem).toContain("not this file");
});

test("chosen again after a reload: the unfinished one of the same name and size is gone on with", async () => {
  const machine = new Machine();
  const bytes = bytes_of(2500);
  const made = await machine.create("a.wav", bytes.length);
  machine.kept.get(made.id)!.bytes.set(bytes.slice(0, 1200));
  machine.kept.get(made.id)!.told.offset = 1200;
  const { uploader, until, rows } = begin(machine);
  uploader.add([{ name: "a.wav", blob: blob(bytes) }], [await machine.find(made.id)]);
  await until(([row]) => row?.state === "complete");
  expect(machine.kept.size).toBe(1);
  expect(machine.appended[0]).toEqual([1200, 1000]);
  expect(rows()[0]?.sha256).toBe(hash_of(bytes)); // of the whole file, also of what was sent before
});

test("removed while it is sent: it goes from the machine too", async () => {
  const machine = new Machine();
  machine.gate = new Promise(() => {});
  const { uploader, until, rows } = begin(machine);
  uploader.add([{ name: "a.wav", blob: blob(bytes_of(1500)) }], []);
  await until(() => machine.at_once === 1);
  uploader.remove(rows()[0]?.key ?? 0);
  expect(rows()).toEqual([]);
  await until(() => machine.removed.length === 1);
});
