"""What a copy has less of than the file asks for: volumes that are folders in disguise, replicas, newer images."""

from __future__ import annotations

import pytest

MEMORY = {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}


@pytest.mark.parametrize(
    "options",
    [
        {**MEMORY, "o": "bind", "device": "/srv/data"},
        {**MEMORY, "o": "size=1m, rbind", "device": "/srv/data"},
        {**MEMORY, "o": "remount"},
        {**MEMORY, "copy": "/srv/data"},
    ],
    ids=str,
)
def test_a_volume_that_says_tmpfs_and_may_be_a_folder_is_the_copys_own(options, service):
    data = {"volumes": [{"type": "volume", "source": "data", "target": "/data", "volume": {}}]}
    _, whole = service(data, more={"volumes": {"data": {"driver_opts": options}}})
    assert "driver_opts" not in whole.content["volumes"]["data"]
    assert whole.said == ["volume data is kept elsewhere by its options: the copy has one of its own, empty"]


@pytest.mark.parametrize("asked", [{"scale": 3}, {"deploy": {"replicas": 3}}], ids=str)
def test_of_a_service_whose_port_is_published_there_is_one(asked, service):
    made, whole = service(asked, ports={("web", 8000): 20080})
    assert ("scale" in made, "replicas" in made.get("deploy", {})) == (False, False)
    assert whole.said == ["replicas of web: one in the copy, whose port is published"]


def test_of_others_there_are_as_many_as_the_file_says(service):
    made, whole = service({"deploy": {"replicas": 3}})
    assert (made["deploy"], whole.said) == ({"replicas": 3}, [])


@pytest.mark.parametrize("policy", ["always", "build", "daily", "weekly", "every_12h"])
def test_an_image_of_the_users_is_not_replaced_by_a_newer_one(policy, service):
    made, whole = service({"pull_policy": policy})
    assert "pull_policy" not in made
    assert whole.said == [f"pull_policy {policy} of web: an image that is here stays as it is"]


@pytest.mark.parametrize("policy", ["missing", "if_not_present", "never"])
def test_a_policy_that_leaves_images_alone_is_kept(policy, service):
    made, whole = service({"pull_policy": policy})
    assert (made["pull_policy"], whole.said) == (policy, [])
