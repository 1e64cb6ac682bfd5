"""The only place that knows the database: tables, transactions, and what they keep."""
