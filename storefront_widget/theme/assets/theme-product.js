/** What a product earns, in the variant and quantity that are chosen. */
import { Estimate } from "./estimate.js";

export class Product extends Estimate {
  static tag = "tallymark-product";
  static text = "product_earns";
  #observer = new MutationObserver(() => this.handleEvent());

  /** Themes change the chosen variant by hand or by script. */
  connectedCallback() {
    document.addEventListener("change", this);
    const form = this.#form;
    if (form) this.#observer.observe(form, { subtree: true, attributeFilter: ["value"] });
    this.handleEvent();
  }

  disconnectedCallback() {
    document.removeEventListener("change", this);
    this.#observer.disconnect();
  }

  get #form() {
    const near = this.closest("section") ?? document;
    const own = 'form[action*="/cart/add"]';
    return near.querySelector(own) ?? document.querySelector(own);
  }

  handleEvent() {
    const chosen = this.#form ? new FormData(this.#form) : new Map();
    const variant = chosen.get("id") || this.getAttribute("variant");
    const price_minor = JSON.parse(this.getAttribute("prices"))[variant];
    const line = {
      product_id: this.getAttribute("product-id"),
      price_minor,
      quantity: Number(chosen.get("quantity")) || 1,
      gift_card: this.hasAttribute("gift-card"),
      tags: JSON.parse(this.getAttribute("tags")),
    };
    const lines = JSON.stringify(price_minor === undefined ? [] : [line]);
    if (lines !== this.getAttribute("lines")) this.setAttribute("lines", lines);
  }
}

if (!customElements.get(Product.tag)) customElements.define(Product.tag, Product);
