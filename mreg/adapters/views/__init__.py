"""Repositories that are elsewhere: a partial copy of each in the user's cache folder, brought up to date when asked."""

from mreg.adapters.views.address import Address, NoSuchRepository, parse_address
from mreg.adapters.views.descent import Wanted
from mreg.adapters.views.shelf import Kept, Shelf
from mreg.adapters.views.view import Depth, View, open_view

__all__ = ["Address", "Depth", "Kept", "NoSuchRepository", "Shelf", "View", "Wanted", "open_view", "parse_address"]
