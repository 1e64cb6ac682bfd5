/** Every word a shopper reads, but for those of `report.js`. */
export const TEXTS = {
  en: {
    points: { one: "{count} point", other: "{count} points" },
    to_reward: {
      one: "{count} point to {reward}",
      other: "{count} points to {reward}",
    },
    order_earns: {
      one: "This order earns {count} point",
      other: "This order earns {count} points",
    },
    product_earns: {
      one: "Earns you {count} point",
      other: "Earns you {count} points",
    },
    at_most: "up to {count}",
    at_least: "at least {count}",
    about: "about {count}",
    pending: { one: "{count} point pending", other: "{count} points pending" },
    owed: {
      one: "{count} point owed, taken from what you earn next",
      other: "{count} points owed, taken from what you earn next",
    },
    best_reward: "Your best reward is in reach",
    in_reach: "In reach",
    expiring: {
      one: "{count} point expires from {reward} on",
      other: "{count} points expire from {reward} on",
    },
    keep_all: "Order or take a reward by {reward} to keep them.",
    keep_some: "Order or take a reward by {reward} to keep {count} of them.",
    bring_a_friend: "Bring a friend",
    you_get: {
      one: "You get {count} point once a friend’s first order has stood",
      other: "You get {count} points once a friend’s first order has stood",
    },
    friend_gets: "Your friend gets {reward}",
    friends: { one: "{count} friend came", other: "{count} friends came" },
    your_link: "Your link",
    copy: "Copy",
    copied: "The link is copied",
    welcome: "A friend gives you {reward}: sign in or open an account to get it.",
    take: "Take",
    date: "Date",
    give_back: "Give back",
    qr_code: "QR code of the voucher",
    one_moment: "One moment …",
    not_now: "That did not work. Please try again.",
    noted: "Noted",
    birthday_hint: "You can change it after a year.",
    birthday_given: "Noted. You can change it after a year.",
    prizes: "Waiting for you",
    your_rewards: "Your rewards",
    state_waiting: "Being looked at",
    state_refused: "Not possible",
    state_asked: "Waiting for the store",
    state_granting: "Being made",
    state_granted: "Ready to use",
    state_used: "Used",
    state_ending: "Being given back",
    state_ended: "Ended",
    program: "Earn points as you shop and trade them for rewards.",
    sign_in: "Sign in",
    close: "Close",
    your_points: "Your points",
    tier: "Your tier",
    tiers: "Tiers",
    ways_to_earn: "Ways to earn",
    done: "Done",
    rewards: "Rewards",
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
  },
};

/** The page's language if we have it, else English. */
export function language() {
  const { lang } = document.documentElement;
  return [lang, lang.split("-")[0]].find((tag) => TEXTS[tag]) ?? "en";
}

/** A day as people write it, with the time where that is to be told. */
export function day(at, timeStyle) {
  return new Date(at).toLocaleString(language(), { dateStyle: "medium", timeStyle });
}

/** A text in the plural form of `count`; "" if there is none. */
export function say(name, count = 0, reward, number) {
  const tag = language();
  const text = TEXTS[tag][name] ?? TEXTS.en[name] ?? "";
  const form = text[new Intl.PluralRules(tag).select(count)] ?? text.other ?? text;
  const values = { count: number ?? count.toLocaleString(tag), reward };
  return form.replace(/{(\w+)}/g, (_, key) => values[key]);
}
