"""The storefront elements: static files that the app and the stores serve."""
