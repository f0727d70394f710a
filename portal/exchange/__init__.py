"""Exchange with the systems of city and province: the field set of 数据规范 V2.0."""
