// SPDX-License-Identifier: Apache-2.0
// What the deck and its patch offer beyond the keys (status, deck.offers): a key is shown only for what is offered.

export interface ShuttleOffer {
  slowest_ips: number;
  fastest_ips: number;
}
export interface Offers {
  library_wind: boolean;
  shuttle: ShuttleOffer | null;
  edit: boolean;
  lifter_defeat: boolean;
  thread: boolean;
  speeds_ips: number[];
  ready_tracks: number;
  routes: string[]; // of the patch, that have a relay
}

export const NOTHING_OFFERED: Offers = {
  library_wind: false, shuttle: null, edit: false, lifter_defeat: false, thread: false, speeds_ips: [], ready_tracks: 0, routes: [],
}; // prettier-ignore

type Fields = Record<string, unknown>;
const fields = (value: unknown): Fields | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;

export const numbers_of = (value: unknown): number[] => (Array.isArray(value) ? value.filter((each) => typeof each === "number") : []);
export const words_of = (value: unknown): string[] => (Array.isArray(value) ? value.filter((each) => typeof each === "string") : []);

function shuttle_of(value: unknown): ShuttleOffer | null {
  const given = fields(value);
  return typeof given?.fastest_ips === "number" && given.fastest_ips > 0
    ? { slowest_ips: typeof given.slowest_ips === "number" ? given.slowest_ips : 0, fastest_ips: given.fastest_ips }
    : null;
}

/** Of status' deck; `before` where nothing is said of it. */
export function offers_of(deck: unknown, before: Offers): Offers {
  const given = fields(fields(deck)?.offers);
  return given === null
    ? before
    : {
        library_wind: given.library_wind === true,
        shuttle: shuttle_of(given.shuttle),
        edit: given.edit === true,
        lifter_defeat: given.lifter_defeat === true,
        thread: given.thread === true,
        speeds_ips: numbers_of(given.speeds_ips),
        ready_tracks: typeof given.ready_tracks === "number" ? given.ready_tracks : 0,
        routes: words_of(given.routes),
      };
}

/** How the patch stands. */
export interface Routes {
  on: string[];
  muted_by_cue: boolean; // the mute relay is closed because a cue on defeated lifters is loud
}

export function routes_of(value: unknown, before: Routes): Routes {
  const given = fields(value);
  return given === null ? before : { on: words_of(given.on), muted_by_cue: given.muted_by_cue === true };
}
