/** The panel: a shopper's points, what they buy, how they came about. */
import { make } from "./element.js";
import { language, say } from "./texts.js";

export class Panel {
  #close = make("button", { "aria-label": say("close") }, "✕");
  #content = make("div");
  #dialog = make("dialog", { "aria-label": say("rewards") }, this.#close, this.#content);

  constructor(launcher) {
    this.launcher = launcher;
    this.#close.onclick = () => this.#dialog.close();
    this.#dialog.onclick = ({ target }) => {
      if (target === this.#dialog) target.close(); // its backdrop
    };
    launcher.section.append(this.#dialog);
    this.render(launcher.data);
  }

  open() {
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  render(data) {
    const { launcher } = this;
    const href = launcher.getAttribute("login-url") || "/account/login";
    this.#content.replaceChildren(
      make("header", {}, ...(data.signed_in ? points(data) : program())),
      data.signed_in
        ? make("tallymark-progress", { src: launcher.proxy })
        : make("a", { href }, say("sign_in")),
      ...list("ways_to_earn", ways(data), (way) => way),
      ...list("rewards", data.rewards, reward),
      ...list("history", data.history, change),
    );
  }
}

function program() {
  return [make("h2", {}, say("rewards")), say("program")];
}

function points({ available, pending, owed }) {
  return [
    make("h2", {}, say("your_points")),
    make("strong", {}, say("points", available)),
    make("div", {}, pending > 0 ? say("pending", pending) : ""),
    make("div", {}, owed > 0 ? say("owed", owed) : ""),
  ];
}

function list(title, items, draw) {
  if (!items?.length) return [];
  return [make("h3", {}, say(title)), make("ul", {}, ...items.map(draw))];
}

function ways({ program, actions = [], stamp_cards = [], challenges = [] }) {
  return [
    ...(program?.ways_to_earn ?? []).map((way) => row(way)),
    ...actions.map((way) => offer(way, way.can_earn === false && say("done"))),
    ...stamp_cards.map((way) => offer(way, `${way.stamps} / ${way.size}`)),
    ...challenges.map((way) => offer(way, way.is_rewarded ? say("done") : steps(way))),
  ];
}

function steps({ steps }) {
  return steps.map(({ text, so_far }) => `${text}: ${so_far}`).join(" · ");
}

function offer({ name, points }, detail) {
  return row(name, say("points", points), detail);
}

function reward({ name, points_cost, points_needed }) {
  return row(name, say("points", points_cost), points_needed === 0 && say("in_reach"));
}

function change({ kind, text, points, at }) {
  const day = new Date(at).toLocaleDateString(language(), { dateStyle: "medium" });
  const signed = points.toLocaleString(language(), { signDisplay: "exceptZero" });
  return row(say(kind) || say("change"), signed, text ? `${text} · ${day}` : day);
}

function row(text, value = "", detail) {
  const small = make("small", {}, detail || "");
  return make("li", {}, make("span", {}, text, small), make("b", {}, value));
}
