/** At checkout: the balance, what this order earns, and rewards to use in it. */
import "@shopify/ui-extensions/preact";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, say } from "../../api";
import { Balance } from "../../Balance";
import { Rewards } from "../../Rewards";
import { useStanding } from "../../standing";
import { theOrder } from "./order";

declare const shopify: import("@shopify/ui-extensions/purchase.checkout.block.render").Api;

export default async () => {
  render(<Checkout />, document.body);
};

function Checkout() {
  const { standing, refresh } = useStanding();
  const count = usePointsOf(linesOf(shopify.lines.value));
  if (standing === undefined) return <s-skeleton-paragraph />;
  // Without the app the checkout goes on as if we were not there.
  if (standing === null) return null;
  return (
    <s-section heading={say("rewards")}>
      {count > 0 && <s-text>{say("order_earns", { count })}</s-text>}
      {standing.signed_in ? (
        <s-stack gap="base">
          <Balance member={standing} />
          <Rewards member={standing} refresh={refresh} order={theOrder} />
        </s-stack>
      ) : (
        <s-text>{say("sign_in")}</s-text>
      )}
    </s-section>
  );
}

type Lines = typeof shopify.lines.value;

/** The lines as the app reads them: what is paid for each, in minor units. */
function linesOf(lines: Lines): string {
  const currency = lines[0]?.cost.totalAmount.currencyCode;
  if (!currency) return "";
  const { maximumFractionDigits = 2 } = new Intl.NumberFormat("en", {
    style: "currency",
    currency,
  }).resolvedOptions();
  return JSON.stringify({
    currency,
    lines: lines.map(({ cost, merchandise, quantity }) => {
      const whole = Math.round(cost.totalAmount.amount * 10 ** maximumFractionDigits);
      const parts = whole % quantity ? 1 : quantity;
      const product_id = merchandise.product.id.split("/").pop();
      return { product_id, price_minor: whole / parts, quantity: parts };
    }),
  });
}

/** What the lines earn, asked again when they change. */
function usePointsOf(cart: string): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    let isNewest = true;
    const known = cart ? ask<{ points: number }>("estimate", JSON.parse(cart)) : null;
    known?.then(({ points }) => isNewest && setCount(points)).catch(console.debug);
    return () => {
      isNewest = false;
    };
  }, [cart]);
  return count;
}
