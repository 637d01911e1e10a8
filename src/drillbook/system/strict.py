"""What every table of a system file is made of: strict models, and the forms that names and paths have."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
Path_ = Annotated[str, Field(pattern=r"^/\S*$")]
VolumeName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
Size = Annotated[str, Field(pattern=r"^[1-9]\d*[km]$")]
JsonPath = Annotated[str, Field(pattern=r"^\$(\.\w+|\[\d+\])*$")]
JsonCondition = Annotated[str, Field(pattern=r"^\$(\.\w+|\[\d+\])*( == ('[^']*'|true|false|-?\d+(\.\d+)?))?$")]


class Strict(BaseModel):
    """Refuses unknown keys, converts nothing silently, and never shows an input in an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)
