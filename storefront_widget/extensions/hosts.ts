/** Every place has what `api.ts` takes of it, as Shopify's types say: here is no code. */
import type { Host } from "./api";

/** Fails to compile where a place lacks something of ours. */
type Has<Place extends Host> = Place;

export type Hosts = [
  Has<import("@shopify/ui-extensions/purchase.checkout.block.render").Api>,
  Has<import("@shopify/ui-extensions/purchase.thank-you.block.render").Api>,
  Has<import("@shopify/ui-extensions/customer-account.order-status.block.render").Api>,
  Has<import("@shopify/ui-extensions/customer-account.order-index.block.render").Api>,
  Has<import("@shopify/ui-extensions/customer-account.profile.block.render").Api>,
  Has<import("@shopify/ui-extensions/customer-account.page.render").Api>,
];
