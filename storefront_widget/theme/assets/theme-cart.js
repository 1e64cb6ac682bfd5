/** Where a theme changes the cart without a new page, the cart's block is read anew. */
import { wait } from "./element.js";

// Shopify's own, of themes that send them.
const EVENTS = ["shopify:cart:lines-update", "shopify:cart:discount-update"];
const CHANGES = /\/cart\/(add|change|update|clear)(\.js)?$/;

export class Cart extends HTMLElement {
  static tag = "tallymark-cart";
  #turn = 0;
  // All other themes ask the store by themselves; the browser tells, and no fetch of
  // theirs has to be replaced.
  #observer = new PerformanceObserver((list) => {
    const paths = list.getEntries().map(({ name }) => new URL(name).pathname);
    if (paths.some((path) => CHANGES.test(path))) this.#refresh();
  });

  connectedCallback() {
    for (const name of EVENTS) document.addEventListener(name, this);
    this.#observer.observe({ type: "resource" });
  }

  disconnectedCallback() {
    for (const name of EVENTS) document.removeEventListener(name, this);
    this.#observer.disconnect();
  }

  /** The event comes before the store has answered, which its promise waits for. */
  async handleEvent({ promise }) {
    await Promise.resolve(promise).catch(console.debug);
    this.#refresh();
  }

  /** Only the last of a burst of changes is read; an old number is worse than none. */
  async #refresh() {
    const turn = ++this.#turn;
    await wait(200);
    if (turn !== this.#turn) return;
    const now = await this.#read();
    if (turn !== this.#turn || now?.innerHTML === this.innerHTML) return;
    this.replaceChildren(...(now?.childNodes ?? []));
  }

  /** As Liquid writes it for the cart as it is: the section by itself. */
  async #read() {
    const page = await read(`?section_id=${this.getAttribute("section")}`);
    return page?.getElementById(this.id);
  }
}

/** A page, with its scripts at rest; strict pages let no script parse HTML itself. */
function read(path) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("GET", path);
    request.responseType = "document";
    request.timeout = 5000;
    request.onloadend = () => done(request.status === 200 && request.response);
    request.send();
  });
}

if (!customElements.get(Cart.tag)) customElements.define(Cart.tag, Cart);
