/** Rewards on the page itself: to be taken, and to be used in the store's cart. */
import { StandingElement, ask, make } from "./element.js";
import { Rewards } from "./rewards.js";

const CSS = `
  ul { margin: 0; padding: 0; list-style: none }
  li {
    display: flex; flex-wrap: wrap; align-items: center; gap: 0 1em;
    padding-block: .6em; border-block-start: 1px solid #8883;
  }
  li span { flex: 1 1 8em }
  b { font-weight: 600 }
  small { display: block; font-size: .875em }
  button {
    min-block-size: 44px; padding: .4em 1em; border: 1px solid transparent;
    border-radius: 2em; font: inherit; font-weight: 600; cursor: pointer;
    color: var(--tallymark-on-accent, #fff); background: var(--tallymark-accent, #0b6b5d);
  }
  :focus-visible { outline: 3px solid; outline-offset: 3px }
  input { inline-size: 100%; min-block-size: 44px; accent-color: var(--tallymark-accent) }
  [role=status]:empty { display: none }
`;

/** The codes that the cart has, and one more; the store takes them all at once. */
export async function useInCart(code) {
  const root = window.Shopify?.routes?.root ?? "/";
  const { discount_codes: known = [] } = await ask(`${root}cart.js`);
  const codes = [...known.filter((one) => one.applicable).map((one) => one.code), code];
  const { discount_codes: taken } = await ask(`${root}cart/update.js`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ discount: codes.join() }),
  });
  return taken.some((one) => one.applicable && one.code.toUpperCase() === code.toUpperCase());
}

export class PageRewards extends StandingElement {
  static tag = "tallymark-rewards";
  #list = make("ul");

  constructor() {
    super(CSS);
  }

  connectedCallback() {
    this.rewards ??= new Rewards(this.proxy);
    this.line.replaceChildren(this.rewards.status, this.#list);
    super.connectedCallback();
  }

  /** What was won first, for it costs nothing. */
  render({ signed_in, available, prizes = [], rewards = [], redemptions = [] }) {
    if (!signed_in) return;
    const offer = (reward) => this.rewards.offer(reward, available);
    const taken = redemptions.filter(({ state }) => !["used", "ended"].includes(state));
    this.#list.replaceChildren(
      ...prizes.map(offer),
      ...taken.map((one) => this.#usable(one)),
      ...rewards.map(offer),
    );
  }

  #usable(redemption) {
    const item = this.rewards.taken(redemption);
    const { code, is_voucher, kind } = redemption;
    // Neither is a code that a cart takes.
    if (!code || is_voucher || kind === "gift_card") return item;
    const use = this.getAttribute("use");
    const button = make("button", { "aria-label": `${use}: ${redemption.name}` }, use);
    button.onclick = () => this.#use(redemption, button);
    item.append(button);
    return item;
  }

  async #use({ code, name }, button) {
    button.disabled = true;
    const fits = await useInCart(code).catch(console.debug);
    if (fits) return location.reload();
    button.disabled = false;
    this.rewards.status.textContent = `${name}: ${this.getAttribute("refused")}`;
    this.rewards.status.focus();
  }
}

if (!customElements.get(PageRewards.tag)) {
  customElements.define(PageRewards.tag, PageRewards);
}
