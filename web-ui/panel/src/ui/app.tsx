// SPDX-License-Identifier: Apache-2.0
import { panel } from "../state/panel";
import { Banners, MessageLine } from "./banners";
import { Counter, motion_words } from "./counter";
import { LocatorKeys } from "./locator_keys";
import { Meters } from "./meters";
import { ModeKeys } from "./mode_keys";
import { OnDemand } from "./on_demand";
import { PairingPage } from "./pairing_page";
import { PrintPanel } from "./print_panel";
import { StopKey } from "./stop_key";
import { TopBar } from "./top_bar";
import { TransportKeys } from "./transport_keys";

// not on the first screen: fetched when they are asked for
const analysis = () => import("./analysis");
const listen = () => import("../listen/listen_card");
const pictures = () => import("./pictures");
const help = () => import("./help");
const align = () => import("../align/align_view");
const bias = () => import("../bias/bias_view");
const print = () => import("../print/print_view");
const transfer = () => import("../transfer/transfer_view");
const PAGES = { align, bias, print, transfer };

function DeckView() {
  const { job, last_job } = panel.machine.value;
  return (
    <div class={`instruments ${job !== null || last_job !== null ? "printing" : ""} ${job !== null ? "owned" : ""}`}>
      <Counter />
      <Meters />
      {panel.pictures.value === "open" && <OnDemand load={pictures} name="The scope\u2019s part" />}
      {panel.analysing.value === "open" && <OnDemand load={analysis} name="The analysers\u2019 part" />}
      {panel.listening.value === "open" && <OnDemand load={listen} name="Listening\u2019s part" />}
      <LocatorKeys />
      <ModeKeys />
      <PrintPanel />
      <TransportKeys />
    </div>
  );
}

function Page() {
  const view = panel.view.value;
  return view === "deck" ? <DeckView /> : <OnDemand load={PAGES[view]} name={`The ${view} page`} />;
}

export function App() {
  const stale = panel.counter_stale.value;
  return (
    <div class={`panel ${panel.view.value === "align" && panel.alignment.value !== null ? "align-running" : ""}`}>
      <TopBar />
      <main>
        <Banners />
        {panel.phase.value === "unpaired" ? <PairingPage /> : <Page key={panel.view.value} />}
        {panel.help.value && <OnDemand load={help} name="Help" />}
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
