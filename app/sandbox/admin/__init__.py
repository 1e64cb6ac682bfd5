"""The pretend store's Admin API: Shopify's schema, in so far as rewards need it."""
