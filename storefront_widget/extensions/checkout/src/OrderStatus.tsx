/** On the order's status page: what the order brought. */
import "@shopify/ui-extensions/preact";
import { render } from "preact";
import { OrderPoints } from "../../OrderPoints";

declare const shopify: import("@shopify/ui-extensions/customer-account.order-status.block.render").Api;

export default async () => {
  render(<OrderStatus />, document.body);
};

// Shopify may take a while to tell the app of an order.
const FRESH_MS = 600_000;

function OrderStatus() {
  const { id, processedAt } = shopify.order.value ?? {};
  const isFresh = !!processedAt && Date.now() - Date.parse(processedAt) < FRESH_MS;
  return <OrderPoints id={id} isFresh={isFresh} />;
}
