"""`mreg register`: a trained model becomes a version."""

from mreg.usecases.register.registration import register
from mreg.usecases.register.request import Registered, Request

__all__ = ["Registered", "Request", "register"]
