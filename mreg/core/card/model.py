"""The model card, schema mreg/v1: what each key holds.

A card is read strictly: no value is converted, no key is ignored. A key with nothing in it counts as left out. Fields
are named as their keys, but for `schema_id` (`schema`) and `extensions` (every `x-…`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from mreg.core.card.fields import (
    Amount,
    AsTuple,
    BaseModelRef,
    Commit,
    Count,
    Language,
    LicenseExpression,
    Line,
    Number,
    RepositoryPath,
    ScalarMap,
    Summary,
    Task,
    Text,
    Uri,
    VersionText,
)

Lines = Annotated[tuple[Line, ...], AsTuple]
Texts = Annotated[tuple[Text, ...], AsTuple]


class Part(BaseModel):
    # Built when the first card is validated: each part on its own would take four times as long.
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty_keys(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return {key: value for key, value in data.items() if value is not None}


class Artifact(Part):
    path: RepositoryPath = Field(description="The file or folder as DVC tracks it, from the repository's root")
    format: Line | None = Field(
        default=None, description="How the artifact is stored, such as pickle, onnx, safetensors, mlflow"
    )
    framework: Line | None = Field(default=None, description="What loads it, such as scikit-learn or pytorch")


class Owner(Part):
    name: Line = Field(description="A person or a team")
    contact: Line = Field(description="Where to reach them: a mail address, a URL, a chat channel")


class License(Part):
    id: LicenseExpression = Field(description="SPDX license expression; LicenseRef-… for a license that is not SPDX's")
    url: Uri | None = Field(default=None, description="Where its text is; needed for LicenseRef-…")

    @model_validator(mode="after")
    def _text_is_found(self) -> License:
        if "LicenseRef-" in self.id and self.url is None:
            raise ValueError(f"{self.id} needs the place of its text: write {{id: {self.id}, url: https://…}}")
        return self


def _license(value: object) -> object:
    return {"id": value} if isinstance(value, str) else value


class _OrText:
    """In the JSON Schema, text may stand for the mapping."""

    @staticmethod
    def __get_pydantic_json_schema__(core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, handler(core)]}


LicenseField = Annotated[License, BeforeValidator(_license), _OrText]


class Dataset(Part):
    name: Line | None = Field(default=None, description="What people call the data")
    path: RepositoryPath | None = Field(default=None, description="The file or folder, from the repository's root")
    uri: Uri | None = Field(default=None, description="Where data outside the repository is")
    revision: Line | None = Field(
        default=None, description="Which state of the data: a DVC or content hash, a commit, a date"
    )
    license: LicenseField | None = Field(
        default=None, description="License of the data: an SPDX expression, or {id, url}"
    )
    sensitive: Lines = Field(default=(), description="Kinds of sensitive data in it, such as names or health records")

    @model_validator(mode="after")
    def _is_identified(self) -> Dataset:
        if self.path is not None and self.uri is not None:
            raise ValueError("has a path and a uri; a dataset is at one place")
        if not (self.name or self.path or self.uri):
            raise ValueError("needs a name, a path or a uri")
        return self


class Code(Part):
    commit: Commit = Field(description="The commit that the training ran on")
    clean: bool | None = Field(default=None, description="Whether the work tree had no other changes")


class Run(Part):
    tracker: Line = Field(description="Where the run was tracked, such as mlflow, wandb or dvclive")
    id: Line = Field(description="The run's id there")
    url: Uri | None = Field(default=None, description="The run's page")


class Compute(Part):
    hardware: Line | None = Field(default=None, description="What the training ran on, such as 8x A100 80 GB")
    hours: Amount | None = Field(default=None, description="How long it ran")
    energy_kwh: Amount | None = Field(default=None, description="Electric energy in kWh")
    co2_eq_grams: Amount | None = Field(default=None, description="Emissions in grams of CO2 equivalent")
    method: Literal["measured", "estimated"] | None = Field(
        default=None, description="How energy and emissions are known"
    )


class Training(Part):
    datasets: Annotated[tuple[Dataset, ...], AsTuple] = Field(default=(), description="The data that made the model")
    undisclosed: Text | None = Field(default=None, description="Why datasets are not named, where they are not")
    parameters: ScalarMap = Field(default_factory=dict, description="Training parameters, flat: one value a name")
    code: Code | None = Field(default=None, description="The code that trained the model")
    run: Run | None = Field(default=None, description="The tracked run that made the model")
    compute: Compute | None = Field(default=None, description="What the training cost")


class Interval(Part):
    lower: Number = Field(description="Lower end")
    upper: Number = Field(description="Upper end")
    level: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        default=None, description="Confidence level, such as 0.95"
    )
    method: Line | None = Field(default=None, description="How it was found, such as bootstrap")

    @model_validator(mode="after")
    def _is_ordered(self) -> Interval:
        if self.lower > self.upper:
            raise ValueError(f"its lower end {self.lower} is above its upper end {self.upper}")
        return self


class Evaluation(Part):
    metric: Line = Field(description="The metric's name, such as f1")
    value: Number = Field(description="Its value")
    direction: Literal["min", "max"] | None = Field(default=None, description="Which way is better")
    dataset: Line | None = Field(default=None, description="The data it was measured on")
    split: Line | None = Field(default=None, description="The part of that data, such as test")
    slice: ScalarMap = Field(default_factory=dict, description="The subgroup it was measured on, such as {age: 18-25}")
    unit: Line | None = Field(default=None, description="The value's unit, such as ms")
    ci: Interval | None = Field(default=None, description="Confidence interval of the value")
    n: Count | None = Field(default=None, description="How many examples it was measured on")
    source: Line | None = Field(default=None, description="The file or option it came from; written by mreg")
    threshold: Number | None = Field(default=None, description="The decision threshold it was measured at")


class IntendedUse(Part):
    primary: Texts = Field(default=(), description="What the model is for")
    users: Texts = Field(default=(), description="Who is to use it")
    out_of_scope: Texts = Field(default=(), description="What it is not for")


class Risk(Part):
    risk: Text = Field(description="What may go wrong")
    group: Text | None = Field(default=None, description="Whom it may hurt")
    harm: Text | None = Field(default=None, description="How it may hurt them")
    mitigation: Text | None = Field(default=None, description="What is done about it")


class BaseModelEntry(Part):
    ref: BaseModelRef = Field(description="name@v1.0.0, hf:id@revision, or a URI pinned by @revision or #sha256=…")
    relation: Literal["finetune", "adapter", "quantized", "merge", "distilled"] | None = Field(
        default=None, description="How this model was derived from it"
    )


class Tensor(Part):
    name: Line = Field(description="Its name")
    type: Line | None = Field(default=None, description="Its type, such as float32 or string")
    shape: Annotated[tuple[Annotated[int, Field(ge=-1)], ...], AsTuple] | None = Field(
        default=None, description="Its dimensions; -1 where any size is possible"
    )
    description: Text | None = Field(default=None, description="What it means")


class Card(Part):
    """What a model is, what made it, how good it is, and what it is for."""

    schema_id: Literal["mreg/v1"] = Field(alias="schema", description="The card's schema: mreg/v1")
    name: Line = Field(description="The model's name, as in its tags")
    version: VersionText = Field(
        description="The version that the next tag will carry, in quotes where it looks like a number"
    )
    artifact: Artifact = Field(description="The model itself")
    description: Summary | None = Field(default=None, description="What the model does, in at most 300 characters")
    task: Task | None = Field(default=None, description="Hugging Face task id, such as text-classification")
    license: LicenseField | None = Field(
        default=None, description="License of the model: an SPDX expression, or {id, url}"
    )
    owners: Annotated[tuple[Owner, ...], AsTuple] = Field(default=(), description="Who answers for the model")
    training: Training = Field(default_factory=Training, description="What made the model")
    evaluations: Annotated[tuple[Evaluation, ...], AsTuple] = Field(default=(), description="What was measured")
    intended_use: IntendedUse = Field(default_factory=IntendedUse, description="What the model is for, and for whom")
    limitations: Texts = Field(default=(), description="What the model does badly or not at all")
    risks: Annotated[tuple[Risk, ...], AsTuple] = Field(
        default=(), description="What may go wrong, for whom, and what is done"
    )
    base_models: Annotated[tuple[BaseModelEntry, ...], AsTuple] = Field(
        default=(), description="Models it was derived from"
    )
    architecture: Text | None = Field(default=None, description="How the model is built")
    inputs: Annotated[tuple[Tensor, ...], AsTuple] = Field(default=(), description="What it takes")
    outputs: Annotated[tuple[Tensor, ...], AsTuple] = Field(default=(), description="What it gives")
    tradeoffs: Text | None = Field(default=None, description="What was given up for what")
    risk_rating: Literal["low", "medium", "high", "unknown"] | None = Field(
        default=None, description="The risk of its use, rated"
    )
    languages: Annotated[tuple[Language, ...], AsTuple] = Field(
        (), description="BCP 47 tags of the languages it handles"
    )
    tags: Lines = Field(default=(), description="Words to find it by")
    citation: Text | None = Field(default=None, description="How to cite it")
    documentation: Text | None = Field(default=None, description="Where more is written about it")
    extensions: dict[str, Any] = Field(default_factory=dict, alias="x-*", description="Keys of your own, any value")
