/** The small fixed button that opens the panel, fetched on demand. */
import { StandingElement, make } from "./element.js";
import { befriend } from "./referral.js";
import { say } from "./texts.js";

const STYLE = new URL("launcher.css", import.meta.url);

export class Launcher extends StandingElement {
  static tag = "tallymark-launcher";
  #button = make("button", { "aria-haspopup": "dialog" });
  // A named section is a landmark, where all content belongs.
  section = make("section", { "aria-label": say("rewards") }, this.#button);

  constructor() {
    super();
    this.#button.onpointerenter = this.#button.onfocus = () => this.#fetch();
    this.#button.onclick = async () => (await this.#fetch())?.open();
  }

  /** The button is changed, never replaced: it keeps the focus. */
  render(data) {
    if (!this.data) this.#show();
    this.data = data;
    befriend(this.proxy, data);
    const rewards = say("rewards");
    const points = data.signed_in && say("points", data.available);
    this.#button.textContent = points || rewards;
    const name = points ? `${rewards}: ${points}` : rewards;
    this.#button.setAttribute("aria-label", name);
    this.panel?.render(data);
  }

  /** Only once there is something to show, and in its clothes. */
  #show() {
    const style = make("link", { rel: "stylesheet", href: STYLE });
    style.onload = () => style.after(this.section);
    this.shadowRoot.append(style);
  }

  async #fetch() {
    try {
      const { Panel } = await import("./panel.js");
      return (this.panel ??= new Panel(this));
    } catch (error) {
      console.debug(error);
    }
  }
}
