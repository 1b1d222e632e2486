from tests.application.test_groups import *
from coord.domain.actors import Role, Discipline
import time, json

def attempt(f):
    t = time.monotonic()
    try:
        r = f()
        return ("ok", r, round(time.monotonic()-t,2))
    except Exception as e:
        return (type(e).__name__, getattr(e, "code", ""), [ (p.pointer,p.code) for p in getattr(e,"problems",[])], round(time.monotonic()-t,2))

def test_a_foreign_observation(house):
    """correct with the observation id of a teacher's observation, then leave it out"""
    group = Group(house); group.plan()
    child = group.child("Brio", teacher=house.teacher); group.enrol(child)
    goal = group.goals[child]
    from coord.domain.case import ObservationContent
    theirs = uuid4()
    house.services.doors.execute(house.teacher, g.ObserveGoal(child, goal, theirs, ObservationContent("school", level=2)))
    line, recording = group.line(child, level=None), uuid4()
    group.record(line, id=recording)
    print("steal:", attempt(lambda: correct(group, recording, 1, w.ChildRecord(child, line.line_id, line.content, [w.Rating(theirs, goal, -2)]))))
    print("drop:", attempt(lambda: correct(group, recording, 2, w.ChildRecord(child, line.line_id, line.content, []))))
    print([(o.id == theirs, o.context, o.level, o.marked) for o in observations(house, group, child)])

def test_a_taken_strategy(house):
    group = a_group(house, 2)
    a, b = group.children
    sid = uuid4()
    la = group.line(a); la = w.ChildRecord(a, la.line_id, la.content, la.ratings, [w.HandedOver(sid, "For A")])
    lb = group.line(b)
    rec = uuid4()
    group.record(la, lb, id=rec)
    import coord.application.doors as d
    print("taken strategy:", attempt(lambda: correct(group, rec, 1, w.ChildRecord(b, lb.line_id, lb.content, lb.ratings, [w.HandedOver(sid, "For B")]))))

def test_mixed_observation_ids(house):
    group = a_group(house, 2)
    a, b = group.children
    oid = uuid4()
    group.record(w.ChildRecord(a, uuid4(), LineContent("present"), [w.Rating(oid, group.goals[a], 1, "verbal", "remark of A")]), group.line(b, level=None))
    print("second:", attempt(lambda: group.record(group.line(a, level=None), w.ChildRecord(b, uuid4(), LineContent("present"), [w.Rating(oid, group.goals[b], -2, "verbal", "remark of B")]), number=2))[0])
    for child, name in ((a, "a"), (b, "b")):
        print(name, [(l.number, l.ratings) for l in lines_of(house, child)])
    roster = house.services.doors.ask(house.ot, r.ReadRoster(group.course))
    for c_ in roster.children:
        print(c_.preferred_name, {n: [x.ratings for x in ls] for n, ls in c_.lines.items()})

def test_resurrect(house):
    group = a_group(house, 1)
    (child,) = group.children
    line, rec = group.line(child), uuid4()
    group.record(line, id=rec)
    oid = line.ratings[0].observation_id
    house.services.doors.execute(house.ot, g.EnterObservationInError(child, group.goals[child], oid, "mistake"))
    yesterday = house.clock.now - timedelta(days=1)
    print(attempt(lambda: correct(group, rec, 1, started_at=yesterday - timedelta(hours=1), ended_at=yesterday))[0])
    print([(o.level, o.marked) for o in observations(house, group, child)])

def test_other_level_same_ids(house):
    group = a_group(house, 1)
    (child,) = group.children
    line, rec = group.line(child), uuid4()
    group.record(line, id=rec)
    again = replace(line, ratings=[replace(line.ratings[0], level=2, remark="much better")])
    print("other level:", attempt(lambda: group.record(again, id=rec)))
    end = house.clock.now
    h = [w.HandedOver(uuid4(), "One")]
    rec2 = uuid4()
    l2 = replace(group.line(child), strategies=h)
    group.record(l2, id=rec2, number=2)
    print("other strategy:", attempt(lambda: group.record(replace(l2, strategies=[replace(h[0], text="Other")]), id=rec2, number=2)))

def test_names(house):
    group = a_group(house, 2)
    print("cancel:", attempt(lambda: group.do(house.ot, w.CancelSession(group.course, 3, f"{NAMES[0]} is ill"))))
    print(NAMES[0] in repr(house.services.doors.ask(house.psychologist, r.ReadCourse(group.course))))
    version = house.services.record.course(group.course).version
    content = course_content(house, title=f"Group of {NAMES[0]}", why_otherwise=f"{NAMES[1]} needs it")
    print("revise:", attempt(lambda: group.do(house.ot, w.ReviseCourse(group.course, version, content, [house.ot.person_id], "x"))))
    print(NAMES[0] in repr(house.services.doors.ask(house.psychologist, r.ReadCourse(group.course))))

