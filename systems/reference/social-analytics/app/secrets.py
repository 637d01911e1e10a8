"""The platforms' credentials, from Secrets Manager: read once, so that a new version needs a new start."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

from app.settings import AWS_URL, CREDENTIALS

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_SECONDS = 0.8
SIGNED = "AWS4-HMAC-SHA256 Credential=standin/20260101/eu-central-1/secretsmanager/aws4_request"


class Secrets:
    """What was read of each platform's secret."""

    def __init__(self) -> None:
        self._read: dict[str, Mapping[str, Any]] = {}

    def key(self, platform: str) -> str:
        """Return the platform's key; OSError while nobody can be asked for it."""
        if platform not in self._read:
            self._read[platform] = ask(platform)
        return str(json.loads(self._read[platform]["SecretString"])["client_secret"])

    def stale(self) -> list[str]:
        """Return the platforms whose secret has a newer version than the one in use."""
        return [name for name, read in self._read.items() if ask(name)["VersionId"] != read["VersionId"]]


def ask(platform: str) -> Mapping[str, Any]:
    """Return what Secrets Manager has now. Moto takes any signature, and loading boto3 takes longer than asking."""
    said = json.dumps({"SecretId": CREDENTIALS.format(platform)}).encode()
    how = {"X-Amz-Target": "secretsmanager.GetSecretValue", "Content-Type": "application/x-amz-json-1.1"}
    request = urllib.request.Request(AWS_URL, said, {**how, "Authorization": SIGNED})  # noqa: S310 - set by us
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - set by us
        read: dict[str, Any] = json.load(answer)
        return read
