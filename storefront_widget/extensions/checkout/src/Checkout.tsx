/** At checkout: the balance, what this order earns, and rewards to use in it. */
import "@shopify/ui-extensions/preact";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, say } from "../../api";
import { Balance } from "../../Balance";
import { Rewards } from "../../Rewards";
import { useStanding } from "../../standing";
import { Unreachable } from "../../Unreachable";
import { theCart, toBeEstimated } from "./cart";
import { theOrder } from "./order";

export default async () => {
  render(<Checkout />, document.body);
};

function Checkout() {
  const { standing, refresh } = useStanding();
  const earned = usePointsOf(theCart());
  if (standing === undefined) return <s-skeleton-paragraph />;
  // Without the app the checkout goes on as if we were not there.
  if (standing === null) return <Unreachable />;
  return (
    <s-section heading={say("rewards")}>
      {earned.points !== 0 && <s-text>{inWords(earned)}</s-text>}
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

/** What an order earns, as far as that is known before its taxes and shipping are. */
interface Earned {
  /** None is known of an order that is not in the store's currency. */
  points: number | null;
  bound: "exact" | "at_most" | "at_least" | "about";
}

const NOTHING: Earned = { points: 0, bound: "exact" };

function inWords({ points: count, bound }: Earned): string {
  if (count === null) return say("order_earns_some");
  switch (bound) {
    case "at_most":
      return say("order_earns_at_most", { count });
    case "at_least":
      return say("order_earns_at_least", { count });
    case "about":
      return say("order_earns_about", { count });
  }
  return say("order_earns", { count });
}

/** What the lines earn, asked again when they change. */
function usePointsOf(cart: string): Earned {
  const [earned, setEarned] = useState(NOTHING);
  useEffect(() => {
    let isNewest = true;
    pointsOf(cart)
      .then((found) => isNewest && setEarned(found))
      .catch(console.debug);
    return () => {
      isNewest = false;
    };
  }, [cart]);
  return earned;
}

async function pointsOf(cart: string): Promise<Earned> {
  if (!cart) return NOTHING;
  const order = await toBeEstimated(JSON.parse(cart));
  return ask<Earned>("estimate", order);
}
