"""Drawing those invited in government procurement (87号令 14): table, acts, readings, routes."""
