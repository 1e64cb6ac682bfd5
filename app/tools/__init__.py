"""The door for tools of a store's owner: a review app, an event desk, a till."""
