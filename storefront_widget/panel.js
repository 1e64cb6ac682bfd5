/** A shopper's points, what they buy, how they came about; in a panel or in the page. */
import { make } from "./element.js";
import { friends, welcome } from "./referral.js";
import { Rewards, row } from "./rewards.js";
import { day, language, say } from "./texts.js";

export class Content {
  #head = make("header");
  #content = make("div");

  constructor(place, box = place.section) {
    this.place = place;
    this.rewards = new Rewards(place.proxy);
    box.append(this.#head, this.rewards.status, this.#content);
    this.render(place.data);
  }

  render(data) {
    const { place, rewards } = this;
    const { status } = rewards;
    this.reports ??= place.reporting && new place.reporting.Reports(place.proxy, status);
    const focus = place.shadowRoot.activeElement;
    const offer = (reward) => rewards.offer(reward, data.available);
    const taken = (redemption) => rewards.taken(redemption);
    const buy = [
      ...list("rewards", data.rewards, offer),
      ...list("your_rewards", data.redemptions, taken),
    ];
    const earn = [
      ...list("tier", tier(data), (made) => made),
      ...list("bring_a_friend", friends(data, place.proxy, status), (one) => one),
      ...list("ways_to_earn", ways(data, this.reports), (way) => way),
      ...list("tiers", data.program?.tiers, (way) => row(way)),
    ];
    const href = place.getAttribute("login-url") || "/account/login";
    this.#head.replaceChildren(...(data.signed_in ? points(data) : program()));
    this.#content.replaceChildren(
      make("p", {}, welcome(data)),
      data.signed_in
        ? make("tallymark-progress", { src: place.proxy })
        : make("a", { href }, say("sign_in")),
      ...list("prizes", data.prizes, offer),
      ...(data.signed_in ? [buy, earn] : [earn, buy]).flat(),
      ...list("history", data.history, change),
    );
    // A form that is being filled in was only moved.
    if (focus?.isConnected && focus.form) focus.focus();
  }
}

export class Panel extends Content {
  constructor(launcher) {
    const close = make("button", { "aria-label": say("close") }, "✕");
    const dialog = make("dialog", { "aria-label": say("rewards") }, close);
    super(launcher, dialog);
    this.dialog = dialog;
    close.onclick = () => dialog.close();
    dialog.onclick = ({ target }) => {
      if (target === dialog) dialog.close(); // its backdrop
    };
    launcher.section.append(dialog);
  }

  open() {
    if (!this.dialog.open) this.dialog.showModal();
  }
}

function program() {
  return [make("h2", {}, say("rewards")), say("program")];
}

function points({ available, pending, owed, expiring, lapsing }) {
  const soon = expiring && say("expiring", expiring.points, day(expiring.at));
  return [
    make("h2", {}, say("your_points")),
    make("strong", {}, say("points", available)),
    make("div", {}, pending > 0 ? say("pending", pending) : ""),
    make("div", {}, owed > 0 ? say("owed", owed) : ""),
    make("div", {}, soon || ""),
    make("div", {}, lapsing ? keep(lapsing, expiring) : ""),
  ];
}

/** The last day that is over before points lapse: all of it is in time. */
function keep(lapsing, expiring) {
  const by = day(Date.parse(lapsing.at) - 864e5);
  const name = lapsing.points === expiring.points ? "keep_all" : "keep_some";
  return say(name, lapsing.points, by);
}

function tier({ tier, next_tier: next }) {
  const bar = () =>
    make("progress", { value: next.progress, "aria-label": next.missing });
  return [
    tier && row(tier.name, "", tier.perks.join(" · ")),
    tier?.to_stay && row(tier.to_stay),
    next && row(next.missing, bar()),
  ].filter(Boolean);
}

function list(title, items, draw) {
  if (!items?.length) return [];
  const rows = make("ul", {}, ...items.map(draw));
  return [make("div", {}, make("h3", {}, say(title)), rows)];
}

function ways({ program, actions = [], stamp_cards = [], challenges = [] }, reports) {
  return [
    ...(program?.ways_to_earn ?? []).map((way) => row(way)),
    ...actions.map((way) => offer(way, known(way, reports), ...(reports?.parts(way) ?? []))),
    ...stamp_cards.map((way) => offer(way, `${way.stamps} / ${way.size}`)),
    ...challenges.map((way) => offer(way, way.is_rewarded ? say("done") : steps(way))),
  ];
}

/** What is known of an action; a birthday can be given when it cannot earn. */
function known({ can_earn, can_report, waiting, ...way }, reports) {
  const isBirthday = way.action === "birthday";
  if (isBirthday && can_report === false) return say("birthday_given");
  if (reports?.isTold({ waiting, ...way })) return say("noted");
  if (isBirthday && can_report) return say("birthday_hint");
  if (can_earn === false) return say("done");
  return waiting > 0 && say("state_waiting");
}

function steps({ steps }) {
  return steps.map(({ text, so_far }) => `${text}: ${so_far}`).join(" · ");
}

function offer({ name, points, reward }, detail, ...more) {
  return row(name, reward || say("points", points), detail, ...more);
}

function change({ kind, text, points, at }) {
  const signed = points.toLocaleString(language(), { signDisplay: "exceptZero" });
  return row(say(kind) || say("change"), signed, text ? `${text} · ${day(at)}` : day(at));
}