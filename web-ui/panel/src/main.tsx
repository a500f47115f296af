// SPDX-License-Identifier: Apache-2.0
import { render } from "preact";
import { panel } from "./state/panel";
import { App } from "./ui/app";
import { take_keys } from "./ui/keyboard";
import "./style/theme.css";
import "./style/layout.css";
import "./style/top_bar.css";
import "./style/views.css";
import "./style/notices.css";
import "./style/keys.css";
import "./style/counter.css";
import "./style/meters.css";
import "./style/print.css";
import "./style/locator.css";
import "./style/modes.css";

const root = document.getElementById("panel");
if (root !== null) {
  render(<App />, root);
  take_keys(panel);
  void panel.start();
}
