/** What these lines would earn. */
import { TallymarkElement, send, wait } from "./element.js";
import { say } from "./texts.js";

export class Estimate extends TallymarkElement {
  static tag = "tallymark-estimate";
  static text = "order_earns";
  static observedAttributes = ["lines", "currency"];
  #turn = 0;
  #own;

  /** The last of a burst is shown. */
  async attributeChangedCallback() {
    const turn = ++this.#turn;
    await wait(200);
    if (turn !== this.#turn) return;
    const lines = this.getAttribute("lines");
    this.#own ??= lines;
    const { points, bound } = (await this.#ask(lines).catch(console.debug)) ?? {};
    if (turn !== this.#turn) return;
    // What the page says is about its own lines, or has no number.
    let text = points === null || (points !== 0 && lines === this.#own) ? "" : " ";
    if (points > 0) text = say(this.constructor.text, points, "", say(bound, points));
    this.say(text);
  }

  async #ask(text) {
    const currency = this.getAttribute("currency");
    const taxes_included = this.hasAttribute("taxes-included");
    const lines = JSON.parse(text);
    return send(`${this.proxy}/estimate`, { currency, taxes_included, lines });
  }
}
