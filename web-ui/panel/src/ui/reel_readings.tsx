// SPDX-License-Identifier: Apache-2.0
// Tape remaining, and the reels' radius and tension where there are sensors. Asked every two seconds while it is seen.
import { useEffect } from "preact/hooks";
import { panel } from "../state/panel";
import { remaining_text, side_text } from "../state/reels";

const ASK_EVERY_MS = 2000;

export function ReelReadings() {
  const live = panel.live.value;
  useEffect(() => {
    if (!live) {
      return;
    }
    void panel.ask_reels();
    const timer = setInterval(() => !document.hidden && void panel.ask_reels(), ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [live]);
  const reels = panel.reels.value;
  if (reels === null || panel.counter_stale.value) {
    return null;
  }
  const doubtful = reels.remaining_by !== "reels" && panel.machine.value.place?.known === false;
  const supply = side_text(reels.supply);
  const take_up = side_text(reels.take_up);
  return (
    <dl class="reels" id="reels">
      <div>
        <dt class="mode-name">TAPE LEFT</dt>
        <dd class={doubtful ? "doubtful-figure" : ""}>
          {doubtful ? "~ " : ""}
          {remaining_text(reels)}
          <span class="reels-by"> {reels.remaining_by === "" ? "" : `by ${reels.remaining_by}`}</span>
        </dd>
      </div>
      {supply !== null && (
        <div>
          <dt class="mode-name">SUPPLY</dt>
          <dd>{supply}</dd>
        </div>
      )}
      {take_up !== null && (
        <div>
          <dt class="mode-name">TAKE-UP</dt>
          <dd>{take_up}</dd>
        </div>
      )}
      {reels.warning !== null && <div class="reels-warning">{reels.warning}</div>}
    </dl>
  );
}
