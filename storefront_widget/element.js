/** What all elements have in common: they ask the app, and keep the page's own text. */

/** A new element; data among its children is only ever text. */
export function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const name in attributes) node.setAttribute(name, attributes[name]);
  node.append(...children.filter(Boolean));
  return node;
}

/** Keeps the page's own text until there is a better one. */
export class TallymarkElement extends HTMLElement {
  constructor(css = "") {
    super();
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    if (!root.firstChild) root.append(make("span", { id: "line" }, make("slot")));
    // So does what Liquid wrote into it.
    this.line = root.lastElementChild;
    try {
      root.adoptedStyleSheets = [new CSSStyleSheet()];
      root.adoptedStyleSheets[0].replaceSync(css);
    } catch {
      root.append(make("style", {}, css));
    }
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
    this.standing = standings[this.proxy] ??= new Standing(this.proxy);
    this.standing.follow(this);
  }

  disconnectedCallback() {
    this.standing.followers.delete(this);
  }
}

const standings = {};

// Points take a moment to come.
const PAUSES_MS = [0, 500, 500, 1000, 2000];

/** A shopper's standing: asked once a page, shared by all elements. */
class Standing {
  followers = new Set();
  #turn = 0;

  constructor(proxy) {
    this.path = `${proxy}/standing`;
    this.loaded = this.#load();
    document.addEventListener("tallymark:refresh", () => this.#refresh());
  }

  follow(element) {
    this.followers.add(element);
    if (this.data) element.render(this.data);
  }

  /** Look until the points change; a newer call takes over. */
  async #refresh() {
    const turn = ++this.#turn;
    await this.loaded;
    const before = points(this.data);
    for (const pause of PAUSES_MS) {
      await wait(pause);
      if (turn !== this.#turn || points(this.data) !== before) return;
      await this.#load();
    }
  }

  /** A failure leaves the page as it is. */
  async #load() {
    try {
      const data = await ask(this.path);
      if (typeof data.signed_in !== "boolean") throw Error("no standing");
      this.data = data;
      for (const element of this.followers) element.render(data);
      const event = { detail: data, bubbles: true, composed: true };
      document.dispatchEvent(new CustomEvent("tallymark:standing", event));
    } catch (error) {
      console.debug(error);
    }
  }
}

function points({ available, pending, owed, lifetime_earned, redemptions } = {}) {
  const taken = redemptions?.map(({ id, state }) => id + state);
  return [available, pending, owed, lifetime_earned, taken].join();
}

/** Look again, since something was done. */
export function refresh() {
  document.dispatchEvent(new Event("tallymark:refresh"));
}

export async function ask(path, options) {
  path += `?lang=${document.documentElement.lang}`;
  const answer = await fetch(path, { signal: AbortSignal.timeout(5000), ...options });
  if (!answer.ok) throw Error(answer.status);
  return answer.json();
}

export function send(path, body) {
  const headers = { "Content-Type": "application/json" };
  return ask(path, { method: "POST", headers, body: JSON.stringify(body) });
}

export function wait(milliseconds) {
  return new Promise((wake) => setTimeout(wake, milliseconds));
}
