"""The sheet for a review meeting: the goals with their levels and evidence, the score beside them, room to write."""

import io
import re
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader

from coord.application.goals.commands import EndStrategy, ProposeGoal
from coord.domain.case.goals import GoalContent
from tests.aims import goal, seen, strategy, tried
from tests.house import House


def url(house: House, more: str = "") -> str:
    return f"/children/{house.child}/goals/review{more}"


def text_of(answer: Any) -> str:
    """A page as it reads, without its marks."""
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", f"<main{main}"))


def file_of(answer: Any) -> tuple[PdfReader, str]:
    pdf = PdfReader(io.BytesIO(answer.data))
    return pdf, " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


@pytest.fixture
def goals(house: House) -> list[UUID]:
    """Three goals with the weights of the worked example: +1, 0, -1 with 3, 2, 1; and one that is not rated."""
    found = []
    for n, (statement, weight, level) in enumerate(
        (("Asks for a break.", (3, 1), 1), ("Zips the coat.", (2, 1), 0), ("Plays with one friend.", (1, 1), -1))
    ):
        scale = {"importance": weight[0], "difficulty": weight[1]}
        found.append(goal(house, statement, scale=scale, child_view="I want to do it." if n == 0 else ""))
        seen(house, found[-1], house.ot, "therapy", level, support="independent")
    found.append(goal(house, "Waits for a turn."))
    house.clock.turn(days=10)
    seen(house, found[0], house.teacher, "school", 0, support="independent")
    seen(house, found[0], house.teacher, "school", 1, support="independent", reported_by="")
    offered = strategy(house, "Lay the card on the desk.", goal=found[0])
    for outcome in ("helped", "helped", "did-not"):
        tried(house, offered, house.teacher, outcome)
    return found


def both(house: House, client: Any) -> list[str]:
    """The page and the file as they read."""
    return [text_of(client.get(url(house))), file_of(client.get(url(house, ".pdf")))[1]]


@pytest.mark.usefixtures("goals")
def test_each_goal_stands_with_levels_evidence_and_its_row_in_words(house: House):
    for sheet in both(house, house.browser_of(house.ot)):
        assert "Friday, 20 March 2026" in sheet
        assert sheet.index("Asks for a break.") < sheet.index("Zips the coat.") < sheet.index("Waits for a turn.")
        assert "I want to do it." in sheet
        assert "Asks with the card alone" in sheet
        assert "Baseline level" in sheet
        assert "−1, less than expected" in sheet
        assert "+1, more than expected (at school, 20 Mar 2026, Tove Dahl)" in sheet
        assert "+1, more than expected; independent; 20 Mar 2026; Tove Dahl" in sheet
        assert "nothing seen yet" in sheet
        assert (
            "Emerging, since 20 March 2026. Outside therapy, occasions on which it was shown: 1 (the rule asks for 3); "
            "contexts: 1 (2)" in sheet
        )
        assert "Rule: 3 occasions, 2 contexts, 2 people" in sheet
        of_school = "Shown; shown on 1 of 1 occasion; last on 20 Mar 2026; first 10 days after therapy"
        assert f"{of_school}; rule: 3 occasions here." in sheet
        assert "nobody has looked here, which is not a no" in sheet
        assert "agreed in these words" in sheet
        assert "Review by" in sheet
        assert "It helped: 2; It did not help: 1" in sheet


def test_the_present_level_and_the_baseline_are_marked(house: House, goals: list[UUID]):
    page = house.browser_of(house.ot).get(url(house)).text
    first = page.partition(str(goals[0]))[2].partition(str(goals[1]))[0]
    rows = re.findall(r"<tr.*?</tr>", first, re.DOTALL)
    tags = {row.partition("<span>")[2].partition("<")[0]: re.findall(r'nhsuk-tag--\w+">(\w+)', row) for row in rows}
    marked = {level: found for level, found in tags.items() if level}
    assert marked == {"−2": [], "−1": ["baseline"], "0": [], "+1": ["now"], "+2": []}


@pytest.mark.usefixtures("goals")
def test_the_score_stands_beside_the_levels_that_it_was_made_of(house: House):
    """Weights 3, 2, 1, 1 of which one is unrated; of the rated, +1, 0, -1: the worked 54.41."""
    for sheet in both(house, house.browser_of(house.ot)):
        assert "The latest levels in therapy" in sheet
        assert "T 54.4, over 3 of 4 goals with a scale (rho 0.30)." in sheet
        assert "The latest levels at school" in sheet
        assert "T 60.0, over 1 of 4 goals with a scale (rho 0.30)." in sheet
        assert "At the baseline of the same goals: 36.8, so a change of +17.6." in sheet
        assert "unrated is not zero" in sheet
        score = sheet.partition("T-score beside the levels")[2]
        assert re.search(r"Waits for a turn\..*?1.*?not rated", score)
        assert re.search(r"Asks for a break\..*?3.*?\+1, more than expected", score)


