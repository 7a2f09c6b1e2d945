"""What a user holds: captures, tables, joins, comparisons and views, with their verbs."""
