"""That answers are sent compressed, and that how long they are tells nothing (BREACH)."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from coord.web.compressing import FILLER, compressed
from coord.web.form_token import FormTokens, masked, unmasked
from tests.house import Client, House, open_house
from tests.web.api.conftest import token_of

BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def house(data_folder: Path) -> Iterator[House]:
    with open_house(data_folder) as house:
        yield house


@pytest.fixture
def ot(house: House) -> Client:
    return house.browser_of(house.ot)


def packed(answer: TestResponse) -> bool:
    return answer.headers.get("Content-Encoding") == "gzip"


def text_of(answer: TestResponse) -> str:
    return (gzip.decompress(answer.data) if packed(answer) else answer.data).decode()


def tokens_in(page: str) -> set[str]:
    return set(re.findall(r'(?:name="csrf_token" value|name="csrf-token" content)="([^"]+)"', page))


# ---- what is compressed, and for whom


def test_a_page_is_compressed_and_is_the_same_page(house: House, ot: Client):
    plain, small = ot.get(f"/children/{house.child}"), ot.get(f"/children/{house.child}", headers=BROWSER)
    assert packed(small)
    assert not packed(plain)
    words = re.compile(r'(csrf[_-]token" (?:value|content)=)"[^"]+"')
    assert words.sub(r"\1", text_of(small)) == words.sub(r"\1", plain.text)
    assert int(small.headers["Content-Length"]) == len(small.data) < len(plain.data) / 3
    for answer in (plain, small):
        assert {"Accept-Encoding", "Sec-Fetch-Site", "Cookie"} <= set(answer.vary)
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_head_is_told_what_a_get_would_be(house: House, ot: Client):
    answer = ot.client.head(f"/children/{house.child}", headers=BROWSER)
    assert packed(answer)
    assert answer.data == b""
    assert int(answer.headers["Content-Length"]) > 1000


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": ""},  # a browser that does not say, and brings a cookie
        {"Accept-Encoding": "br"},
        {"Accept-Encoding": "gzip;q=0"},
    ],
)
def test_what_another_site_may_have_asked_for_is_not(house: House, ot: Client, headers: dict[str, str]):
    sent = {name: value for name, value in {**BROWSER, **headers}.items() if value}
    answer = ot.get(f"/children/{house.child}", headers=sent)
    assert not packed(answer)
    assert answer.text.endswith("</html>")


@pytest.mark.parametrize("query", ["q=laces", "author=", "before=3", "nothing=of+ours", "q="])
@pytest.mark.parametrize(
    ("who", "place"),
    [("ot", "/children/{child}"), ("ot", "/activities"), ("lead", "/children/{child}/history"), ("ot", "/groups")],
)
def test_a_page_that_repeats_its_query_is_not(house: House, who: str, place: str, query: str):
    house.note(house.ot, "Tied the laces twice.")
    browser, path = house.browser_of(getattr(house, who)), place.format(child=house.child)
    whole, answer = browser.get(path, headers=BROWSER), browser.get(f"{path}?{query}", headers=BROWSER)
    assert whole.status_code == answer.status_code == 200
    assert packed(whole)
    assert answer.text.endswith("</html>")
    assert not packed(answer)


def test_the_api_compresses_for_whoever_brings_a_token_and_no_cookie(house: House):
    house.note(house.ot, "Tied the laces twice. " * 30)
    program = house.app.test_client()
    headers = {"Authorization": f"Bearer {token_of(house, house.ot)}", "Accept-Encoding": "gzip"}
    timeline = f"/api/v1/cases/{house.child}/timeline"
    answer = program.get(timeline, headers=headers)
    assert packed(answer)
    assert "laces" in text_of(answer)
    assert not packed(program.get(f"{timeline}?q=laces", headers=headers))


def test_what_has_a_strong_etag_stays_as_the_etag_says(house: House):
    note = house.note(house.ot, "Tied the laces twice. " * 30)
    headers = {"Authorization": f"Bearer {token_of(house, house.ot)}", "Accept-Encoding": "gzip"}
    answer = house.app.test_client().get(f"/api/v1/cases/{house.child}/notes/{note}", headers=headers)
    assert answer.headers["ETag"] == '"1"'
    assert not packed(answer)


def test_a_file_of_the_history_is_still_sent_bit_by_bit(house: House):
    case_id = house.child
    answer = house.browser_of(house.lead).get(f"/children/{case_id}/history.csv", headers=BROWSER)
    assert answer.status_code == 200
    assert "Content-Length" not in answer.headers
    assert not packed(answer)


def test_a_static_file_is_compressed_once_whoever_asks(house: House):
    browser, cross = house.app.test_client(), {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "cross-site"}
    first, second = (browser.get("/static/built/coord.css", headers=cross) for _ in range(2))
    assert packed(first)
    assert first.data == second.data
    assert first.headers["Vary"] == "Accept-Encoding"


# ---- how long it is


def test_the_same_content_has_another_length_each_time():
    content = b"<p>Tied the laces twice.</p>" * 100
    sent = [compressed(content) for _ in range(60)]
    assert {gzip.decompress(one) for one in sent} == {content}
    lengths = {len(one) for one in sent}
    assert len(lengths) > 20
    assert max(lengths) - min(lengths) < FILLER


def test_chance_adds_fewer_bytes_than_the_filler_also_at_its_ends(monkeypatch: pytest.MonkeyPatch):
    lengths = []
    for chance in (0, 1, FILLER - 1):
        monkeypatch.setattr("secrets.randbelow", lambda _, chance=chance: chance)
        lengths.append(len(compressed(b"<p>Tied the laces twice.</p>")))
    assert [length - lengths[0] for length in lengths] == [0, 1, FILLER - 1]


def test_so_has_the_same_page(house: House, ot: Client):
    assert len({len(ot.get(f"/children/{house.child}", headers=BROWSER).data) for _ in range(8)}) > 1


# ---- the token of its forms


def test_the_token_is_another_in_each_answer_and_one_in_all_its_forms(house: House, ot: Client):
    (first,), (second,) = (tokens_in(ot.get(f"/children/{house.child}/notes/new").text) for _ in range(2))
    assert first != second
    assert unmasked(first).rsplit(".", 2)[0] == unmasked(second).rsplit(".", 2)[0] != ""
    # No piece of it stands in both: what is in one answer says nothing of the next.
    pieces, others = ({token[i : i + 6] for i in range(len(token) - 5)} for token in (first, second))
    assert not pieces & others


def language_of(browser: Client, **sent: Any) -> int:
    answer = browser.client.post("/account/language", data={"language": "it", **sent.pop("data", {})}, **sent)
    return int(answer.status_code)


def test_each_of_two_answers_tokens_counts_in_the_form_and_in_the_header(house: House, ot: Client):
    (first,), (second,) = (tokens_in(ot.get("/account").text) for _ in range(2))
    for token in (second, first, first):
        assert language_of(ot, data={"csrf_token": token}) == 303
        assert language_of(ot, headers={"X-CSRFToken": token}) == 303


def test_a_page_that_was_open_before_tokens_were_masked_can_be_sent(house: House, ot: Client):
    with ot.client.session_transaction() as session:
        made_from = session["csrf_token"]
    with house.app.test_request_context():
        from flask import session as of_request

        of_request["csrf_token"] = made_from
        old = generate_csrf()
    assert old.count(".") >= 2
    assert language_of(ot, data={"csrf_token": old}) == 303


def test_a_library_that_gives_pages_its_token_in_another_way_is_noticed_at_the_start(monkeypatch: pytest.MonkeyPatch):
    today = CSRFProtect.init_app

    def another(self: CSRFProtect, app: Flask) -> None:
        today(self, app)
        app.context_processor(lambda: {"form_of": "another version"})

    FormTokens(Flask("as it is"))
    monkeypatch.setattr(CSRFProtect, "init_app", another)
    with pytest.raises(RuntimeError, match="unmasked token"):
        FormTokens(Flask("as it may be"))


def changed_at(token: str, place: int) -> str:
    return token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]


def test_a_token_that_was_tampered_with_is_refused(house: House, ot: Client):
    (token,) = tokens_in(ot.get("/account").text)
    somebody_elses = masked(unmasked(tokens_in(house.browser_of(house.slt).get("/account").text).pop()))
    wrong = [changed_at(token, place) for place in (0, 40, len(token) // 2, len(token) // 2 + 40, len(token) - 8)]
    wrong += [
        "",
        "A",
        token[:-4],
        token[4:],
        token + "AAAA",
        token + "!",
        token[: len(token) // 2],
        "ä",
        somebody_elses,
    ]
    for one in wrong:
        assert language_of(ot, data={"csrf_token": one}) == 400, one
    assert language_of(ot, data={"csrf_token": token}) == 303
