/** Words, numbers, days and money; parts that are fetched later add their words. */
export const TEXTS = {
  en: {
    points: { one: "{count} point", other: "{count} points" },
    to_reward: "{points} to {reward}",
    order_earns: "This order earns {points}",
    product_earns: "Earns you {points}",
    at_most: "up to {count}",
    at_least: "at least {count}",
    about: "about {count}",
    best_reward: "Your best reward is in reach",
    rewards: "Rewards",
    until: "until {reward}",
  },
};

/** English words; what a page sets itself goes first. */
export function add(words) {
  TEXTS.en = { ...words, ...TEXTS.en };
}

/** The page's language if we have it, else English. */
export function language() {
  const { lang } = document.documentElement;
  return [lang, lang.split("-")[0]].find((tag) => TEXTS[tag]) ?? "en";
}

/** A text in the plural form of `count`; "" if there is none. It may name other texts. */
export function say(name, count = 0, reward, number, tag = language()) {
  if (!TEXTS[tag][name]) tag = "en";
  const text = TEXTS[tag][name] ?? "";
  const form = text[new Intl.PluralRules(tag).select(count)] ?? text.other ?? text;
  const values = { count: number || count.toLocaleString(tag), reward };
  return form.replace(/{(\w+)}/g, (_, key) => values[key] ?? say(key, count, "", number, tag));
}

/** A day, with the time where that is to be told. */
export function day(at, timeStyle) {
  return new Date(at).toLocaleString(language(), { dateStyle: "medium", timeStyle });
}

/** The last day before a moment, where there is one. */
export function until(at, name = "until", timeStyle) {
  return at && say(name, 0, day(Date.parse(at) - 1, timeStyle));
}

export function money({ amount, currency }) {
  return Number(amount).toLocaleString(language(), { style: "currency", currency });
}

/** Those of some texts that say something. */
export function joined(...texts) {
  return texts.filter(Boolean).join(" · ");
}
