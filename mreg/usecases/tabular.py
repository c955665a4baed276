"""Results as tables of plain values, and as pandas frames where pandas is installed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from mreg.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd


class NoPandas(UsageError):
    """A frame was asked for, and pandas is not installed."""

    hint = "pip install 'mreg[pandas]', or use .records(), which needs nothing"

    def __init__(self) -> None:
        super().__init__("pandas is not installed")


class Tabular(ABC):
    """A result that is a table at heart."""

    __slots__ = ()

    @abstractmethod
    def records(self) -> list[dict[str, Any]]:
        """The rows, each as column → plain value; all have the same columns in the same order."""

    def to_pandas(self) -> pd.DataFrame:
        """The rows as a frame.

        Raises:
            NoPandas: It is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise NoPandas from error
        return pd.DataFrame.from_records(self.records())