def test_small_name(house):
    group = a_group(house, 1)
    case = group.child("tim")
    house.services.doors.execute(house.ot, c.CorrectDetails(case, 1, {"full_name": "tim rossi"}, "x"))
    group.enrol(case)
    print("small:", attempt(lambda: group.record(group.line(group.children[0], response="Played with Tim Rossi"), group.line(case))))

def test_guardian(house):
    group = Group(house); group.plan(kind="psycho-educational", minutes=90, sessions=8)
    a, b = group.child("Brio"), group.child("Cleo")
    print(attempt(lambda: group.enrol(a, guardians=["Marta Verdi"], override="x"))[0], attempt(lambda: group.enrol(b, guardians=["Rosa Bianchi"], override="x"))[0])
    print("guardian:", attempt(lambda: group.record(group.line(a, response="Sat with Rosa Bianchi"), group.line(b))))

def test_requests(house):
    group = a_group(house, 2); group.record()
    who = replace(house.ot, request_id="THE-REQUEST")
    house.services.doors.ask(who, r.ReadRoster(group.course))
    items = house.services.doors.ask(house.lead, q.ReadHistory(group.children[0], limit=100)).items
    print("request in child's history:", [i["kind"] for i in items if i["request"] == "THE-REQUEST"])

def test_elsewhere(house):
    group = a_group(house, 2); group.record()
    other = house.person("Pat Yon", Role.THERAPIST, Discipline.OT, "South")
    lead = house.person("Lena Ydal", Role.TEAM_LEAD, None, "South")
    version = house.services.record.course(group.course).version
    group.do(house.ot, w.ReviseCourse(group.course, version, course_content(house), [house.ot.person_id, other.person_id], "x"))
    house.services.doors.ask(other, r.ReadRoster(group.course))
    items = house.services.doors.ask(lead, q.ReadAudit(limit=100)).items
    print([(i["kind"], i["withheld"], i["detail"], i["request"]) for i in items if i["kind"]=="ReadRoster"])

def test_waiting_left(house):
    group = Group(house); group.plan()
    child = group.child("Brio", teacher=house.teacher)
    group.enrol(child, place="waiting")
    version = house.services.record.course(group.course).version
    group.do(house.ot, w.ReviseCourse(group.course, version, course_content(house, aims="Other aims"), [house.ot.person_id], "x"))
    ask = house.services.doors.ask
    print("teacher timeline waiting+revised:", [i["detail"] for i in ask(house.teacher, q.ReadTimeline(child)).items if i["kind"]=="group"])
    group.do(house.ot, w.EndPlace(group.course, child, "No longer"))
    print("teacher after left:", [g_.status for g_ in ask(house.teacher, r.ReadGroups(child)).groups], [i["detail"] for i in ask(house.teacher, q.ReadTimeline(child)).items if i["kind"]=="group"])

def test_closed(house):
    group = a_group(house, 2)
    rec = uuid4()
    group.record(id=rec)
    house.services.doors.execute(house.ot, c.CloseCase(group.children[0], "done"))
    yesterday = house.clock.now - timedelta(days=1)
    print("closed:", attempt(lambda: correct(group, rec, 1, started_at=yesterday - timedelta(hours=1), ended_at=yesterday)))

def test_waits_again(house):
    group = a_group(house, 2)
    rec = uuid4()
    lines = [group.line(x) for x in group.children]
    group.record(*lines, id=rec)
    group.do(house.ot, w.EndPlace(group.course, group.children[0], "Moves"))
    group.enrol(group.children[0], place="waiting")
    print("waits again:", attempt(lambda: correct(group, rec, 1, replace(lines[0], content=LineContent("late")))))

def test_left_long_ago(house):
    group = a_group(house, 2)
    group.do(house.ot, w.EndPlace(group.course, group.children[0], "Moves"))
    house.clock.turn(days=30)
    print("left:", attempt(lambda: group.record(group.line(group.children[0]), group.line(group.children[1]), number=5))[0])

def test_otherwise(house):
    group = a_group(house, 1)
    other = Group(house); 
    from dataclasses import replace as rp
    staff = [house.stranger]
    # a course of another team, of which psychologist knows nothing
    ot2 = house.person("Pat Yon", Role.THERAPIST, Discipline.OT, "South")
    house.services.doors.execute(ot2, w.PlanCourse(other.course, course_content(house, title="Secret"), [ot2.person_id]))
    print("otherwise other course:", attempt(lambda: house.services.doors.ask(house.psychologist, r.ReadRoster(group.course), otherwise=r.ReadCourse(other.course)))[0:2])
    print("otherwise roster of other:", attempt(lambda: house.services.doors.ask(house.ot, r.ReadFit(group.course, uuid4()), otherwise=r.ReadRoster(other.course)))[0:2])
