"""Asking all tenderers to stay bound longer (延长投标有效期): rules, tables, acts, readings, routes."""
