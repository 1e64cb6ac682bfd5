/** On the order's status page: what the order brought. */
import "@shopify/ui-extensions/preact";
import { render } from "preact";
import { OrderPoints } from "../../OrderPoints";

declare const shopify: import("@shopify/ui-extensions/customer-account.order-status.block.render").Api;

export default async () => {
  render(<OrderStatus />, document.body);
};

function OrderStatus() {
  return <OrderPoints id={shopify.order.value?.id} />;
}
