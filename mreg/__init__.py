"""A Git-native model registry."""

__version__ = "0.1.0"
