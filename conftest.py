"""Yours: what stands here holds for every check of this repository. As it is, it changes nothing.

A fixture that is defined here takes the place of Drillbook's own of that name (`judge`, `api`, `database`, `redis`,
`queue`, `host`), and may ask for the one whose place it takes, as below. To add a limit of your own, say in the
system's file what is too much, and judge it in a file of `checks/`:

    # systems/shop/system.toml
    [limits."items.count"]
    own = true
    unit = "items"
    high = "< 2"

    # checks/test_stock.py
    def test_there_is_something_to_sell(api, judge):
        judge("items.count", api.get("/stock").at("$.items", unit="items"))
"""

from __future__ import annotations

import pytest


@pytest.fixture
def judge(judge):
    """What checks hand their observations to: note them, change them, or leave some out, before it is called."""

    def judged(name, observation):
        return judge(name, observation)

    return judged
