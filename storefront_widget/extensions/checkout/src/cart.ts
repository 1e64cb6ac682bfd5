/** The order at checkout as the app estimates it: minor units, discounts by line. */
declare const shopify: import("@shopify/ui-extensions/purchase.checkout.block.render").Api;

// As the app reckons (ISO 4217); browsers have other digits for some currencies.
const WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
const FINER = "BHD IQD JOD KWD LYD OMR TND";

export interface Cart {
  currency: string;
  /** Whether amounts have tax in them, null where that is not known. */
  taxes_included: boolean | null;
  /** What is taken off the whole order. */
  off_minor: number;
  lines: { product_id: string | undefined; price_minor: number; quantity: number }[];
}

/**
 * Return the order as text, nothing without lines. A line's amount is what is left after
 * its own discounts.
 */
export function theCart(): string {
  const lines = shopify.lines.value;
  const currency = lines[0]?.cost.totalAmount.currencyCode;
  if (!currency) return "";
  const digits = WHOLE.includes(currency) ? 0 : FINER.includes(currency) ? 3 : 2;
  const minor = (amount: number) => Math.round(amount * 10 ** digits);
  const amounts = lines.map(({ cost }) => minor(cost.totalAmount.amount));
  const off = shopify.discountAllocations.value.map((each) =>
    minor(each.discountedAmount.amount),
  );
  return JSON.stringify({
    currency,
    off_minor: sum(off),
    taxes_included: haveTax(minor, sum(off)),
    lines: lines.map(({ merchandise, quantity }, at) => {
      const parts = amounts[at] % quantity ? 1 : quantity;
      return {
        product_id: merchandise.product.id.split("/").pop(),
        price_minor: amounts[at] / parts,
        quantity: parts,
      };
    }),
  });
}

/**
 * Whether amounts have tax in them. Shopify does not say so: its sums do, once the tax is
 * known, whether or not what is off the order is off the subtotal.
 */
function haveTax(minor: (amount: number) => number, off: number): boolean | null {
  const { subtotalAmount, totalShippingAmount, totalTaxAmount, totalAmount } = shopify.cost;
  const tax = minor(totalTaxAmount.value?.amount ?? 0);
  const shipping = minor(totalShippingAmount.value?.amount ?? 0);
  const goods = minor(totalAmount.value.amount) - shipping;
  const more = goods - minor(subtotalAmount.value.amount);
  const within = more === 0 || more === -off;
  const beside = more === tax || more === tax - off;
  return within === beside ? null : within;
}

const GIFT_CARDS = `query GiftCards($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Product { id isGiftCard } }
}`;

interface Answer {
  nodes: ({ id: string; isGiftCard: boolean } | null)[];
}

/**
 * Return what to ask the app. Which lines are gift cards the Storefront API alone knows;
 * what is taken off the order goes off all others, by what they cost.
 */
export async function toBeEstimated(cart: Cart): Promise<object> {
  const { currency, off_minor, taxes_included, lines } = cart;
  const prefix = "gid://shopify/Product/";
  const ids = [...new Set(lines.map((line) => `${prefix}${line.product_id}`))];
  const { data } = await shopify.query<Answer>(GIFT_CARDS, { variables: { ids } });
  if (!data) throw new Error("the store does not tell what its products are");
  const cards = data.nodes.filter((node) => node?.isGiftCard).map((node) => node?.id);
  const isCard = lines.map((line) => cards.includes(`${prefix}${line.product_id}`));
  const weights = lines.map(({ price_minor, quantity }, at) =>
    isCard[at] ? 0 : price_minor * quantity,
  );
  const shares = spread(off_minor, weights);
  return {
    currency,
    taxes_included,
    lines: lines.map((line, at) => ({
      ...line,
      discount_minor: shares[at],
      gift_card: isCard[at],
    })),
  };
}

/** An amount in parts by weights, to the last unit, no part above its weight. */
function spread(amount: number, weights: number[]): number[] {
  const whole = sum(weights);
  const part = whole && Math.min(amount, whole) / whole;
  const until = (at: number) => Math.round(part * sum(weights.slice(0, at)));
  return weights.map((_, at) => until(at + 1) - until(at));
}

function sum(amounts: number[]): number {
  return amounts.reduce((total, each) => total + each, 0);
}
