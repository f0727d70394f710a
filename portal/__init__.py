"""The building the six books stand in: factory, configuration, command line, pages, OCDS."""
