"""Whatever serves as node_exporter, Python and reference image keeps the contract that compose files rely on."""

import httpx
import pytest

from drillbook.doctor import images


def metrics(container):
    container.reload()
    port = container.ports["9100/tcp"][0]["HostPort"]
    return httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=3, trust_env=False).text


def test_node_exporter_runs_read_only_and_takes_flags(image, run_container, until):
    flags = ["--path.rootfs=/", "--collector.disable-defaults", "--collector.filesystem"]
    container = run_container(image("node-exporter"), flags, port=9100, read_only=True)
    text = until(lambda: metrics(container))
    assert "node_filesystem_avail_bytes{" in text
    assert "node_memory_MemAvailable_bytes" not in text


def test_node_exporter_reports_disk_inodes_and_memory_by_default(image, run_container, until):
    container = run_container(image("node-exporter"), port=9100, read_only=True)
    text = until(lambda: metrics(container))
    for name in ("node_filesystem_avail_bytes{", "node_filesystem_files_free{", "node_memory_MemAvailable_bytes "):
        assert name in text


def test_node_exporter_is_started_by_its_official_path_and_not_as_root(docker_client, image):
    config = docker_client.api.inspect_image(image("node-exporter"))["Config"]
    assert config["Entrypoint"] == ["/bin/node_exporter"]
    assert config["User"] == "nobody"


@pytest.mark.skipif(images.PYTHON not in images.needed(), reason="the reference image is set: no base is needed")
def test_python_has_pip_and_makes_virtual_environments(image, run_container):
    container = run_container(image("python"), ["sh", "-c", "python -m venv /tmp/v && /tmp/v/bin/pip --version"])
    assert container.wait(timeout=120)["StatusCode"] == 0, container.logs()


def test_the_reference_image_imports_what_its_services_need(image, run_container):
    container = run_container(image("reference"), ["python", "-c", "import celery, psycopg, redis"], entrypoint="")
    assert container.wait(timeout=120)["StatusCode"] == 0, container.logs()


def test_the_environment_names_an_image_that_is_here_for_each_service(docker_client):
    found = images.environment()
    assert set(found) == {image.variable for image in images.STARTED}
    assert all(images.on(docker_client)(tag) for tag in found.values())
