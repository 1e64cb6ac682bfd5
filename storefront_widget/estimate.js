/** What an order of these lines would earn. */
import { TallymarkElement } from "./element.js";
import { send, wait } from "./standing.js";
import { say } from "./texts.js";

export class Estimate extends TallymarkElement {
  static tag = "tallymark-estimate";
  static text = "order_earns";
  static observedAttributes = ["lines", "currency"];
  #turn = 0;

  /** Only the last of a burst of changes is asked and shown. */
  async attributeChangedCallback() {
    const turn = ++this.#turn;
    await wait(200);
    if (turn !== this.#turn) return;
    const points = await this.#points().catch(console.debug);
    if (turn === this.#turn) this.say(points > 0 && say(this.constructor.text, points));
  }

  async #points() {
    const currency = this.getAttribute("currency");
    const lines = JSON.parse(this.getAttribute("lines"));
    const answer = await send(`${this.proxy}/estimate`, { currency, lines });
    return answer.points;
  }
}
