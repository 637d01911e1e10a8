"""This process's settings."""

from standin.settings import Settings

SETTINGS = Settings.from_environment("DEAL_SCOUT")
