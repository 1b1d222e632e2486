"""Many tagged PDFs of typst become one, written as they come: what was written is not held in memory any more.

One compilation of a long document takes a quarter of a megabyte an entry, and whatever reads a whole PDF to join it
holds every object of it. typst writes plain PDF (no object streams, no encryption), so its objects can be copied as
they are, with other numbers; what all parts share (catalogue, page tree, tree of tags, outline) is written anew at the
end.
Whatever does not look as expected is refused, never guessed at.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
CATALOG, PAGES, TAGS, OUTLINES, DOCUMENT = 1, 2, 3, 4, 5
"""Numbers of the objects that all parts share."""
TO_PAGE = "https://page.invalid/"
"""A link to such an address, with the number of a page of the body after it, leads to that page of the file."""
_TOKEN = re.compile(rb"\(|<[0-9A-Fa-f]*>|(\d+) 0 R|/(StructParents?) (\d+)")
_OBJECT = re.compile(rb"(\d+) 0 obj\n")
_TO_PAGE = re.escape(TO_PAGE.encode())
_LINK = re.compile(rb"/A<</Type/Action/S/URI/URI\(" + _TO_PAGE + rb"(\d+)\)>>")
_SAID = re.compile(rb"/Contents\(" + _TO_PAGE + rb"(\d+)\)")


class NotJoinable(Exception):
    """A part is not as typst writes it; the message is for the developer and holds nothing of what was written."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place that the outline names: a heading, how deep it stands (from 1), and the page of its part (from 0)."""

    title: str
    level: int
    page: int


@dataclass(slots=True)
class _Part:
    """What is known of a part while and after it is copied."""

    first: int
    """The number that is added to those of its objects."""
    keys: int
    """The number that is added to its keys in the tree of tags."""
    pages: list[int] = field(default_factory=list)
    tags: int = 0
    """Its element ``Document``, which becomes a ``Part`` of the whole."""
    tree: int = 0
    """Its piece of the tree from content to tags."""
    limits: tuple[int, int] = (0, 0)


