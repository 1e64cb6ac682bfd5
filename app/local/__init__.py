"""The embedded servers and the Procfile's processes, for trying and testing."""
