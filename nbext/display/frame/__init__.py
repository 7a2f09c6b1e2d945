"""A DataFrame of calls or spans as a table that filters, sorts and opens."""
