// SPDX-License-Identifier: Apache-2.0
// A part of the panel that is fetched when it is first shown. One that can't be fetched says so: a browser may remember a
// failed import for as long as the page lives, so the way out is to load the page anew.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

export type Load = () => Promise<{ default: ComponentType }>;
type Part = { shown: ComponentType } | "fetching" | "failed";

const there = new Map<Load, Part>();

export function OnDemand({ load, name }: { load: Load; name: string }) {
  const [part, set_part] = useState<Part>(there.get(load) ?? "fetching");
  useEffect(() => {
    let wanted = true;
    load().then(
      (module) => {
        const fetched = { shown: module.default };
        there.set(load, fetched);
        if (wanted) {
          set_part(fetched);
        }
      },
      () => wanted && set_part("failed"),
    );
    return () => void (wanted = false);
  }, [load]);
  if (part === "failed") {
    return (
      <div class="banner banner-danger on-demand" role="alert" id="not-fetched">
        <span>
          <b>{name} could not be fetched from the machine.</b> Either the connection failed or the daemon was updated. STOP works; the deck goes on as it was.
        </span>
        <button type="button" class="small-key" onClick={() => location.reload()}>
          LOAD THE PAGE ANEW
        </button>
      </div>
    );
  }
  if (part === "fetching") {
    return (
      <p class="on-demand" role="status">
        Fetching {name} ...
      </p>
    );
  }
  return <part.shown />;
}
