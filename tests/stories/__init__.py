"""The whole app as a shopper, an owner and whoever hosts it meet it."""