def test_a_rated_goal_without_weight_is_left_out_and_not_called_unrated(house: House):
    seen(house, goal(house, "Sings.", scale={"importance": 0, "difficulty": 2}), house.ot, "therapy", 2)
    seen(house, goal(house, "Zips the coat."), house.ot, "therapy", -1)
    for sheet in both(house, house.browser_of(house.ot)):
        score = sheet.partition("T-score beside the levels")[2]
        assert "over 1 of 1 goals" in score
        assert "not rated" not in score.partition("Sings.")[2].partition("What was tried")[0]
        assert "+2, much more than expected" in score.partition("Sings.")[2]
        assert "0 (left out)" in score
        assert "so a change of 0.0" in score


def test_what_was_tried_and_is_advised_no_longer_stands_on_the_sheet(house: House):
    gone = strategy(house, "Lay the card on the desk.")
    tried(house, gone, house.teacher, "did-not")
    house.services.doors.execute(house.ot, EndStrategy(house.child, gone, "He pushed it away"))
    goal(house, "A goal given up.", status="stopped")
    for sheet in both(house, house.browser_of(house.ot)):
        assert "Nothing has been offered yet." not in sheet
        assert "Lay the card on the desk." in sheet
        assert "It did not help: 1; no longer advised" in sheet
        assert "A goal given up." not in sheet


def test_no_score_is_not_fifty(house: House):
    goal(house)
    for sheet in both(house, house.browser_of(house.ot)):
        assert "There is no score" in sheet
        assert "No score is not 50" in sheet


def test_a_child_without_goals_has_an_empty_sheet(house: House):
    for sheet in both(house, house.browser_of(house.slt)):
        assert "There is no goal that you may read." in sheet
        assert "Nothing has been offered yet." in sheet


def test_a_goal_without_a_scale_says_so(house: House):
    content = GoalContent("Eats with others.", ["home"], review_date=house.clock.now.date())
    house.services.doors.execute(house.ot, ProposeGoal(house.child, UUID(int=7), content))
    for sheet in both(house, house.browser_of(house.ot)):
        assert "This goal has no scale of levels." in sheet
        assert "not agreed in these words yet" in sheet
        assert "Not tried: the work has not begun." in sheet


def test_it_is_for_clinicians_and_leads_and_holds_what_they_may_read(house: House):
    goal(house, "A quiet fear.", by=house.psychologist, audience="own-discipline")
    for more in ("", ".pdf"):
        assert house.browser_of(house.teacher).get(url(house, more)).status_code == 403
        for who in (house.stranger, house.admin):
            assert house.browser_of(who).get(url(house, more)).status_code == 404
    for who in (house.ot, house.lead, house.student):
        assert not any("quiet fear" in sheet for sheet in both(house, house.browser_of(who)))
    assert all("A quiet fear." in sheet for sheet in both(house, house.browser_of(house.psychologist)))


def test_a_teacher_who_is_refused_leaves_no_look_at_the_goals(house: House):
    goal(house)
    house.browser_of(house.teacher).get(url(house, ".pdf"))
    kinds = [look["kind"] for look in house.services.access.page(case_id=house.child)]
    assert "ReadGoals" not in kinds


@pytest.mark.usefixtures("goals")
def test_the_file_is_accessible_and_says_who_took_it(house: House):
    answer = house.browser_of(house.ot).get(url(house, ".pdf"))
    assert answer.content_type == "application/pdf"
    assert "review-sheet-2026-03-20.pdf" in answer.headers["Content-Disposition"]
    assert "Zig" not in answer.headers["Content-Disposition"]
    pdf, text = file_of(answer)
    root: Any = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a PDF's own boolean
    assert root["/Lang"] == "en"
    assert "<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data().decode()
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Review meeting: Zig, Friday, 20 March 2026"
    assert "Downloaded by Ada Lind, Therapist, 20 March 2026, 10:00. For the care team; not for the school." in text
    assert "Present, and apologies" in text
    assert "Decisions" in text
    look = house.services.access.page(case_id=house.child, limit=1)[0]
    assert (look["kind"], look["detail"]) == ("ReadGoals", {"export": "pdf"})


def test_what_was_typed_stays_text(house: House):
    typed = '#panic() *bold* <b>x</b> "quoted" \\ $x$'
    goal(house, typed)
    strategy(house, typed)
    page = house.browser_of(house.ot).get(url(house)).text
    assert "<b>x</b>" not in page
    text = file_of(house.browser_of(house.ot).get(url(house, ".pdf")))[1]
    assert text.replace(" ", "").count(typed.replace(" ", "")) >= 2


@pytest.mark.usefixtures("goals")
def test_it_speaks_italian(house: House):
    client = house.browser_of(house.ot)
    client.post("/account/language", {"language": "it"}, form_on="/account")
    pdf, text = file_of(client.get(url(house, ".pdf")))
    root: Any = pdf.trailer["/Root"]
    assert root["/Lang"] == "it"
    assert "venerdì 20 marzo 2026" in text
