"""Complaints (投诉) to the supervisor, who decides apart from buyer and platform: rules, states,
tables, acts, readings, routes."""
