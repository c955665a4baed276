"""Sharing a registry through a remote: push, pull, status."""
