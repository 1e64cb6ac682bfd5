/** The points a shopper can use now, within a sentence. */
import { StandingElement } from "./element.js";
import { say } from "./texts.js";

export class Balance extends StandingElement {
  static tag = "tallymark-balance";

  render({ signed_in, available }) {
    this.say(signed_in && say("points", available));
  }
}
