"""The customers' phones."""

from __future__ import annotations

from flask import Blueprint

phones = Blueprint("phones", __name__)
