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
  const count = usePointsOf(theCart());
  if (standing === undefined) return <s-skeleton-paragraph />;
  // Without the app the checkout goes on as if we were not there.
  if (standing === null) return <Unreachable />;
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

/** What the lines earn, asked again when they change. */
function usePointsOf(cart: string): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    let isNewest = true;
    pointsOf(cart)
      .then((points) => isNewest && setCount(points))
      .catch(console.debug);
    return () => {
      isNewest = false;
    };
  }, [cart]);
  return count;
}

async function pointsOf(cart: string): Promise<number> {
  if (!cart) return 0;
  const order = await toBeEstimated(JSON.parse(cart));
  return (await ask<{ points: number }>("estimate", order)).points;
}
