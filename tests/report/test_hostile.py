"""Whatever stands in a journal's fields is text on the page: no element, no attribute, no request arises from it."""

import re

import pytest

from drillbook.common.inert import for_markdown, for_terminal, inert

# What a journal says in our own words, by the names of the fields.
OURS = ("kind", "t", "verdict", "severity", "worst", "gate", "unit", "rungs")
NAMED_BY_TARGETS = ("asked", "limits")
PREFIXES = ("drill.", "FAILED: ")
NUMBERS = range(56)


def spoilt(value, text, key=""):
    """The same value with `text` in all of its texts, and in the names in it that are not ours."""
    if key in OURS:
        return value
    if isinstance(value, dict):
        mark = text if key in NAMED_BY_TARGETS else ""
        return {f"{mark}{name}": spoilt(one, text, name) for name, one in value.items()}
    if isinstance(value, list):
        return [spoilt(one, text, key) for one in value]
    if not isinstance(value, str):
        return value
    prefix = next((one for one in PREFIXES if value.startswith(one)), "")
    return f"{prefix}{text}{value.removeprefix(prefix)}"


def spoilt_book(journals, text):
    """A journal with everything, and `text` in all of it."""
    return journals.Book(lines=[spoilt(line, text) for line in journals.everything().lines])


@pytest.fixture(scope="session")
def strings(hostile):
    """All hostile strings."""
    return [*hostile.HOSTILE, hostile.SURROGATE]


def test_there_are_as_many_strings_as_tests(strings):
    assert len(strings) == len(NUMBERS)


@pytest.fixture(scope="session")
def plain(journals, parsed, tmp_path_factory):
    """The page with a harmless text in every field, taken apart."""
    from drillbook.report.page import write_page

    folder = spoilt_book(journals, "plain").save(tmp_path_factory.mktemp("plain"))
    return parsed(write_page(folder).read_text())


@pytest.mark.parametrize("number", NUMBERS)
def test_a_hostile_string_in_every_field_is_text_and_changes_no_element(
    page_of, parsed, journals, strings, plain, number
):
    text = strings[number][:300]  # longer ones are cut, and what they are compared with is not
    written = page_of(spoilt_book(journals, text))
    page = parsed(written)
    assert page.shape == plain.shape
    assert (page.open, page.comments) == ([], [])
    assert page.text.count(" ".join(inert(text).split())) > 50
    assert all(character.isprintable() or character == "\n" for character in written)


def test_the_comparison_sees_an_element_that_arises(page_of, parsed, journals, plain):
    written = page_of(spoilt_book(journals, "<b>"))
    assert parsed(written).shape == plain.shape
    assert parsed(written.replace("&lt;b&gt;", "<b></b>", 1)).shape != plain.shape


def test_a_forged_journal_in_which_our_own_words_are_hostile_too_is_text(page_of, parsed, journals, strings):
    for text in strings:
        hostile = dict.fromkeys(OURS[1:], text)
        forged = [{**spoilt(line, text), **hostile} for line in journals.checks().lines]
        page = parsed(page_of(journals.Book(lines=forged)))
        assert not {tag for tag, _ in page.elements} & {"script", "img", "b", "iframe", "a", "base", "h4"}
        assert page.comments == []


def test_a_very_long_string_makes_no_large_page(page_of, journals):
    book = journals.checks()
    book.lines = [spoilt(line, "<&>" * 10_000) for line in book.lines]
    assert len(page_of(book)) < 3_000_000


@pytest.mark.parametrize("width", [1280, 400])
def test_a_browser_finds_nothing_to_obey(chromium, page_of, journals, strings, tmp_path, width):
    book = journals.Book().run()
    for text in strings:
        book.verdict(f"{text} limit", "BREACHED", reason=text, by=text, of=text, check=text, **{"from": text})
        book.add("skip", check=text, reason=text)
        book.add("load", profile=text, about=text, held_to=[text])
        book.add("drill", check=f"drills::{text}", runbook=text)
        book.add("phase", phase=text, words=text, at=1.0)
        book.verdict(f"{text} watched", "BREACHED", round=1)
        book.add("traffic", requests=1, errors=1)
    page_of(book.end(1, *strings))
    heard = []
    page = chromium.new_page(viewport={"width": width, "height": 900})
    for event in ("console", "dialog", "pageerror", "popup", "download"):
        page.on(event, lambda found, event=event: heard.append((event, str(found))))
    page.on("request", lambda request: heard.append(("request", request.url)))
    page.goto((tmp_path / "index.html").as_uri())
    assert heard == [("request", (tmp_path / "index.html").as_uri())]
    assert page.evaluate("document.scripts.length + document.links.length + document.images.length") == 0
    assert page.evaluate("[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames())"
                         ".filter(name => name.startsWith('on') || name === 'style').length") == 0  # fmt: skip
    shown = " ".join(page.evaluate("document.body.textContent").split())
    assert [text for text in strings if " ".join(inert(text[:900]).split()) not in shown] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("number", NUMBERS)
def test_a_terminal_and_a_build_log_find_nothing_to_obey(strings, number):
    shown = for_terminal(strings[number])
    assert shown.isprintable()
    assert not shown.lstrip().startswith("::")
    assert not re.search(r"##\w*\[", shown)


@pytest.mark.parametrize("number", NUMBERS)
def test_markdown_finds_nothing_to_render(strings, number):
    from markdown_it import MarkdownIt

    cell = for_markdown(strings[number])
    for page in (f"| a | b |\n|---|---|\n| {cell} | end |\n", f"- {cell}: end\n", f"# {cell}: end\n", f"{cell} end\n"):
        kinds = {
            one.type for token in MarkdownIt().enable("table").parse(page) for one in [token, *(token.children or [])]
        }
        assert kinds <= {
            "inline",
            "text",
            "text_special",
            *(f"{tag}_{end}" for tag in TAGS for end in ("open", "close")),
        }
    assert not re.search(r"://|\bwww\.|(?<!\w)@\w|@[\w-]+\.\w", cell.replace("\\", ""), re.IGNORECASE)


TAGS = ("table", "thead", "tbody", "tr", "th", "td", "bullet_list", "list_item", "paragraph", "heading")
