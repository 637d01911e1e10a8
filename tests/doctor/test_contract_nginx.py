"""Whatever serves as nginx keeps the contract that compose files rely on: official image or stand-in alike."""

import httpx
import pytest

FOLDER = "/usr/share/nginx/html"
PAGES = {
    "/etc/nginx/conf.d/default.conf": f"server {{ listen 80; root {FOLDER}; location /gone {{ return 410; }} }}",
    f"{FOLDER}/index.html": "a page of ours",
}


@pytest.fixture(scope="module")
def server(image, run_container, until):
    container = run_container(image("nginx"), port=80, files=PAGES)
    until(lambda: ask(container))
    return container


def ask(container, path="/"):
    container.reload()
    port = container.ports["80/tcp"][0]["HostPort"]
    return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=3, trust_env=False)


def test_it_serves_the_folder_for_pages(server):
    assert ask(server).text == "a page of ours"


def test_its_server_is_the_one_that_was_put_in_the_place_of_the_default(server):
    assert ask(server, "/gone").status_code == 410


def test_requests_and_errors_are_told_by_the_engine(server, until):
    ask(server, "/nowhere")
    told = until(lambda: (text := server.logs(stdout=True, stderr=True).decode()) and "/nowhere" in text and text)
    assert '"GET /nowhere HTTP/1.1" 404' in told
    assert "No such file or directory" in told


def test_it_is_process_one(server, inside):
    assert inside(server, "cat /proc/1/comm") == "nginx"


def test_without_files_of_ours_it_serves_a_page_of_its_own(image, run_container, until):
    container = run_container(image("nginx"), port=80)
    assert "nginx" in until(lambda: ask(container)).text
