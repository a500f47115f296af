// SPDX-License-Identifier: Apache-2.0
// One method by a request of its own: what may be larger than what waits beside the readings on the socket.
import { request_text } from "./rpc";

type Told = Record<string, unknown>;
const as_object = (value: unknown): Told | null => (typeof value === "object" && value !== null ? (value as Told) : null);
const as_text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Rejects with the machine's own words. */
export async function http_call(method: string, params: object): Promise<Told> {
  const response = await fetch("/api/v1/rpc", {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    body: request_text(1, method, params, null),
  });
  const answer = as_object(await response.json());
  const told = as_object(answer?.result);
  if (told === null) {
    throw new Error(as_text(as_object(answer?.error)?.message) || as_text(answer?.error) || `the machine answered ${response.status}`);
  }
  return told;
}

export interface Document {
  name: string;
  type: string;
  bytes: Uint8Array<ArrayBuffer>;
}
/** What a method answers with a file as `{"name", "type", "base64"}`. */
export async function fetch_document(method: string, params: object): Promise<Document> {
  const told = await http_call(method, params);
  return { name: as_text(told.name), type: as_text(told.type), bytes: Uint8Array.from(atob(as_text(told.base64)), (letter) => letter.charCodeAt(0)) };
}
