"""The owner's room: a program is read here, changed, looked at first, and saved."""
