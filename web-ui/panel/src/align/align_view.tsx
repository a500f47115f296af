// SPDX-License-Identifier: Apache-2.0
// The alignment page: the step that runs; else how the last one ended, or what can be begun; below it what was before.
import { ended, running } from "./desk";
import { Earlier } from "./earlier";
import { EndPage } from "./end_page";
import { StartPage } from "./start_page";
import { StepPage } from "./step_page";
import { TransportKeys } from "../ui/transport_keys";
import "../style/align_pages.css";
import "../style/align.css";
import "../style/align_small.css";
import "../style/plot.css";
import "../style/tables.css";

export default function AlignView() {
  const now = running.value;
  if (now !== null) {
    return <StepPage now={now} />;
  }
  return (
    <div class="align-page">
      {ended.value !== null ? <EndPage last={ended.value} /> : <StartPage />}
      <Earlier />
      <TransportKeys />
    </div>
  );
}
