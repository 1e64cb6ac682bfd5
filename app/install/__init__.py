"""How a store installs the app: from its own pages, or by authorization."""
