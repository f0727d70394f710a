"""Kills, cuts and full disks, at the figures of docs/assurance.md: `./dev faults`."""
