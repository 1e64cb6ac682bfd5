/** The order at hand: which rewards it has, and how it takes them and lets them go. */
import { GIFT_CARD, type Order } from "../../Rewards";
import type { Redemption } from "../../api";

declare const shopify: import("@shopify/ui-extensions/purchase.checkout.block.render").Api;

// What becomes a discount code.
const CODES = [
  "amount_off",
  "percent_off",
  "free_shipping",
  "free_product",
  "points_as_money",
];

export const theOrder: Order = {
  suits(kind) {
    // Gift cards do not ask for leave: Shopify has no instruction about them.
    if (kind === GIFT_CARD) return true;
    const { canUpdateDiscountCodes } = shopify.instructions.value.discounts;
    return canUpdateDiscountCodes && CODES.includes(kind);
  },
  holds({ kind, code }) {
    if (kind !== GIFT_CARD) {
      return shopify.discountCodes.value.some((one) => one.code === code);
    }
    // Of a card that is in use Shopify tells the end of its code alone.
    const last = code?.slice(-4).toLowerCase();
    return shopify.appliedGiftCards.value.some(
      (one) => one.lastCharacters.toLowerCase() === last,
    );
  },
  use: (redemption) => change("add", redemption),
  drop: (redemption) => change("remove", redemption),
};

async function change(what: "add" | "remove", { kind, code }: Redemption) {
  if (!code) return false;
  const { type } =
    kind === GIFT_CARD
      ? await shopify.applyGiftCardChange({ type: `${what}GiftCard`, code })
      : await shopify.applyDiscountCodeChange({ type: `${what}DiscountCode`, code });
  return type === "success";
}
