"""The intermediary supermarket (中介超市): a directory of agencies, and one chosen for a service."""
