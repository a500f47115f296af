// SPDX-License-Identifier: Apache-2.0
// Pairing: the printed address carries a one-time token behind '#', which no browser sends and no log shows. It is
// taken out of the address bar first, then posted.

/** The token of "#token=...", taken out of the address bar and the history. Null when there is none. */
export function take_token_from_address(): string | null {
  const match = /^#token=([A-Za-z0-9_-]+)$/.exec(location.hash);
  if (location.hash.startsWith("#token")) {
    history.replaceState(null, "", location.pathname + location.search);
  }
  return match?.[1] ?? null;
}

/** What an operator may paste: the token itself or the whole printed address. */
export function token_of_entry(entry: string): string {
  const text = entry.trim();
  return /#token=([A-Za-z0-9_-]+)/.exec(text)?.[1] ?? text;
}

export type PairingResult = { paired: true } | { paired: false; problem: string };

export async function pair(token: string): Promise<PairingResult> {
  let answer: Response;
  try {
    answer = await fetch("/api/v1/pair", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
    });
  } catch {
    return { paired: false, problem: "The machine could not be reached. Is overbiasd running?" };
  }
  if (answer.ok) {
    return { paired: true };
  }
  if (answer.status === 429) {
    return { paired: false, problem: "Too many tries. Wait a minute, then try again." };
  }
  if (answer.status === 401) {
    return { paired: false, problem: "This token is wrong, used up or too old. A token is good for one browser." };
  }
  return { paired: false, problem: `The machine refused to pair (status ${answer.status}).` };
}
