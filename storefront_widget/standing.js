/** A shopper's standing, asked once a page. */
const standings = {};

// Points take a moment after a checkout.
const PAUSES_MS = [0, 500, 500, 1000, 2000];

export class Standing {
  #followers = new Set();
  #turn = 0;

  static at(proxy) {
    return (standings[proxy] ??= new Standing(proxy));
  }

  constructor(proxy) {
    this.path = `${proxy}/standing`;
    this.loaded = this.#load();
    document.addEventListener("tallymark:refresh", () => this.#refresh());
  }

  follow(element) {
    this.#followers.add(element);
    if (this.data) element.render(this.data);
  }

  leave(element) {
    this.#followers.delete(element);
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

  async #load() {
    try {
      const data = await ask(this.path);
      if (typeof data.signed_in !== "boolean") throw Error("no standing");
      this.data = data;
      for (const element of this.#followers) element.render(data);
      const event = { detail: data, bubbles: true, composed: true };
      document.dispatchEvent(new CustomEvent("tallymark:standing", event));
    } catch (error) {
      console.debug(error); // and leave the page as it is
    }
  }
}

function points({ available, pending, owed, lifetime_earned, redemptions } = {}) {
  const taken = redemptions?.map(({ id, state }) => id + state);
  return [available, pending, owed, lifetime_earned, taken].join();
}

export async function ask(path, options) {
  const signal = AbortSignal.timeout(5000);
  const { lang } = document.documentElement;
  const answer = await fetch(`${path}?lang=${lang}`, { signal, ...options });
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
