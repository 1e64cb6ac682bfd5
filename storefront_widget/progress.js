/** How far it is to the next reward: a sentence and a bar. */
import { StandingElement, make } from "./element.js";
import { say } from "./texts.js";

const CSS = `
  :host(:not([hidden])), #line, progress { display: block }
  #line { padding-block-end: .5em }
  progress {
    appearance: none; inline-size: 100%; block-size: .5em;
    border-radius: 1em; overflow: hidden; background: #8883;
  }
  progress:not([value]) { visibility: hidden }
  ::-webkit-progress-bar { background: none }
  ::-webkit-progress-value { background: var(--tallymark-accent, #0b6b5d) }
  ::-moz-progress-bar { background: var(--tallymark-accent, #0b6b5d) }
  @media (forced-colors: active) { progress { appearance: auto } }
`;

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
