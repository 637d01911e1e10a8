"""Values that the user's own files or environment give: named in addresses, in headers of a drill, and never told."""

from __future__ import annotations

import pytest

from drillbook.common.mistakes import Mistakes
from drillbook.common.redact import scrub
from drillbook.stack.drill import target_of
from drillbook.stack.marks import Marks
from drillbook.stack.plan import make_plan
from drillbook.stack.recipe import Recipe
from drillbook.system.file import Stack
from drillbook.system.library import Library

STACK = Stack(compose="compose.yaml", addresses={"URL": "redis://:{THEIR_PASSWORD}@{redis:6379}"})


def services(*passwords):
    return {"services": {f"s{n}": {"environment": {"THEIR_PASSWORD": one}} for n, one in enumerate(passwords)}}


@pytest.fixture
def recipe(tmp_path):
    """A recipe of a copy whose address names the user's password."""
    return Recipe(STACK, tmp_path, Marks("p", {"drillbook": "x"}), tmp_path, make_plan(STACK))


def test_an_env_file_of_a_service_gives_it_and_it_is_a_secret(recipe):
    assert recipe.given(services("in$$env-file", None)) == {"THEIR_PASSWORD": "in$env-file"}
    assert scrub("it is in$env-file!") == "it is ***!"


def test_the_file_beside_the_compose_file_goes_before_it_and_the_environment_before_both(recipe, tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("THEIR_PASSWORD=from-dotenv\n")
    assert recipe.given(services("other")) == {"THEIR_PASSWORD": "from-dotenv"}
    monkeypatch.setenv("THEIR_PASSWORD", "exported-1")
    assert recipe.given(services("other")) == {"THEIR_PASSWORD": "exported-1"}


def test_services_that_differ_are_a_mistake_and_nobody_is_nobody(recipe):
    with pytest.raises(Mistakes, match=r"\{THEIR_PASSWORD\} has different values in different services: export"):
        recipe.given(services("one-of-them", "another-one"))
    assert recipe.given(services(None)) == {}


def test_what_serves_in_place_of_an_image_is_not_pulled(recipe):
    recipe.instead["redis:6"] = "drillbook/redis:1"
    config = {
        "services": {"a": {"image": "redis:6", "pull_policy": "always"}, "b": {"image": "x", "pull_policy": "always"}}
    }
    found = recipe.with_images(config)["services"]
    assert found == {"a": {"image": "drillbook/redis:1"}, "b": config["services"]["b"]}


SYSTEM = """
[system]
name = "social"

[services.api]
kind = "http"
url = { env = "SOCIAL_URL" }
ready = { path = "/ready" }
headers = { Authorization = { env = "SOCIAL_TOKEN", prefix = "Bearer " } }

[stack]
compose = "compose.yaml"
SECRETS

[stack.addresses]
SOCIAL_URL = "http://{api:80}"
"""


def headers(project, secrets, environ):
    project.write("systems/social/system.toml", SYSTEM.replace("SECRETS", secrets))
    library = Library(project.root, environ)
    plan = make_plan(library.read("social").stack)
    target = target_of(library, "social", plan)
    assert target.services["api"].address.startswith("http://127.0.0.1:")
    return dict(target.services["api"].headers), plan


def test_a_header_whose_variable_is_exported_is_taken_by_a_drill_and_an_address_is_not(project):
    environ = {"SOCIAL_TOKEN": "exported-token", "SOCIAL_URL": "http://theirs.example.com"}
    assert headers(project, "", environ)[0] == {"Authorization": "Bearer exported-token"}


def test_a_header_that_the_copy_makes_is_the_copys(project):
    made, plan = headers(project, 'secrets = ["SOCIAL_TOKEN"]', {"SOCIAL_TOKEN": "exported-token"})
    assert made == {"Authorization": f"Bearer {plan.secrets['SOCIAL_TOKEN']}"}


def test_a_header_that_nobody_gives_is_a_mistake(project):
    with pytest.raises(Mistakes, match="SOCIAL_TOKEN is not set"):
        headers(project, "", {})


def test_the_address_of_a_service_is_never_taken_whatever_the_service_is_called(project):
    text = SYSTEM.replace("SECRETS", "").replace("services.api", "services.headers").replace("SOCIAL_URL =", "OTHER =")
    project.write("systems/social/system.toml", text)
    library = Library(project.root, {"SOCIAL_TOKEN": "t", "SOCIAL_URL": "http://theirs.example.com"})
    with pytest.raises(Mistakes, match="SOCIAL_URL is not set"):
        target_of(library, "social", make_plan(library.read("social").stack))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "line", ['headers = { X-Tenant = "shop" }', 'login = { path = "/in", form = { a = "b" }, cookie = "c" }']
)
def test_what_the_file_says_as_it_is_is_said_without_a_warning(project, line):
    text = SYSTEM.replace("SECRETS", "").replace(
        'headers = { Authorization = { env = "SOCIAL_TOKEN", prefix = "Bearer " } }', line
    )
    project.write("systems/social/system.toml", text)
    library = Library(project.root, {})
    assert target_of(library, "social", make_plan(library.read("social").stack)).services["api"]


MAIL = """
[services.mail]
kind = "smtp"
url = { env = "SOCIAL_SMTP_URL" }
mail = { from = "checker@social.example", to = { env = "SOCIAL_SINK" } }
[stack]
"""


@pytest.mark.parametrize("inside", [True, False], ids=["the copy has a mail server", "it has none"])
def test_whom_a_mail_is_for_is_taken_by_a_drill_and_a_mail_server_is_not(project, inside):
    its = '[stack.addresses]\nSOCIAL_SMTP_URL = "smtp://{mail:25}"' if inside else "[stack.addresses]"
    text = SYSTEM.replace("SECRETS", "").replace("[stack]\n", MAIL.lstrip()).replace("[stack.addresses]", its)
    project.write("systems/social/system.toml", text)
    exported = {
        "SOCIAL_SMTP_URL": "smtp://relay.example.com",
        "SOCIAL_SINK": "sink@social.example",
        "SOCIAL_TOKEN": "t",
    }
    library = Library(project.root, exported)
    plan = make_plan(library.read("social").stack)
    if not inside:
        with pytest.raises(Mistakes, match="SOCIAL_SMTP_URL is not set"):
            target_of(library, "social", plan)
        return
    mail = target_of(library, "social", plan).services["mail"]
    assert mail.address.startswith("smtp://127.0.0.1:")
    assert (mail.mail["to"], mail.writes) == ("sink@social.example", ("mail",))
