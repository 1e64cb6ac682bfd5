/** What points buy: rewards to take, and those that were taken. */
import { make } from "./element.js";
import { ask, send, wait } from "./standing.js";
import { day, say } from "./texts.js";

// The store makes a reward within a moment, as a rule.
const PAUSES_MS = [300, 500, 700, 1000, 1500, 2000, 4000];
const UNDECIDED = ["waiting", "granting", "ending"];

export class Rewards {
  // Kept while all else is drawn anew: it is read out, and has the focus.
  status = make("p", { role: "status", tabindex: "-1" });

  constructor(proxy) {
    this.path = `${proxy}/redemptions`;
  }

  /** A reward with what it takes to have it. */
  offer(reward, available) {
    const { description, points_cost, available: open, reason, step, slots } = reward;
    const name = reward.times > 1 ? `${reward.times} × ${reward.name}` : reward.name;
    const text = description ? [name, make("small", {}, description)] : [name];
    const cost = reward.won_with ?? say("points", points_cost);
    if (available === undefined) return row(text, cost);
    if (!open) return row(text, cost, reason);
    const button = make("button", { "aria-label": `${say("take")}: ${name}` }, say("take"));
    const slider = step && this.#slider(reward, available, button);
    const date = slots?.length && dates(slots, name);
    const choice = slider || date;
    // Another choice is another wish.
    if (choice) choice.onchange = () => delete button.request;
    button.onclick = () =>
      this.#take(reward, slider?.valueAsNumber ?? null, date?.value ?? null, button);
    return row(text, cost, choice || say("in_reach"), button);
  }

  /** A reward that was taken, with its code. */
  taken(redemption) {
    const { id, name, state, reason, code, can_cancel, is_voucher } = redemption;
    const { slot, cancel_until: until } = redemption;
    const told = [slot && day(slot, "short"), say(`state_${state}`), reason];
    const detail = told.filter(Boolean).join(" · ");
    const item = row(name, code ? make("code", {}, code) : "", detail);
    if (is_voucher && state === "granted") {
      const src = `${this.path}/${id}/qr.svg`;
      item.append(make("img", { src, alt: say("qr_code"), width: 176, loading: "lazy" }));
    }
    if (can_cancel && (!until || new Date() < new Date(until))) {
      const button = make("button", { "aria-label": `${say("give_back")}: ${name}` });
      button.textContent = say("give_back");
      button.onclick = () => this.#follow(button, `${this.path}/${id}/cancel`, {});
      item.append(button);
    }
    return item;
  }

  #slider({ name, points_cost, points_max, step }, available, button) {
    const most = Math.min(points_max ?? available, available);
    const max = Math.floor(most / step) * step;
    const attributes = { type: "range", min: points_cost, max, step, value: points_cost };
    const slider = make("input", { ...attributes, "aria-label": name });
    slider.oninput = () => {
      const points = say("points", slider.valueAsNumber);
      slider.setAttribute("aria-valuetext", points);
      button.textContent = `${say("take")}: ${points}`;
    };
    return slider;
  }

  /** The same click is the same wish, however often it is sent. */
  #take({ id, prize }, points, slot, button) {
    button.request ??= crypto.randomUUID();
    const wish = { request_id: button.request, reward_id: id, points, slot, prize };
    return this.#follow(button, this.path, wish);
  }

  async #follow(button, path, body) {
    button.disabled = true;
    this.status.textContent = say("one_moment");
    this.status.focus();
    try {
      let told = await send(path, body);
      // A wish is waited for until it is decided, an end until it has come.
      const undecided = [...UNDECIDED, !body.request_id && told.state];
      for (const pause of PAUSES_MS) {
        if (!undecided.includes(told.state)) break;
        await wait(pause);
        told = await ask(`${this.path}/${told.id}`);
      }
      const state = say(`state_${told.state}`);
      this.status.textContent = [told.name, told.code || told.reason || state].join(": ");
      document.dispatchEvent(new Event("tallymark:refresh"));
    } catch (error) {
      console.debug(error);
      this.status.textContent = say("not_now");
    }
    button.disabled = false;
  }
}

/** A choice of dates, as the store's clock has them. */
function dates(slots, name) {
  const options = slots.map(({ starts_at: value }) =>
    make("option", { value }, day(value, "short")),
  );
  return make("select", { "aria-label": `${say("date")}: ${name}` }, ...options);
}

export function row(text, value = "", detail, ...more) {
  const small = make("small", {}, detail || "");
  const name = make("span", {}, ...[text].flat(), small);
  return make("li", {}, name, make("b", {}, value), ...more);
}
