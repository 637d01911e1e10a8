"""The page in a real browser, on a phone and on a screen, light and dark: nothing overflows or is out of reach."""

from __future__ import annotations

import base64
from itertools import pairwise, product

import pytest

KINDS = ("checks", "every", "drill", "failed", "killed", "load", "empty", "targets", "everything")
WIDTHS = (1280, 400)
SCHEMES = ("light", "dark")
LOOKS = [  # each width and each scheme once; crossed they are among the proofs
    pytest.param(width, scheme, marks=() if number in (0, 3) else pytest.mark.proof)
    for number, (width, scheme) in enumerate(product(WIDTHS, SCHEMES))
]
SMALLEST_TEXT = 11  # pixels
LUMINANCE = """
async picture => {
  const bitmap = await createImageBitmap(await (await fetch('data:image/png;base64,' + picture)).blob());
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height), context = canvas.getContext('2d');
  context.drawImage(bitmap, 0, 0);
  const data = context.getImageData(0, 0, bitmap.width, bitmap.height).data, colours = new Set();
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) {
    sum += (0.2126 * data[i] + 0.7152 * data[i + 1] + 0.0722 * data[i + 2]) / 255;
    colours.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
  }
  return {mean: sum / (data.length / 4), colours: colours.size};
}
"""
OUTSIDE = """
() => [...document.querySelectorAll('body *')].filter(one => {
  const box = one.getBoundingClientRect();
  return box.width && getComputedStyle(one).clipPath === 'none' && !one.closest('thead')
    && (box.right > document.documentElement.clientWidth + 1 || box.left < -1);
}).map(one => one.tagName + ' ' + one.textContent.slice(0, 40))
"""
SMALL = """
least => [...document.querySelectorAll('body *')]
  .filter(one => [...one.childNodes].some(child => child.nodeType === 3 && child.textContent.trim()))
  .filter(one => parseFloat(getComputedStyle(one).fontSize) < least).map(one => one.textContent)
"""
OVERLAPS = """
() => [...document.querySelectorAll('svg.plot')].flatMap(plot => {
  const boxes = [...plot.querySelectorAll('text.tick, text.mark, text.rule')].map(one => one.getBoundingClientRect());
  const across = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const down = (a, b) => Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return boxes.flatMap((a, n) => boxes.slice(n + 1).filter(b => across(a, b) > 1 && down(a, b) > 3));
}).length
"""


@pytest.fixture(scope="module")
def looked_at(chromium):
    """How light a picture is on average, from 0 to 1, and how many colours it has."""
    page = chromium.new_page()
    yield lambda picture: page.evaluate(LUMINANCE, base64.b64encode(picture).decode())
    page.close()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_page_is_seen_as_it_should_be(opened, looked_at, pages, tmp_path, kind, width, scheme):
    page, heard = opened(kind, width, scheme)
    assert heard == [pages[kind].as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate(SMALL, SMALLEST_TEXT) == []
    assert page.evaluate(OVERLAPS) == 0
    seen = looked_at(page.screenshot(path=tmp_path / f"{kind}-{width}-{scheme}.png"))
    assert seen["colours"] > 20
    assert seen["mean"] > 0.85 if scheme == "light" else seen["mean"] < 0.2
    page.close()


@pytest.mark.parametrize("kind", KINDS)
def test_headings_are_in_order(opened, kind):
    page, _ = opened(kind)
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(one => +one.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    page.close()


def test_a_screen_reader_hears_rows_and_columns_on_a_phone_too(opened):
    page, _ = opened("checks", 400)
    table = page.get_by_role("table", name="What is not OK, causes first")
    assert table.get_by_role("row").count() == 9  # the head, six causes, the effects of two
    assert table.get_by_role("columnheader").count() == 7
    assert table.get_by_role("rowheader").first.inner_text().startswith("redis.up")
    page.close()


def test_what_is_folded_away_on_a_screen_is_on_paper(opened):
    page, _ = opened("checks", 800)
    page.emulate_media(media="print")
    assert page.get_by_text("database.check_23", exact=True).is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.close()


def test_a_script_that_got_in_all_the_same_would_not_run(chromium, pages, tmp_path):
    text = pages["checks"].read_text().replace("</main>", "<script>document.title = 'owned'</script></main>")
    (tmp_path / "owned.html").write_text(text)
    page, heard = chromium.new_page(), []
    page.on("console", lambda message: heard.append(message.text))
    page.goto((tmp_path / "owned.html").as_uri())
    assert page.title() == "deal-scout@staging: exit 1"
    assert any("Content Security Policy" in text for text in heard)
    page.close()
