/** On the thank-you page: what the order brought. */
import "@shopify/ui-extensions/preact";
import { render } from "preact";
import { OrderPoints } from "../../OrderPoints";

declare const shopify: import("@shopify/ui-extensions/purchase.thank-you.block.render").Api;

export default async () => {
  render(<ThankYou />, document.body);
};

function ThankYou() {
  return <OrderPoints id={shopify.orderConfirmation.value.order.id} isFresh />;
}
