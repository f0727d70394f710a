"""What an outside observer and every insider but the owner may learn of a sealed lot: nothing."""
