/** The points there are, and how far it is to the next reward. */
import { StandingElement, make } from "./element.js";
import { say } from "./texts.js";

/** The points a shopper can use now, within a sentence. */
export class Balance extends StandingElement {
  static tag = "tallymark-balance";

  render({ signed_in, available }) {
    this.say(signed_in && say("points", available));
  }
}

const CSS = `
  :host(:not([hidden])), #line, progress { display: block }
  progress { inline-size: 100%; accent-color: var(--tallymark-accent, #0b6b5d) }
  progress:not([value]) { visibility: hidden }
`;

/** A sentence and a bar. */
export class Progress extends StandingElement {
  static tag = "tallymark-progress";
  #bar = make("progress", { "aria-labelledby": "line" });

  constructor() {
    super(CSS);
    this.shadowRoot.append(this.#bar);
  }

  render({ signed_in, next_reward: next, rewards }) {
    const known = signed_in && rewards?.length;
    this.#bar.removeAttribute("value");
    if (known) this.#bar.value = next?.progress ?? 1;
    const far = next && say("to_reward", next.points_needed, next.name);
    this.say(known && (far || say("best_reward")));
  }
}
