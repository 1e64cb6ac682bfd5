/** What a shopper sees, in a panel or in the page. */
import { ask, make, wait } from "./element.js";
import { CodeForm, friends } from "./friends.js";
import { isFriend } from "./referral.js";
import { Rewards, row } from "./rewards.js";
import { add, day, joined, language, say, until } from "./texts.js";

add({
  owed: "{points} owed, taken from what you earn next",
  expiring: "{points} will expire from {reward} on",
  keep_all: "Order or take a reward by {reward} to keep them.",
  keep_some: "Order or take a reward by {reward} to keep {count} of them.",
  pending: "{points} pending",
  noted: "Noted",
  birthday_hint: "You can change it after a year.",
  birthday_given: "{noted}. {birthday_hint}",
  prizes: "Waiting for you",
  your_rewards: "Your rewards",
  program: "Earn points as you shop and trade them for rewards.",
  sign_in: "Sign in",
  close: "Close",
  your_points: "Your points",
  tier: "Your tier",
  tiers: "Tiers",
  ways_to_earn: "Ways to earn",
  done: "Done",
  collect: { one: "Join to collect {count} stamp", other: "Join to collect {count} stamps" },
  take_part: "Join to take part",
  giveaways: "Draws",
  how_it_works: "How it works",
  history: "Recent activity",
  earn: "Earned",
  release: "Ready to use",
  reverse: "Taken back",
  redeem: "Redeemed",
  refund: "Given back",
  expire: "Expired",
  adjust: "Adjusted",
  repay: "Repaid",
  owe: "Owed",
  change: "Changed",
});

const ENTRY = "giveaway_entry";
// So long the panel waits for draws.
const PATIENCE_MS = 1000;

/** Fetch first what only some programmes have. */
export async function prepare(place) {
  const { rewards = [], redemptions = [] } = place.data;
  if (![...rewards, ...redemptions].some(({ kind }) => kind === ENTRY)) return;
  const { Draws } = await import("./giveaways.js");
  place.draws ??= new Draws(place.proxy);
  await Promise.race([follow(place), wait(PATIENCE_MS)]);
}

async function follow(place) {
  if (await place.draws?.follow(place.data)) place.panel?.render(place.data);
}

export class Content {
  #head = make("header");
  #content = make("div");

