"""What an artifact's name tells of its format, and the format of the framework that loads it."""

from __future__ import annotations

from collections.abc import Collection

_BY_SUFFIX = {
    "pkl": "pickle",
    "pickle": "pickle",
    "joblib": "joblib",
    "skops": "skops",
    "onnx": "onnx",
    "pt": "pytorch",
    "pth": "pytorch",
    "ckpt": "checkpoint",
    "safetensors": "safetensors",
    "gguf": "gguf",
    "h5": "hdf5",
    "keras": "keras",
    "tflite": "tflite",
    "pmml": "pmml",
    "cbm": "catboost",
    "ubj": "xgboost",
    "bst": "xgboost",
    "mlmodel": "coreml",
    "mlpackage": "coreml",
    "npz": "numpy",
    "zip": "zip",
}
_FRAMEWORKS = {
    "skops": "scikit-learn",
    "pytorch": "pytorch",
    "keras": "keras",
    "tflite": "tensorflow",
    "saved_model": "tensorflow",
    "catboost": "catboost",
    "xgboost": "xgboost",
    "coreml": "coreml",
}
# A folder is known by a file that its format demands.
_BY_MEMBER = {"MLmodel": "mlflow", "saved_model.pb": "saved_model", "config.json": "huggingface"}


def infer_format(name: str, members: Collection[str] = ()) -> str | None:
    """The format of a file by its suffix, or of a folder by the files at its top; None where neither tells.

    Args:
        name: The file's or folder's name.
        members: The names at the top of a folder.
    """
    for member, form in _BY_MEMBER.items():
        if member in members:
            return form
    return _BY_SUFFIX.get(name.rpartition(".")[2].lower()) if "." in name else None


def infer_framework(form: str | None) -> str | None:
    """The framework that a format belongs to; None for formats that several write, such as pickle."""
    return _FRAMEWORKS.get(form or "")
