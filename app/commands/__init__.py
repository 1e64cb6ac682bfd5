"""The commands of `tallymark`, by what they are for."""
