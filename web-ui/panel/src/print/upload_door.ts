// SPDX-License-Identifier: Apache-2.0
// The machine's door for uploads, by HTTP (docs/api.md, "Uploads").
import { fields, list, number, text } from "../align/alignment";
import { Lost, Refused } from "./uploader";

export interface Upload {
  id: string;
  name: string;
  size: number;
  offset: number;
  complete: boolean;
  sha256: string;
  part_bytes: number;
}
export interface Door {
  create(name: string, size: number): Promise<Upload>;
  find(id: string): Promise<Upload>;
  /** `sent`: bytes of this part that have left the browser. */
  append(id: string, offset: number, bytes: Blob, signal: AbortSignal | undefined, sent: (bytes: number) => void): Promise<Upload>;
  remove(id: string): Promise<void>;
}

const STALLED_MS = 20_000;

export function upload_of(value: unknown): Upload {
  const given = fields(value) ?? {};
  return {
    id: text(given.id),
    name: text(given.name),
    size: number(given.size) ?? 0,
    offset: number(given.offset) ?? number(given.received) ?? 0,
    complete: given.complete === true,
    sha256: text(given.sha256),
    part_bytes: number(given.part_bytes) ?? 0,
  };
}
export const uploads_of = (value: unknown): Upload[] => list(fields(value)?.uploads).map(upload_of);

/** What an answer means: 409 has the upload as it is; what will not become better by itself is refused. */
function read(status: number, body: string): Upload {
  let told: unknown = null;
  try {
    told = JSON.parse(body);
  } catch {
    told = null;
  }
  const given = fields(told);
  if (status >= 200 && status < 300 && given !== null) {
    return upload_of(given);
  }
  if (status === 409 && given !== null && fields(given.upload) !== null) {
    return upload_of(given.upload);
  }
  const words = text(given?.error) || `the machine answered ${status}`;
  throw status === 0 || status === 408 || status === 429 || status === 502 || status === 503 || status === 504 ? new Lost(words) : new Refused(words);
}

async function ask(path: string, options: RequestInit): Promise<Upload> {
  let answer: Response;
  try {
    answer = await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  } catch {
    throw new Lost("the machine can't be reached");
  }
  return read(answer.status, await answer.text());
}

export const http_door: Door = {
  create: (name, size) => ask("/api/v1/uploads", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ name, size }) }),
  find: (id) => ask(`/api/v1/uploads/${id}`, {}),
  remove: async (id) => {
    await fetch(`/api/v1/uploads/${id}`, { method: "DELETE", credentials: "same-origin" });
  },
  // XMLHttpRequest alone tells how far a body has come
  append: (id, offset, bytes, signal, sent) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("PATCH", `/api/v1/uploads/${id}`);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.setRequestHeader("Upload-Offset", String(offset));
      let stalled: ReturnType<typeof setTimeout> | undefined;
      const watch = () => {
        clearTimeout(stalled);
        stalled = setTimeout(() => request.abort(), STALLED_MS);
      };
      const end = () => clearTimeout(stalled);
      request.upload.onprogress = (event) => {
        watch();
        sent(event.loaded);
      };
      request.upload.onload = () => {
        end(); // the machine may take its time to write and read back
        sent(bytes.size);
      };
      request.onload = () => {
        end();
        try {
          resolve(read(request.status, request.responseText));
        } catch (error) {
          reject(error);
        }
      };
      request.onerror = request.onabort = () => {
        end();
        reject(new Lost("the connection was lost"));
      };
      signal?.addEventListener("abort", () => request.abort());
      watch();
      request.send(bytes);
    }),
};
