"""`yangguang verify`: an evidence folder checked by anybody, with neither Flask nor database."""