class JoinedPdf:
    """Writes one PDF/UA-1 of parts: the body as it comes, and at last what stands in front of it."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        """``write`` takes the file piece by piece."""
        self._write_out = write
        self._at = 0
        self._offsets = array("Q", [0] * (DOCUMENT + 1))
        self._keys = 0
        self._parts: list[_Part] = []
        self._marks: list[tuple[str, int, int]] = []
        self._write(HEADER)

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self._at

    @property
    def pages(self) -> int:
        """Pages of the body so far."""
        return sum(len(part.pages) for part in self._parts)

    def add(self, part: bytes, marks: Sequence[tuple[str, int]] = ()) -> list[Mark]:
        """Copy a part of the body. ``marks`` are its headings that the outline names, in their order, each with how
        deep it stands; on which page is answered."""
        objects = _objects(part)
        joined, catalog = self._copied(objects)
        found = list(_outline(objects, catalog, [page - joined.first for page in joined.pages]))
        if len(found) != len(marks):
            raise NotJoinable(f"{len(found)} headings in the outline, {len(marks)} expected")
        self._parts.append(joined)
        told = [Mark(title, level, page) for (title, level), page in zip(marks, found, strict=True)]
        self._marks += [(mark.title, mark.level, joined.pages[mark.page]) for mark in told]
        return told

    def finish(self, front: bytes) -> int:
        """Copy what stands in front, with pages i, ii, iii; then write what all share. How many pages it has in all.

        Title, language and metadata of the file are those of the front.
        """
        body = [page for part in self._parts for page in part.pages]
        objects = _objects(front)
        joined, catalog = self._copied(objects, body)
        kept = {name: self._renumbered(_value(catalog, name), joined) for name in (b"Metadata", b"Lang")}
        info = self._renumbered(_value(_trailer(front), b"Info"), joined)
        parts = [joined, *self._parts]
        self._page_tree(parts)
        self._tag_tree(parts)
        self._outline_tree()
        arabic = len(joined.pages)
        self._object(
            CATALOG,
            b"<</Type/Catalog/Pages %d 0 R/Metadata %s/Lang%s/StructTreeRoot %d 0 R/MarkInfo<</Marked true"
            b">>/ViewerPreferences<</DisplayDocTitle true/Direction/L2R>>/Outlines %d 0 R/PageMode/UseOutlines"
            b"/PageLabels<</Nums[0<</S/r>>%d<</S/D>>]>>>>"
            % (PAGES, kept[b"Metadata"], kept[b"Lang"], TAGS, OUTLINES, arabic),
        )
        self._end(info)
        return arabic + len(body)

    def _copied(self, objects: _Objects, body: Sequence[int] = ()) -> tuple[_Part, bytes]:
        """The part with its objects written, and its catalogue; ``body`` are the pages that links may lead to."""
        catalog = objects.of(objects.root)
        tags = objects.of(_number(catalog, b"StructTreeRoot"))
        if b"/Names" in catalog or b"/IDTree" in tags or b"/ClassMap" in tags:
            raise NotJoinable("names, ids or classes would have to be joined as well")
        keyed = int(_value(tags, b"ParentTreeNextKey"))
        part = _Part(len(self._offsets) - 1, self._keys)
        pages, root = _number(catalog, b"Pages"), _number(tags, b"K")
        part.pages = [part.first + page for page in _references(_value(objects.of(pages), b"Kids"))]
        part.tags, part.limits = part.first + root, (self._keys, self._keys + keyed - 1)
        left_out = {objects.root, _number(catalog, b"StructTreeRoot"), *_outline_items(objects, catalog)}
        self._offsets.extend([0] * objects.highest)
        for number, head, stream in objects:
            if number in left_out:
                continue
            said = self._renumbered(head, part)
            if number == pages:
                said = _with(said, b"/Parent %d 0 R" % PAGES)
            elif number == root:
                said = said.replace(b"/S/Document", b"/S/Part", 1)
                said = re.sub(rb"/P \d+ 0 R", b"/P %d 0 R" % DOCUMENT, said, count=1)
            if body and TO_PAGE.encode() in said:
                said = _LINK.sub(lambda link: b"/Dest[%d 0 R/XYZ null null null]" % body[int(link[1]) - 1], said)
                said = _SAID.sub(rb"/Contents(\1)", said)
            self._object(part.first + number, said, stream)
        part.tree = self._new(_parent_tree(tags, lambda nums: self._renumbered(nums, part), part))
        self._keys += keyed
        return part, catalog

    def _renumbered(self, said: bytes, part: _Part) -> bytes:
        """With the numbers that its references have in the whole, and nothing that is written in a string changed."""
        out, at = [], 0
        while found := _TOKEN.search(said, at):
            out.append(said[at : found.start()])
            at = found.end()
            if found[0] == b"(":
                at = _string_end(said, found.start())
                out.append(said[found.start() : at])
            elif found[1]:
                out.append(b"%d 0 R" % (int(found[1]) + part.first))
            elif found[2]:
                out.append(b"/%s %d" % (found[2], int(found[3]) + part.keys))
            else:
                out.append(found[0])
        return b"".join([*out, said[at:]])

    def _page_tree(self, parts: Sequence[_Part]) -> None:
        kids = b" ".join(b"%d 0 R" % self._parent_of(part) for part in parts)
        count = sum(len(part.pages) for part in parts)
        self._object(PAGES, b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, kids))

    def _parent_of(self, part: _Part) -> int:
        return part.first + 1  # typst writes the page tree first; `_objects` holds it to that

    def _tag_tree(self, parts: Sequence[_Part]) -> None:
        trees = sorted(parts, key=lambda part: part.limits)  # a tree is searched in the order of its keys
        kids = b" ".join(b"%d 0 R" % part.tree for part in trees)
        self._object(
            TAGS,
            b"<</Type/StructTreeRoot/RoleMap<</Datetime/Span/Terms/Part/Title/P/Strong/Span/Em/Span>>/K[%d 0 R]"
            b"/ParentTree<</Kids[%s]>>/ParentTreeNextKey %d>>" % (DOCUMENT, kids, self._keys),
        )
        within = b" ".join(b"%d 0 R" % part.tags for part in parts)
        self._object(DOCUMENT, b"<</Type/StructElem/S/Document/P %d 0 R/K[%s]>>" % (TAGS, within))

    def _outline_tree(self) -> None:
        """Two levels: chapters, and what is within them."""
        items: list[tuple[int, bytes, list[tuple[int, bytes]]]] = []
        for title, level, page in self._marks:
            one = (self._reserved(), b"/Title%s/Dest[%d 0 R/XYZ null null null]" % (_text(title), page))
            if level == 1 or not items:
                items.append((*one, []))
            else:
                items[-1][2].append(one)
        for place, (number, said, inner) in enumerate(items):
            around = _beside([one[0] for one in items], place)
            if inner:
                around += b"/First %d 0 R/Last %d 0 R/Count -%d" % (inner[0][0], inner[-1][0], len(inner))
            self._object(number, b"<</Parent %d 0 R%s%s>>" % (OUTLINES, around, said))
            within = [below for below, _ in inner]
            for at, (below, words) in enumerate(inner):
                self._object(below, b"<</Parent %d 0 R%s%s>>" % (number, _beside(within, at), words))
        ends = b"/First %d 0 R/Last %d 0 R" % (items[0][0], items[-1][0]) if items else b""
        self._object(OUTLINES, b"<</Type/Outlines%s/Count %d>>" % (ends, len(items)))

    def _end(self, info: bytes) -> None:
        at, count = self._at, len(self._offsets)
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % count)
        for number in range(1, count):
            offset = self._offsets[number]
            self._write(b"%010d 00000 n \n" % offset if offset else b"0000000000 65535 f \n")
        self._write(b"trailer\n<</Size %d/Root %d 0 R/Info %s>>\nstartxref\n%d\n%%%%EOF\n" % (count, CATALOG, info, at))

    def _reserved(self) -> int:
        self._offsets.append(0)
        return len(self._offsets) - 1

    def _new(self, said: bytes) -> int:
        number = self._reserved()
        self._object(number, said)
        return number

    def _object(self, number: int, said: bytes, stream: bytes = b"") -> None:
        self._offsets[number] = self._at
        self._write(b"%d 0 obj\n%s%s\nendobj\n" % (number, said, stream))

    def _write(self, said: bytes) -> None:
        self._write_out(said)
        self._at += len(said)


class _Objects:
    """The objects of one PDF, found by its own table."""

    def __init__(self, data: bytes, offsets: dict[int, tuple[int, int]], root: int) -> None:
        self._data, self._offsets, self.root = data, offsets, root
        self.highest = max(offsets)

    def __iter__(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Number, what is said, and the stream behind it."""
        for number in sorted(self._offsets):
            yield number, *self._parts(number)

    def of(self, number: int) -> bytes:
        return self._parts(number)[0]

    def _parts(self, number: int) -> tuple[bytes, bytes]:
        start, end = self._offsets[number]
        begins = _OBJECT.match(self._data, start)
        body = self._data[begins.end() : end].rstrip(b"\n") if begins else b""
        if begins is None or int(begins[1]) != number or not body.endswith(b"endobj"):
            raise NotJoinable("the table of objects leads elsewhere")
        body = body.removesuffix(b"endobj").rstrip(b"\n")
        if not body.endswith(b"endstream"):
            return body, b""
        at = body.index(b"stream\n")
        return body[:at], body[at:]


