/** What all elements have in common. */
import { Standing } from "./standing.js";

/** A new element; data among its children is only ever text. */
export function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const name in attributes) node.setAttribute(name, attributes[name]);
  node.append(...children);
  return node;
}

/** Keeps the page's own text until there is a better one. */
export class TallymarkElement extends HTMLElement {
  line = make("span", { id: "line" }, make("slot"));

  constructor(css = "") {
    super();
    const root = this.attachShadow({ mode: "open" });
    try {
      root.adoptedStyleSheets = [new CSSStyleSheet()];
      root.adoptedStyleSheets[0].replaceSync(css);
    } catch {
      root.append(make("style", {}, css));
    }
    root.append(this.line);
  }

  get proxy() {
    const meta = document.querySelector("meta[name=tallymark-proxy]");
    return this.getAttribute("src") || meta?.content || "/apps/tallymark";
  }

  say(text) {
    this.line.replaceChildren(text || make("slot"));
  }
}

/** Rendered whenever the shopper's standing is news. */
export class StandingElement extends TallymarkElement {
  connectedCallback() {
    this.standing = Standing.at(this.proxy);
    this.standing.follow(this);
  }

  disconnectedCallback() {
    this.standing.leave(this);
  }
}
