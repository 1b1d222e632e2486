"""The lean app: what a plain team would write by hand to show the pages that are measured. Nothing here is Coord's.

It has tables of its own, its own words (in English alone) and small templates, and says on each page what Coord says
there, with the same durability. It has a sign-in by password with a session, a form token, bearer tokens for its API,
and shows a child to the care team alone. It has neither versions ("as known on"), nor a record of who looked, nor
audiences within a care team, nor a second language, nor a script; links to pages that are not measured lead nowhere.
"""
