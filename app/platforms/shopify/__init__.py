"""Shopify: its signatures, topics and bodies."""

from app.platforms.shopify.platform import Shopify

__all__ = ["Shopify"]
