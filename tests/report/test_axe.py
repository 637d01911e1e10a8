"""The page is for everybody: axe (WCAG 2.1 A and AA, and best practice) finds nothing in it to complain of."""

import pytest
from axe_playwright_python.sync_playwright import Axe

KINDS = ("checks", "every", "drill", "failed", "killed", "load", "empty", "targets", "everything")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], "resultTypes": ["violations"]}
UNNAMED = """
const figure = document.querySelector('svg.plot');
figure.removeAttribute('aria-labelledby');
figure.querySelector('title').remove();
"""


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (400, "dark")])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_to_complain_of(opened, kind, width, scheme):
    page, _ = opened(kind, width, scheme, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    page.close()


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        ("document.querySelector('.meaning').style.color = '#aaa'", "color-contrast"),
        (UNNAMED, "svg-img-alt"),
        ("document.querySelector('h2').outerHTML = '<h5>too deep</h5>'", "heading-order"),
        ("document.documentElement.removeAttribute('lang')", "html-has-lang"),
    ],
)
def test_axe_would_complain(opened, spoil, rule):
    page, _ = opened("load", bypass_csp=True)
    page.evaluate(spoil)
    assert rule in str(Axe().run(page, options=RULES).response["violations"]), rule
    page.close()
