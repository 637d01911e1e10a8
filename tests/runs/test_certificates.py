"""The certificate of a service that is asked by https://: judged without a table of its own, and told once."""

from __future__ import annotations

import datetime
import ssl

import pytest
import trustme

OF_CERTIFICATES = ("tls.days_left", "tls.chain", "tls.name")
RUN = ("checks", "--target", "shop@local", "--interval", "0.1")
OWN = '[services.edge]\nkind = "tls"\nurl = { env = "EDGE" }\n[environments.local]\n'
STATED = '[limits."tls.days_left(web)"]\nunit = "days"\nhigh = "< 90"\n[environments.local]\n'
SYSTEM = "systems/shop/system.toml"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """One that signs, its certificate in a file."""
    made = trustme.CA()
    made.file = tmp_path_factory.mktemp("tls") / "ca.pem"
    made.cert_pem.write_to_path(made.file)
    return made


@pytest.fixture
def by_tls(shop_project, shop, authority):
    """Has the shop speak TLS, with a certificate that is good for so many days; this machine trusts its authority."""
    shop_project.write("checks/test_kinds.py", (shop_project.checkout / "checks" / "test_kinds.py").read_text())

    def speak(days, host="127.0.0.1"):
        until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days, hours=1)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        began = until - datetime.timedelta(days=400)
        authority.issue_cert(host, not_before=began, not_after=until).configure_cert(context)
        shop.server.socket = context.wrap_socket(shop.server.socket, server_side=True)
        url = shop.url.replace("http", "https")
        shop_project.environ |= {"SHOP_URL": url, "SSL_CERT_FILE": str(authority.file)}
        return shop_project

    return speak


def said_of(project, name="tls.days_left"):
    """The lines of the journal on the limit of that name."""
    return [line for line in project.journal() if line["kind"] == "verdict" and line["name"] == name]


@pytest.mark.parametrize("how", [(), ("-n", "2")], ids=["in one process", "in two"])
@pytest.mark.parametrize(("days", "code", "verdict"), [(40, 0, "OK"), (9, 1, "BREACHED")])
def test_it_is_judged_without_a_table_of_its_own(by_tls, how, days, code, verdict):
    project = by_tls(days)
    ran = project.pytest(*RUN, *how)
    assert ran.code == code, ran.said
    (line,) = said_of(project)
    assert (line["verdict"], line["of"], line["service"]) == (verdict, "", "web")
    assert days <= line["value"] < days + 1
    assert [said_of(project, one)[0]["verdict"] for one in ("tls.chain", "tls.name")] == ["OK", "OK"]
    assert [line["verdict"] for line in said_of(project, "api.up")] == ["OK"]


def test_one_that_has_expired_is_one_cause_and_the_rest_come_of_it(by_tls):
    project = by_tls(-2)
    ran = project.pytest(*RUN)
    assert ran.code == 1
    assert [line["verdict"] for line in said_of(project)] == ["BREACHED"]
    (up,) = said_of(project, "api.up")
    assert (up["verdict"], up["because"]) == ("UNKNOWN", "tls.days_left")
    assert "CRITICAL tls.days_left: -1.958 days < 3 days" in ran.said
    assert "  and so 10 more: api.up, " in ran.said


def test_one_for_another_host_is_one_cause_too(by_tls):
    project = by_tls(40, host="other.example")
    ran = project.pytest(*RUN)
    assert ran.code == 1
    assert [said_of(project, one)[0]["verdict"] for one in OF_CERTIFICATES] == ["OK", "OK", "BREACHED"]
    assert said_of(project, "api.up")[0]["because"] == "tls.name"
    assert "CRITICAL tls.name: no, its certificate is not for 127.0.0.1" in ran.said
    assert "  and so 9 more: api.up, " in ran.said


def test_one_of_an_authority_that_is_not_known_here_is_one_cause_that_cannot_be_told(by_tls, tmp_path):
    project = by_tls(40)
    trustme.CA().cert_pem.write_to_path(tmp_path / "another.pem")
    project.environ["SSL_CERT_FILE"] = str(tmp_path / "another.pem")
    ran = project.pytest(*RUN)
    assert ran.code == 11
    assert [said_of(project, one)[0]["verdict"] for one in OF_CERTIFICATES] == ["OK", "UNKNOWN", "OK"]
    assert said_of(project, "api.up")[0]["because"] == "tls.chain"
    assert "UNKNOWN (critical) tls.chain: its authority is not known here" in ran.said
    assert "set SSL_CERT_FILE to the right CA" in ran.said
    assert "  and so 9 more: api.up, " in ran.said


def test_what_is_down_shows_none(shop_project, by_tls, shop):
    by_tls(40)
    shop.server.socket.close()
    assert shop_project.pytest(*RUN).code == 1
    (line,) = said_of(shop_project)
    assert (line["verdict"], line["because"]) == ("UNKNOWN", "api.up")