  constructor(place, box = place.section) {
    this.place = place;
    this.rewards = new Rewards(place.proxy);
    this.code = new CodeForm(place, this.rewards.status);
    this.rules = rules(place.proxy);
    box.append(this.#head, this.rewards.status, this.#content);
    this.render(place.data);
  }

  render(data) {
    const { place, rewards } = this;
    const { status } = rewards;
    const { signed_in, gift } = data;
    this.reports ??= place.reporting && new place.reporting.Reports(place.proxy, status);
    let focus = place.shadowRoot.activeElement;
    const before = named(this.#content);
    const offer = (one) => rewards.offer(one, data.available);
    const buy = [
      ...list("rewards", data.rewards, offer),
      ...list("your_rewards", data.redemptions, (one) => rewards.taken(one)),
      ...list("giveaways", place.draws?.rows),
    ];
    const earn = [
      ...list("tier", tier(data)),
      ...list("have_code", this.code.parts(data)),
      ...list("bring_a_friend", friends(data, place.proxy, status)),
      ...list("ways_to_earn", ways(data, this.reports)),
      ...list("tiers", data.program?.tiers, (way) => row(way)),
    ];
    const href = place.getAttribute("login-url") || "/account/login";
    this.#head.replaceChildren(
      make("h2", {}, say(signed_in ? "your_points" : "rewards")),
      ...(signed_in ? points(data) : [say("program")]),
    );
    this.#content.replaceChildren(
      make("p", {}, place.refusal, !signed_in && isFriend() && gift && say("welcome", 0, gift)),
      signed_in
        ? make("tallymark-progress", { src: place.proxy })
        : make("a", { href }, say("sign_in")),
      ...list("prizes", data.prizes, offer),
      ...(signed_in ? [buy, earn] : [earn, buy]).flat(),
      ...list("history", data.history, change),
      this.rules,
    );
    // Choices go on where they can; forms and folds only moved.
    for (const heir of named(this.#content)) {
      const { name, value } = heir;
      const old = before.find((each) => each.name === name) ?? heir;
      if (old === focus) focus = heir;
      heir.value = old.value;
      if (heir.value !== old.value) heir.value = value;
      else if (value !== old.value) heir.oninput?.();
    }
    if (focus?.isConnected) focus.focus({ preventScroll: true });
    follow(place);
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

function points({ available, pending, owed, expiring, lapsing }) {
  const lots = expiring?.lots?.[1] ? expiring.lots : [];
  const notes = [
    pending > 0 && say("pending", pending),
    owed > 0 && say("owed", owed),
    expiring && say("expiring", expiring.points, day(expiring.at)),
    ...lots.map(({ points, at }) => joined(say("points", points), day(at))),
    lapsing && keep(lapsing, expiring.points),
  ];
  return [
    make("strong", {}, say("points", available)),
    ...notes.map((note) => make("div", {}, note)),
  ];
}

/** All of the day that is told is in time. */
function keep({ points, at }, all) {
  return say(points === all ? "keep_all" : "keep_some", points, day(Date.parse(at) - 864e5));
}

function tier({ tier, next_tier: next }) {
  return [
    tier && row(tier.name, "", joined(...tier.perks, !tier.to_stay && until(tier.until))),
    tier?.to_stay && row(tier.to_stay),
    next && row(next.missing, bar(next)),
  ].filter(Boolean);
}

function named(box) {
  return [...box.querySelectorAll("[name]")];
}

function bar({ progress, missing }) {
  return make("progress", { value: progress, "aria-label": missing });
}

function list(title, items, draw = (one) => one) {
  if (!items?.length) return [];
  const rows = make("ul", {}, ...items.map(draw));
  return [make("div", {}, make("h3", {}, say(title)), rows)];
}

function ways({ program, actions = [], stamp_cards = [], challenges = [] }, reports) {
  return [
    ...(program?.ways_to_earn ?? []).map((way) => row(way)),
    ...actions.map((way) => offer(way, known(way, reports), ...(reports?.parts(way) ?? []))),
    ...stamp_cards.map((way) => offer(way, stamps(way))),
    ...challenges.map((way) => offer(way, way.is_rewarded ? say("done") : steps(way))),
  ];
}

function stamps({ stamps, size }) {
  return stamps === undefined ? say("collect", size) : `${stamps} / ${size}`;
}

function known({ can_earn, can_report, waiting, reason, ...way }, reports) {
  const isBirthday = way.action === "birthday";
  if (isBirthday && can_report === false) return say("birthday_given");
  if (reports?.isTold({ waiting, ...way })) return say("noted");
  if (isBirthday && can_report) return say("birthday_hint");
  if (can_earn === false) return say("done");
  return (waiting > 0 && say("state_waiting")) || reason;
}

function steps({ steps, ends_at, is_rewarded }) {
  return joined(
    is_rewarded === undefined && say("take_part"),
    ...steps.map(({ text, so_far }) => (so_far ? `${text}: ${so_far}` : text)),
    until(ends_at),
  );
}

function offer({ name, points, reward }, detail, ...more) {
  return row(name, reward || say("points", points), detail, ...more);
}

function change({ kind, text, points, at }) {
  const signed = points.toLocaleString(language(), { signDisplay: "exceptZero" });
  return row(say(kind) || say("change"), signed, joined(text, day(at)));
}

/** Asked for once somebody opens it. */
function rules(proxy) {
  const told = make("div");
  const fold = make("details", {}, make("summary", {}, say("how_it_works")), told);
  fold.ontoggle = async () => {
    if (!fold.open || told.firstElementChild) return;
    told.textContent = say("one_moment");
    try {
      const { parts } = await ask(`${proxy}/words`);
      told.replaceChildren(...parts.flatMap(part));
    } catch (error) {
      console.debug(error);
      told.textContent = say("not_now");
    }
  };
  return fold;
}

function part({ title, lines }) {
  const items = lines.map((line) => make("li", {}, line));
  return [make("h3", {}, title), make("ul", {}, ...items)];
}
