/** What points buy: rewards to take, and those that were taken. */
import { ask, make, refresh, send, wait } from "./element.js";
import { add, day, joined, money, say, until } from "./texts.js";

add({
  on_orders: "on orders from {reward} on",
  share: "{at_most} % of an order",
  valid: { one: "valid for {count} day", other: "valid for {count} days" },
  offered: "offered until {reward}",
  unused: "no points back if unused",
  given: "{reward} given so far",
  in_reach: "In reach",
  take: "Take",
  date: "Date",
  give_back: "Give back",
  qr_code: "QR code of the voucher",
  one_moment: "One moment …",
  not_now: "That did not work. Please try again.",
  state_waiting: "Being looked at",
  state_refused: "Not possible",
  state_asked: "Waiting for the store",
  state_granting: "Being made",
  state_granted: "Ready to use",
  state_used: "Used",
  state_ending: "Being given back",
  state_ended: "Ended",
});

// The store makes a reward within a moment, as a rule.
const PAUSES_MS = [300, 500, 700, 1000, 1500, 2000, 4000];
const UNDECIDED = ["waiting", "granting", "ending"];

// Until it is decided, the same choice is the same wish.
const wishes = {};

export class Rewards {
  // Kept: it has the focus.
  status = make("p", { role: "status", tabindex: "-1" });

  constructor(proxy) {
    this.proxy = proxy;
    this.path = `${proxy}/redemptions`;
  }

  /** A reward, what it takes to have it, and what holds then. */
  offer(reward, available) {
    const { id, prize, description, points_cost, available: open, reason, slots } = reward;
    const name = reward.times > 1 ? `${reward.times} × ${reward.name}` : reward.name;
    const text = [name, small(description), small(terms(reward.terms ?? {}))];
    if (reward.kind === "donation") text.push(this.#given(reward));
    const cost = reward.won_with ?? say("points", points_cost);
    if (available === undefined) return row(text, cost);
    if (!open) return row(text, cost, reason);
    const button = labelled("take", name);
    const slider = reward.step ? slide(reward, available, button) : null;
    const date = slots?.length ? dates(slots, name) : null;
    const choice = slider ?? date;
    if (choice) choice.name = [id, prize];
    button.onclick = () => this.#take(reward, slider?.valueAsNumber, date?.value, button);
    return row(text, cost, choice ?? say("in_reach"), button);
  }

  taken(redemption) {
    const { id, name, state, reason, code, slot, valid_until } = redemption;
    const { is_voucher, can_cancel, cancel_until } = redemption;
    const ready = state === "granted";
    forget(redemption);
    const detail = joined(
      slot && day(slot, "short"),
      say(`state_${state}`),
      ready && !slot && until(valid_until, "until", "short"),
      reason,
    );
    const item = row(name, code && make("code", {}, code), detail);
    if (is_voucher && ready) {
      const src = `${this.path}/${id}/qr.svg`;
      item.append(make("img", { src, alt: say("qr_code"), width: 176, loading: "lazy" }));
    }
    if (can_cancel && !(Date.parse(cancel_until) <= Date.now())) {
      const button = labelled("give_back", name);
      button.onclick = () => this.#follow(button, `${this.path}/${id}/cancel`, {});
      item.append(button);
    }
    return item;
  }

  /** Asked once a page. */
  #given({ id }) {
    const note = small("\u00a0"); // so that nothing moves
    this.given ??= ask(`${this.proxy}/donations`);
    this.given
      .then(({ donations }) => {
        const { given } = donations.find((each) => each.reward_id === id);
        note.textContent = say("given", 0, money(given));
      })
      .catch(console.debug);
    return note;
  }

  #take({ id, prize }, points = null, slot = null, button) {
    const chosen = [this.path, id, prize, points, slot];
    const wish = (wishes[chosen] ??= { request_id: crypto.randomUUID() });
    const { request_id } = wish;
    const body = { request_id, reward_id: id, points, slot, prize };
    return this.#follow(button, this.path, body, wish);
  }

  async #follow(button, path, body, wish = {}) {
    button.disabled = true;
    this.status.textContent = say("one_moment");
    this.status.focus();
    try {
      let told = await send(path, body);
      wish.id = told.id;
      // A wish is waited for until decided, an end until it has come.
      const undecided = [...UNDECIDED, !body.request_id && told.state];
      for (const pause of PAUSES_MS) {
        if (!undecided.includes(told.state)) break;
        await wait(pause);
        told = await ask(`${this.path}/${told.id}`);
      }
      forget(told);
      const { name, code, reason, state } = told;
      this.status.textContent = `${name}: ${code || reason || say(`state_${state}`)}`;
      refresh();
    } catch (error) {
      console.debug(error);
      this.status.textContent = say("not_now");
    }
    button.disabled = false;
  }
}

function slide({ name, points_cost: min, points_max, step }, available, button) {
  const most = Math.min(points_max ?? available, available);
  const max = Math.floor(most / step) * step;
  const slider = make("input", { type: "range", min, max, step, value: min, "aria-label": name });
  slider.oninput = () => {
    const points = say("points", slider.valueAsNumber);
    slider.setAttribute("aria-valuetext", points);
    button.textContent = `${say("take")}: ${points}`;
  };
  return slider;
}

/** What is decided is wished for no more. */
function forget({ id, state }) {
  if (UNDECIDED.includes(state)) return;
  for (const chosen in wishes) if (wishes[chosen].id === id) delete wishes[chosen];
}

/** What is to be known before points are spent. */
function terms({ order_amount_min: least, valid_days, ...terms }) {
  return joined(
    least && say("on_orders", 0, money(least)),
    terms.order_share_max && say("share", terms.order_share_max),
    valid_days && say("valid", valid_days),
    until(terms.ends_at, "offered"),
    terms.unused_returns === false && say("unused"),
  );
}

/** By the store's clock. */
function dates(slots, name) {
  const options = slots.map(({ starts_at: value }) =>
    make("option", { value }, day(value, "short")),
  );
  return make("select", { "aria-label": `${say("date")}: ${name}` }, ...options);
}

export function labelled(word, name) {
  const label = `${say(word)}: ${name}`;
  return make("button", { "aria-label": label, name: label }, say(word));
}

export function small(text) {
  return make("small", {}, text);
}

export function row(text, value, detail, ...more) {
  const name = make("span", {}, ...[text].flat(), small(detail));
  return make("li", {}, name, make("b", {}, value), ...more);
}
