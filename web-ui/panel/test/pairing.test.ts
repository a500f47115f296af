// SPDX-License-Identifier: Apache-2.0
// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from "vitest";
import { pair, take_token_from_address, token_of_entry } from "../src/link/pairing";

afterEach(() => {
  vi.unstubAllGlobals();
});

test("the token leaves the address bar as it is taken", () => {
  history.replaceState(null, "", "/#token=abc_DEF-123");
  expect(take_token_from_address()).toBe("abc_DEF-123");
  expect(location.hash).toBe("");
  expect(take_token_from_address()).toBeNull();
});

test("another fragment is no token", () => {
  history.replaceState(null, "", "/#token=a b");
  expect(take_token_from_address()).toBeNull();
});

test("the whole printed address may be pasted", () => {
  expect(token_of_entry(" http://127.0.0.1:8038/#token=abc123 ")).toBe("abc123");
  expect(token_of_entry(" abc123\n")).toBe("abc123");
});

test.each([
  [204, true, ""],
  [401, false, "wrong, used up or too old"],
  [429, false, "Too many tries"],
  [500, false, "status 500"],
])("status %i", async (status, paired, words) => {
  let body = "";
  vi.stubGlobal("fetch", (_path: string, options: { body: string }) => {
    body = options.body;
    return Promise.resolve({ ok: status < 300, status });
  });
  const result = await pair("abc");
  expect(JSON.parse(body)).toEqual({ token: "abc" });
  expect(result.paired).toBe(paired);
  if (!result.paired) {
    expect(result.problem).toContain(words);
  }
});

test("a machine that is away", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("refused")));
  expect(await pair("abc")).toMatchObject({ paired: false, problem: expect.stringContaining("could not be reached") as string });
});
