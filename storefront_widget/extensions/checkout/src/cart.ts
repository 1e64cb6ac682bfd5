/** The order at checkout as the app estimates it: minor units, discounts by line. */
declare const shopify: import("@shopify/ui-extensions/purchase.checkout.block.render").Api;

// As the app reckons (ISO 4217); browsers have other digits for some currencies.
const WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
const FINER = "BHD IQD JOD KWD LYD OMR TND";

/**
 * Return what to ask the app, nothing without lines. A line's amount is what is left
 * after its own discounts; those of the whole order go off all lines by what they cost.
 * Shopify tells neither which lines are gift cards nor whether amounts have tax in
 * them, so all lines count, as if without tax.
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
  const shares = spread(sum(off), amounts);
  return JSON.stringify({
    currency,
    lines: lines.map(({ merchandise, quantity }, at) => {
      const parts = amounts[at] % quantity ? 1 : quantity;
      return {
        product_id: merchandise.product.id.split("/").pop(),
        price_minor: amounts[at] / parts,
        quantity: parts,
        discount_minor: shares[at],
      };
    }),
  });
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
