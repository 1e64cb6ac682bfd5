"""The owner's room: a programme is read here, changed, looked at first, and saved."""
