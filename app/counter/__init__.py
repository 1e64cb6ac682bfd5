"""The counter page: staff take vouchers in, each once."""
