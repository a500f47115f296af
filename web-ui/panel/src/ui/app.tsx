// SPDX-License-Identifier: Apache-2.0
import { panel } from "../state/panel";
import { AnalysisView } from "./analysis";
import { Banners, MessageLine } from "./banners";
import { Counter, motion_words } from "./counter";
import { Help } from "./help";
import { LocatorKeys } from "./locator_keys";
import { Meters } from "./meters";
import { ModeKeys } from "./mode_keys";
import { PairingPage } from "./pairing_page";
import { Pictures } from "./pictures";
import { PrintPanel } from "./print_panel";
import { StopKey } from "./stop_key";
import { TopBar } from "./top_bar";
import { TransportKeys } from "./transport_keys";

export function App() {
  const stale = panel.counter_stale.value;
  const { job, last_job } = panel.machine.value;
  return (
    <div class="panel">
      <TopBar />
      <main>
        <Banners />
        {panel.phase.value === "unpaired" ? (
          <PairingPage />
        ) : (
          <div class={`instruments ${job !== null || last_job !== null ? "printing" : ""} ${job !== null ? "owned" : ""}`}>
            <Counter />
            <Meters />
            <Pictures />
            <AnalysisView />
            <LocatorKeys />
            <ModeKeys />
            <PrintPanel />
            <TransportKeys />
          </div>
        )}
        {panel.help.value && <Help />}
      </main>
      <footer class="dock">
        <MessageLine />
        <p class={`dock-motion ${stale ? "stale" : `motion-${panel.machine.value.current ?? "none"}`}`} aria-hidden="true">
          {stale ? "NOT LIVE" : motion_words(panel.machine.value)}
        </p>
      </footer>
      <StopKey />
    </div>
  );
}
