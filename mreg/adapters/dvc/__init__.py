"""DVC: the only importer of dvc, and the reader of its files. Reading from the local cache never imports dvc."""

from mreg.adapters.dvc.repository import Dvc, NotDvc, OutsideDvc

__all__ = ["Dvc", "NotDvc", "OutsideDvc"]