def test_a_port_that_is_declared_is_looked_at_once(by_tls):
    project = by_tls(40)
    project.edit(SYSTEM, "[environments.local]\n", OWN)
    project.environ["EDGE"] = project.environ["SHOP_URL"]
    ran = project.pytest(*RUN)
    assert ran.code == 0, ran.said
    assert [(line["of"], line["service"]) for line in said_of(project)] == [("", "edge")]


def test_what_the_file_states_of_it_holds(by_tls):
    project = by_tls(40)
    project.edit(SYSTEM, "[environments.local]\n", STATED)
    assert project.pytest(*RUN).code == 1
    assert [(line["verdict"], line["of"]) for line in said_of(project)] == [("BREACHED", "web")]


@pytest.mark.parametrize("stated", [STATED, STATED.replace("(web)", "")], ids=["of the service", "of all"])
def test_where_it_is_asked_by_http_that_is_said(shop_project, stated):
    shop_project.edit(SYSTEM, "[environments.local]\n", stated)
    ran = shop_project.pytest(*RUN)
    assert ran.code == 0, ran.said
    assert said_of(shop_project) == []
    assert "no certificate is looked at for it here" in ran.said


def test_a_limit_of_a_service_that_is_not_there_is_a_mistake(shop_project):
    shop_project.edit(SYSTEM, "[environments.local]\n", STATED.replace("web", "wbe"))
    ran = shop_project.pytest(*RUN)
    assert ran.code == 4
    assert "not on 'wbe'" in ran.said


@pytest.mark.parametrize("of", ["", "(web)"])
def test_where_all_of_it_is_switched_off_nothing_is_asked(by_tls, of):
    project = by_tls(-2)
    off = "".join(f'[limits."{title}{of}"]\noff = "the mall\'s"\n' for title in OF_CERTIFICATES)
    project.edit(SYSTEM, "[environments.local]\n", f"{off}[environments.local]\n")
    ran = project.pytest(*RUN)
    assert ran.code == 11
    assert [said_of(project, one) for one in OF_CERTIFICATES] == [[], [], []]
    assert "the mall's" in ran.said


def test_where_one_thing_is_switched_off_the_others_are_judged(by_tls):
    project = by_tls(40, host="other.example")
    off = '[limits."tls.name"]\noff = "asked by its address"\n'
    project.edit(SYSTEM, "[environments.local]\n", f"{off}[environments.local]\n")
    ran = project.pytest(*RUN)
    assert ran.code == 11, ran.said
    assert [[line["verdict"] for line in said_of(project, one)] for one in OF_CERTIFICATES] == [
        ["OK"],
        ["OK"],
        ["skipped"],
    ]
    assert "asked by its address" in ran.said


def test_a_handshake_counts_and_keeps_the_budget(by_tls):
    project = by_tls(40)
    assert project.pytest(*RUN).code == 0
    asked = project.journal()[-1]["asked"]["web"]
    project.edit(SYSTEM, "samples = 1\n", f'samples = 1\nbudget = "{asked - 1} in all"\n')
    ran = project.pytest(*RUN)
    assert ran.code == 11
    assert f"reading it once asks {asked} (services.web.budget)" in ran.said
    project.edit(SYSTEM, f"{asked - 1} in all", f"{asked} in all")
    assert project.pytest(*RUN).code == 0


def test_it_does_not_speak_for_the_service(by_tls):
    project = by_tls(40)
    (project.root / "checks" / "test_shop.py").unlink()
    ran = project.pytest(*RUN)
    assert ran.code == 11, ran.said
    assert "services.web: declared, and nothing judged it" in ran.said


@pytest.mark.parametrize(
    ("days", "host", "said"),
    [
        (1, "127.0.0.1", "MEDIUM tls.days_left(web): 1.042 days < 30 days"),
        (40, "other.example", "MEDIUM tls.name(web): no, its certificate is not for 127.0.0.1"),
    ],
)
def test_somebody_elses_is_no_worse_than_their_absence(by_tls, days, host, said):
    project = by_tls(days, host=host)
    project.edit(SYSTEM, 'roles = ["api"]', 'roles = ["upstream"]')
    project.edit(SYSTEM, (project.root / SYSTEM).read_text().partition("[services.web.metrics]")[2], "")
    project.edit(SYSTEM, "[services.web.metrics]", '[environments.local]\nkind = "local"\n')
    ran = project.pytest(*RUN)
    assert ran.code == 11, ran.said  # of its own it has nothing that could reach the gate
    assert said in ran.said


def test_behind_a_proxy_it_is_not_looked_at(by_tls):
    project = by_tls(40)
    project.edit(SYSTEM, "samples = 1\n", 'samples = 1\nproxy = { env = "PROXY" }\n')
    project.environ["PROXY"] = "http://127.0.0.1:9"
    ran = project.pytest(*RUN)
    assert ran.code != 0
    assert [line["verdict"] for line in said_of(project)] == ["skipped"]
    assert "a handshake of our own would go around that" in ran.said


def test_it_is_collected_under_the_services_name(by_tls):
    ran = by_tls(40).pytest(*RUN, "--collect-only", "-q")
    assert "checks/test_kinds.py::test_what_its_kind_asks[web-tls.days_left]" in ran.said
