// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { notification_text, parse_incoming, request_text } from "../src/link/rpc";

test("a request carries the time of its key press beside the method", () => {
  expect(JSON.parse(request_text(7, "locate", { position: "0:12:30" }, 1234))).toEqual({
    jsonrpc: "2.0", id: 7, method: "locate", params: { position: "0:12:30" }, at: 1234,
  }); // prettier-ignore
  expect(JSON.parse(request_text(8, "stop", undefined, null))).toEqual({ jsonrpc: "2.0", id: 8, method: "stop" });
});

test("a notification has no id", () => {
  expect(JSON.parse(notification_text("seen", { sequence: 5 }))).toEqual({ jsonrpc: "2.0", method: "seen", params: { sequence: 5 } });
});

test("answers, refusals, notifications", () => {
  expect(parse_incoming('{"jsonrpc":"2.0","id":3,"result":{"a":1}}')).toEqual({ kind: "answer", id: 3, result: { a: 1 } });
  expect(parse_incoming('{"jsonrpc":"2.0","id":3,"error":{"code":-32001,"message":"play was refused"}}')).toEqual({
    kind: "refusal", id: 3, error: { code: -32001, message: "play was refused" },
  }); // prettier-ignore
  expect(parse_incoming('{"jsonrpc":"2.0","method":"progress","params":null}')).toEqual({ kind: "notification", method: "progress", params: null });
});

test.each(["", "[]", "7", "null", "{", '{"id":"x","result":1}'])("%j is not for us", (text) => {
  expect(parse_incoming(text)).toBeNull();
});
