"""Many PDFs of typst become one: every page, tag, mark and link of the parts is there, and leads where it should."""

import io
from typing import Any

import pytest
import typst
from pypdf import PdfReader
from pypdf.generic import ArrayObject, IndirectObject

from coord.web.joined_pdf import JoinedPdf, NotJoinable

PART = """
#set document(title: "Whole")
#set text(lang: "it")
#show heading: it => block(it.body)
#heading(level: 1)[Chapter (with 12 0 R in it) \\\\ and ciò]
#for i in range(12) { heading(level: 2, bookmarked: calc.rem(i, 6) == 0)[Day #i]; par(lorem(120)) }
"""
FRONT = """
#set document(title: "Whole")
#set text(lang: "it")
#heading(level: 1, bookmarked: false)[Front]
#link("https://page.invalid/1")[the first page]

#link("https://page.invalid/4")[the fourth]
"""
MARKS = [("Chapter (with 12 0 R in it) \\ and ciò", 1), ("Day 0", 2), ("Day 6", 2)]


def made(source: str) -> bytes:
    return typst.compile(source.encode(), format="pdf", pdf_standards=["ua-1"], ignore_system_fonts=True)


@pytest.fixture(scope="module")
def joined() -> Any:
    out = io.BytesIO()
    one = JoinedPdf(out.write)
    for _ in range(3):
        one.add(made(PART), MARKS)
    pages = one.finish(made(FRONT))
    reader = PdfReader(io.BytesIO(out.getvalue()), strict=True)
    assert len(reader.pages) == pages
    return reader


def tree_of(reader: Any) -> dict[int, Any]:
    """From the keys of pages and links to what they are tagged as."""
    found: dict[int, Any] = {}
    kids = reader.root_object["/StructTreeRoot"]["/ParentTree"]["/Kids"]
    for kid in kids:
        node = kid.get_object()
        nums = node["/Nums"]
        keys = [int(key) for key in nums[::2]]
        assert [min(keys), max(keys)] == [int(limit) for limit in node["/Limits"]]
        found |= dict(zip(keys, nums[1::2], strict=True))
    return found


def test_a_joined_file_says_of_itself_what_pdf_ua_asks_for(joined: Any):
    catalog = joined.root_object
    assert catalog["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a boolean of the file
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert catalog["/Lang"] == "it"
    assert joined.metadata is not None
    assert joined.metadata.title == "Whole"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in catalog["/Metadata"].get_object().get_data()
    assert all(page["/Tabs"] == "/S" for page in joined.pages)
    assert joined.page_labels[:3] == ["i", "1", "2"]


def test_all_content_of_every_page_has_its_tag_there(joined: Any):
    tree, keys = tree_of(joined), [page["/StructParents"] for page in joined.pages]
    assert len(set(keys)) == len(keys)
    for page, key in zip(joined.pages, keys, strict=True):
        elements = tree[key].get_object()
        content = page.get_contents()
        assert content is not None
        assert len(elements) == content.get_data().count(b"/MCID ")
        for place, element in enumerate(elements):
            assert (page.indirect_reference.idnum, place) in content_of(element.get_object())


def content_of(element: Any) -> list[tuple[int, int]]:
    """Page and place of what is tagged as an element: its own page's, or another's where it goes on."""
    own = [(element.raw_get("/Pg").idnum, kid) for kid in element["/K"] if isinstance(kid, int)]
    others = [kid for kid in element["/K"] if not isinstance(kid, int | IndirectObject) and "/MCID" in kid]
    return own + [(kid.raw_get("/Pg").idnum, kid["/MCID"]) for kid in others]


def test_every_tag_is_in_one_tree_from_one_root(joined: Any):
    root = joined.root_object["/StructTreeRoot"]
    (document,) = root["/K"]
    kinds: list[str] = []

    def walk(element: Any, parent: Any) -> None:
        kinds.append(element["/S"])
        assert element.raw_get("/P").idnum == parent
        for kid in element["/K"]:
            if isinstance(kid, IndirectObject):
                walk(kid.get_object(), element.indirect_reference.idnum)

    walk(document.get_object(), root.indirect_reference.idnum)
    assert kinds[0] == "/Document"
    assert kinds.count("/Part") == 4
    assert (kinds.count("/H1"), kinds.count("/H2")) == (4, 36)


def test_the_outline_names_the_marks_of_all_parts_where_they_stand(joined: Any):
    outline = joined.outline
    chapters = [one for one in outline if not isinstance(one, list)]
    assert [one.title for one in chapters] == [MARKS[0][0]] * 3
    within = [[one.title for one in below] for below in outline if isinstance(below, list)]
    assert within == [["Day 0", "Day 6"]] * 3
    for chapter in chapters:
        page = joined.get_destination_page_number(chapter)
        assert page is not None
        assert "Chapter (with 12 0 R in it)" in joined.pages[page].extract_text()


def test_links_of_the_front_lead_to_pages_of_the_body(joined: Any):
    links = [link.get_object() for link in joined.pages[0]["/Annots"]]
    assert [joined.pages.index(link["/Dest"][0].get_object()) for link in links] == [1, 4]
    assert all("/A" not in link and "page.invalid" not in link["/Contents"] for link in links)
    tree = tree_of(joined)
    assert all(tree[link["/StructParent"]].get_object()["/S"] == "/Link" for link in links)
    assert isinstance(links[0]["/Dest"], ArrayObject)


@pytest.mark.parametrize(
    "part", [b"%PDF-1.4 of another hand", b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n"], ids=["other", "torn"]
)
def test_what_typst_would_not_write_is_refused(part: bytes):
    with pytest.raises(NotJoinable):
        JoinedPdf(lambda _: None).add(part)


def test_a_part_whose_marks_are_not_those_expected_is_refused():
    with pytest.raises(NotJoinable, match="3 headings"):
        JoinedPdf(lambda _: None).add(made(PART), MARKS[:2])


def test_a_table_that_names_its_heads_is_refused_for_two_could_have_one_name():
    table = made(PART + "#table(columns: 2, table.header[a][b], [1], [2])")
    with pytest.raises(NotJoinable, match="ids"):
        JoinedPdf(lambda _: None).add(table, MARKS)
