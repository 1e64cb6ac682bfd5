/** Shows an extension as Shopify does: its elements, the `shopify` that it finds. */
import "./elements.js";

const path = document.documentElement.dataset.state;
const told = await ask(path);
const words = await ask(told.words);
const held = {
  lines: told.lines,
  discountAllocations: told.discountAllocations,
  discountCodes: told.codes.map((code) => ({ code })),
  appliedGiftCards: told.giftCards,
  settings: told.settings,
  instructions: {
    discounts: { canUpdateDiscountCodes: told.canUpdateDiscountCodes ?? true },
  },
  orderConfirmation: { order: told.order, isFirstOrder: false },
  order: told.order ?? undefined,
};
const sums = told.cost;

globalThis.shopify = {
  /** The extension brings the signals that its elements follow. */
  setSignals(Signal) {
    for (const name in held) this[name] = new Signal(held[name]);
    for (const name in sums) this.cost[name] = new Signal(sums[name] ?? undefined);
  },
  sessionToken: { get: async () => (await ask("/extensions/token")).token },
  i18n: {
    translate,
    formatNumber: (number, options) => new Intl.NumberFormat("en", options).format(number),
    formatCurrency: (amount, options) =>
      new Intl.NumberFormat("en", { style: "currency", ...options }).format(amount),
    formatDate: (date, options) => new Intl.DateTimeFormat("en", options).format(date),
  },
  localization: { extensionLanguage: { value: { isoCode: told.language ?? "en" } } },
  extension: { editor: told.editor },
  cost: {},
  // All that extensions ask the Storefront API for is products by their ids.
  query: async (_, { variables }) => ({
    data: { nodes: variables.ids.map((id) => told.products.find((one) => one.id === id)) },
  }),
  applyDiscountCodeChange: (change) => apply("/extensions/code", change),
  applyGiftCardChange: (change) => apply("/extensions/gift-card", change),
};

// Of a page that is left meanwhile nothing comes any more, and nothing is to be shown.
const loaded = await import(told.bundle).catch(() => null);
await loaded?.default();
new ResizeObserver(() => {
  const frame = window.frameElement;
  if (frame) frame.style.height = `${document.body.offsetHeight + 8}px`;
}).observe(document.body);

/** Changes the order, and tells everybody who shows it. */
async function apply(where, change) {
  const result = await ask(where, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(change),
  });
  const now = await ask(path);
  shopify.lines.value = now.lines;
  shopify.discountAllocations.value = now.discountAllocations;
  for (const name in now.cost) shopify.cost[name].value = now.cost[name] ?? undefined;
  shopify.discountCodes.value = now.codes.map((code) => ({ code }));
  shopify.appliedGiftCards.value = now.giftCards;
  parent.postMessage("order changed", location.origin);
  return result;
}

function translate(key, values = {}) {
  const text = words[key];
  const form = new Intl.PluralRules("en").select(values.count ?? 0);
  const chosen = text[form] ?? text.other ?? text;
  return chosen.replace(/{{(\w+)}}/g, (_, name) => values[name].toLocaleString("en"));
}

async function ask(where, options) {
  return (await fetch(where, options)).json();
}
