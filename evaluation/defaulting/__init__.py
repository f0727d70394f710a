"""A winner that does not sign (中标人弃标、取消中标资格): rules, tables, acts, readings, routes, page."""