def _objects(data: bytes) -> _Objects:
    """Raises `NotJoinable` for what typst would not write."""
    trailer = _trailer(data)
    table = int(data[data.rindex(b"startxref") + 9 :].split()[0])
    if not data.startswith(b"%PDF-1.7") or b"/Encrypt" in trailer or not data.startswith(b"xref\n0 ", table):
        raise NotJoinable("no plain PDF 1.7 with a table of objects")
    rows = data[data.index(b"\n", table + 5) + 1 :].split(b"\n", int(_value(trailer, b"Size")))[:-1]
    starts = {n: int(row[:10]) for n, row in enumerate(rows) if row.rstrip().endswith(b"n")}
    ends = dict(zip(sorted(starts.values()), [*sorted(starts.values())[1:], table], strict=True))
    objects = _Objects(data, {n: (at, ends[at]) for n, at in starts.items()}, _number(trailer, b"Root"))
    if b"/Type/Pages" not in objects.of(1):
        raise NotJoinable("the page tree is not the first object")
    return objects


def _trailer(data: bytes) -> bytes:
    at = data.rfind(b"trailer")
    if at < 0:
        raise NotJoinable("no trailer")
    return data[at + 7 : data.index(b"startxref", at)].strip()


def _value(said: bytes, name: bytes) -> bytes:
    """What a dictionary of typst's says under a name: a number, a reference, a text or a list of no lists."""
    found = re.search(rb"/" + name + rb" ?(\d+ 0 R|\d+|\[[^\[\]]*\]|\([^()]*\)|<[0-9A-Fa-f]*>)", said)
    if found is None:
        raise NotJoinable(f"no {name.decode()}")
    return found[1]


