/** Where a shopper sees everything. */
import { StandingElement, make } from "./element.js";
import { befriend } from "./referral.js";
import { say } from "./texts.js";

const STYLE = new URL("panel.css", import.meta.url);

class Place extends StandingElement {
  // A named section is a landmark, where all content belongs.
  section = make("section", { "aria-label": say("rewards") });

  render(data) {
    this.data = data;
    this.panel?.render(data);
    befriend(this.proxy, data).then((refusal) => {
      if (!refusal) return;
      this.refusal = refusal;
      this.panel?.render(this.data);
    });
  }

  /** Once there is something to show, in its clothes. */
  show() {
    if (this.clothes) return;
    this.clothes = make("link", { rel: "stylesheet", href: STYLE });
    this.clothes.onload = () => {
      const had = this.shadowRoot.activeElement;
      this.line.replaceWith(this.section);
      if (had) this.section.firstChild.focus();
    };
    this.shadowRoot.append(this.clothes);
  }

  /** What is in it is fetched on demand. */
  async fetch(shape) {
    try {
      const isAny = this.data.actions?.some((action) => action.can_report);
      const reporting = isAny ? import("./report.js").catch(console.debug) : null;
      const shapes = await import("./panel.js");
      this.reporting ??= await reporting;
      await shapes.prepare(this).catch(console.debug);
      return (this.panel ??= new shapes[shape](this));
    } catch (error) {
      console.debug(error);
    }
  }
}

export class Launcher extends Place {
  static tag = "tallymark-launcher";
  #button = make("button", { "aria-haspopup": "dialog" });

  constructor() {
    super();
    this.section.append(this.#button);
    this.#button.onpointerenter = this.#button.onfocus = () => this.fetch("Panel");
    this.#button.onclick = async () => (await this.fetch("Panel"))?.open();
  }

  /** The button is changed, never replaced: it keeps the focus. */
  render(data) {
    super.render(data);
    const words = [say("rewards")];
    if (data.signed_in) words.push(say("points", data.available));
    this.#button.textContent = words.at(-1);
    this.#button.ariaLabel = words.join(": ");
    this.show();
  }
}

export class Member extends Place {
  static tag = "tallymark-member";

  async render(data) {
    super.render(data);
    if (await this.fetch("Content")) this.show();
  }
}
