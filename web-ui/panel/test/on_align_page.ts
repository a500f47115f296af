// SPDX-License-Identifier: Apache-2.0
// What the tests of the alignment page share, on the page of panel_page.tsx.
import { act } from "preact/test-utils";
import { records } from "../dev/mock-alignment.mjs";
import { appears, daemon, find, go_live, pass_live, sent } from "./panel_page";

export const text = (selector: string) => find(selector).textContent;
export const tell = (method: string, params: unknown) => act(() => daemon.socket.tells(method, params));
export const press = (selector: string) => act(() => find(selector).click());
let sequence = 100;
/** A view that comes after the one before. */
export const view = (told: object) => tell("alignment", { ...told, sequence: ++sequence });
export const answer = async (method: string, result: unknown) => {
  await act(async () => {
    sent(method).forEach((question) => daemon.socket.answers(question.id, result));
    await Promise.resolve();
  });
  await pass_live(250);
};
export async function begin(told: object): Promise<void> {
  await go_live();
  await view(told);
  await appears(".align-step");
}
export const answer_records = async () => {
  for (let turn = 0; turn < 6; turn++) {
    await act(async () => {
      for (const { id, params } of sent("alignment_record")) {
        daemon.socket.answers(id, records.find((each) => each.uuid === (params as { uuid: string }).uuid));
      }
      await Promise.resolve();
    });
    await pass_live(250);
  }
};
/** Where one is begun, on a live link. */
export async function at_start_page(): Promise<void> {
  history.replaceState(null, "", "/#align");
  await act(() => void window.dispatchEvent(new Event("hashchange")));
  await go_live();
  await appears(".align-start");
}
/** What the test before has left in the browser. */
export function begin_anew(): void {
  localStorage.clear();
  history.replaceState(null, "", "/");
}