def _number(said: bytes, name: bytes) -> int:
    """The object that a dictionary refers to under a name, or that the list of one there holds."""
    (found,) = _references(_value(said, name))
    return found


def _references(said: bytes) -> list[int]:
    return [int(number) for number in re.findall(rb"(\d+) 0 R", said)]


def _parent_tree(tags: bytes, renumbered: Callable[[bytes], bytes], part: _Part) -> bytes:
    """A piece of the tree of tags: from the numbers that pages and links have to the elements of their content."""
    pairs = re.findall(rb"(\d+) (\d+ 0 R)", _value(tags[tags.index(b"/ParentTree<<") :], b"Nums"))
    nums = b" ".join(b"%d %s" % (int(key) + part.keys, renumbered(reference)) for key, reference in pairs)
    return b"<</Limits[%d %d]/Nums[%s]>>" % (*part.limits, nums)


def _outline_items(objects: _Objects, catalog: bytes) -> Iterator[int]:
    if b"/Outlines" in catalog:
        yield (root := _number(catalog, b"Outlines"))
        yield from _below(objects, root)


def _outline(objects: _Objects, catalog: bytes, pages: Sequence[int]) -> Iterator[int]:
    """The page of each heading in the outline, in the order of the document."""
    places = {page: place for place, page in enumerate(pages)}
    if b"/Outlines" in catalog:
        for number in _below(objects, _number(catalog, b"Outlines")):
            destination = objects.of(_number(_outside_strings(objects.of(number)), b"Dest"))
            yield places[_references(destination)[0]]


def _below(objects: _Objects, number: int) -> Iterator[int]:
    """Items of the outline."""
    said = _outside_strings(objects.of(number))
    following = _number(said, b"First") if b"/First" in said else 0
    while following:
        yield following
        yield from _below(objects, following)
        said = _outside_strings(objects.of(following))
        following = _number(said, b"Next") if b"/Next" in said else 0


def _outside_strings(said: bytes) -> bytes:
    out, at = b"", 0
    while (found := said.find(b"(", at)) >= 0:
        out, at = out + said[at:found], _string_end(said, found)
    return out + said[at:]


def _string_end(said: bytes, start: int) -> int:
    """Where the string that begins here is over: brackets in it are in pairs, or come after a backslash."""
    depth, at = 0, start
    while at < len(said):
        character = said[at : at + 1]
        if character == b"\\":
            at += 1
        elif character in b"()":
            depth += 1 if character == b"(" else -1
            if not depth:
                return at + 1
        at += 1
    raise NotJoinable("a string has no end")


def _with(said: bytes, more: bytes) -> bytes:
    return said.removesuffix(b">>") + more + b">>"


def _text(text: str) -> bytes:
    return b"<FEFF%s>" % text.encode("utf-16-be").hex().upper().encode()


def _beside(items: Sequence[int], place: int) -> bytes:
    before = b"/Prev %d 0 R" % items[place - 1] if place else b""
    return before + (b"/Next %d 0 R" % items[place + 1] if place + 1 < len(items) else b"")
