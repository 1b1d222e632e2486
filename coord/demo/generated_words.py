"""The words that a load is made of. All of them are invented."""

FIRST = (
    "Alba Boris Cleo Dante Edda Falko Greta Hilmar Ilse Janko Kira Ludo Maia Nevio Odile Pavel Runa Silas Tilda Vito"
)
LAST = "Arbelo Brunk Castorf Dremel Elvary Fosk Grimaud Hestal Ivendo Jorvik Kelmar Lundo Morvel Nastri Ombrel Pernik"
OPENINGS = (
    "Arrived calm and chose the first activity without help.",
    "Needed ten minutes of heavy work before table work was possible.",
    "Came straight from school, tired, and said so.",
    "Joined the warm-up late and found the rhythm in the second round.",
    "Greeted everybody by name and asked what the plan was.",
)
WORK = (
    "Worked on buttoning with the large board, then with the own jacket; the last two buttons without a prompt.",
    "Copied a five-word sentence on the line with two verbal prompts; spacing held until the fourth word.",
    "Practised asking for a turn with the picture card; four of six turns were asked for in words.",
    "Balanced along the low beam carrying a tray, stepping off twice, and started again without being asked.",
    "Retold the story in three pictures; the middle one needed a question to bring it back.",
    "Named two signs of rising anger and chose the quiet corner before the third came.",
    "Cut along a curved line, turning the paper with the other hand for the first time.",
    "Waited for the timer with a fidget in the hand and returned to the task in under a minute.",
)
MEANING = (
    "The skill is there in the quiet room and not yet under time pressure.",
    "Help can be reduced from showing to saying.",
    "What helped was less talk and more showing.",
    "This is the third week in a row without physical help.",
    "Fatigue, not understanding, seems to set the limit.",
)
PLANS = (
    "Same task next week with a smaller step of help.",
    "Send the picture strip home and ask how it went on two evenings.",
    "Ask school whether the same shows in the second lesson.",
    "Move on to the next grading, keeping the first as a warm-up.",
)
AIMS = (
    ("Buttons the own jacket", "All buttons, once told"),
    ("Copies a sentence on the line", "Five words on the line"),
    ("Asks for a turn", "Asks with a word or card"),
    ("Waits for the timer", "One minute, hands on the lap"),
    ("Retells a story in pictures", "Three pictures in order"),
    ("Says that it is getting too loud", "Says so before leaving"),
    ("Cuts along a curve", "Stays within a finger of the line"),
    ("Packs the bag for the day", "Everything, with the list"),
)
AUDIENCES = ("care-team",) * 6 + (
    "care-team-and-school",
    "care-team-and-school",
    "care-team-and-family",
    "own-discipline",
)
SETTINGS = ("therapy-room",) * 5 + ("school", "home", "community", "remote")
