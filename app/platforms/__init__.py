"""All that one sort of store says, hears and signs: one folder a platform."""
