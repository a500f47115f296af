// SPDX-License-Identifier: Apache-2.0
// JSON-RPC 2.0 text over the socket (docs/api.md): requests with the time of the key press, answers, notifications.

export interface RpcError {
  code: number;
  message: string;
}
export type Incoming =
  | { kind: "answer"; id: number; result: unknown }
  | { kind: "refusal"; id: number; error: RpcError }
  | { kind: "notification"; method: string; params: unknown };

/** Text of a request. `at`: the server's time when the key was pressed; commands without motion need none. */
export function request_text(id: number, method: string, params: object | undefined, at: number | null): string {
  return JSON.stringify({
    jsonrpc: "2.0",
    id,
    method,
    ...(params === undefined ? {} : { params }),
    ...(at === null ? {} : { at }),
  });
}

export function notification_text(method: string, params: object): string {
  return JSON.stringify({ jsonrpc: "2.0", method, params });
}

function is_object(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Null for what is not JSON-RPC. */
export function parse_incoming(text: string): Incoming | null {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return null;
  }
  if (!is_object(message)) {
    return null;
  }
  if (typeof message.method === "string") {
    return { kind: "notification", method: message.method, params: message.params ?? null };
  }
  if (typeof message.id !== "number") {
    return null;
  }
  if (is_object(message.error)) {
    const { code, message: words } = message.error;
    return {
      kind: "refusal",
      id: message.id,
      error: { code: typeof code === "number" ? code : 0, message: typeof words === "string" ? words : "refused" },
    };
  }
  return { kind: "answer", id: message.id, result: message.result };
}
