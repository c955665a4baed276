"""The parts of `mreg search`: what is read for it, and what it finds."""
