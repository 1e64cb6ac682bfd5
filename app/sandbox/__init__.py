"""A pretend store for trying and testing, which knows the app only by HTTP."""
