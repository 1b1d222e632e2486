"""Words that are names and ordinary words at once, in English and Italian, folded as `coord.words.folded` does it.

Our own lists, from what clinicians and teachers write: a word belongs here if it would make the guard speak where no
name is meant. The guard asks about a word that is on no list, so a list that is too short costs a tick and one that is
too long costs a name.
"""

from __future__ import annotations


def _words(*lists: str) -> frozenset[str]:
    return frozenset(word for words in lists for word in words.split())


PARTICLES = _words(
    """
    abu af al ap av ben bin bint d da dal dall dalla dalle dallo das de degli dei del dell della delle dello den der
    des di do dos du e el fitz ibn l la le li lo mac mc o saint san sant santa st te ten ter ul van von y zu zum zur
    """
)
"""What stands before a family name and is no name by itself."""

FUNCTION_WORDS = _words(
    # English
    """
    a an and any are as at be but by can did do does else even ever for from had has have he her here him his how i
    if in is it just may me more most my no not now of off on once one or our out over she so some such than that
    the their them then there they this to too up us was we were what when where who why will with yet you your
    """,
    # Italian
    """
    a ad ai al alla alle allo anche ancora appena c che chi ci come con cosa cui da dai dal dalla dalle dallo
    davanti degli dei del della delle dello dentro di dopo dove due e ed era erano fa fino fra fuori gia gli ha hai
    hanno ho i il in infatti insieme io la le lei li lo loro lui ma mai me meglio meno mentre mi mia mie miei mio
    molto ne nei nel nella nelle nello no noi non nostra nostro o oggi ogni ora per perche pero piu poi prima primo
    pure qua quando quanto quasi quella quello questa questo qui sara se sempre senza si sia solo sono sopra sotto
    sta su sua subito sue sugli sui sul sulla sulle sullo suo suoi tra tre troppo tu tua tue tuo tuoi tutta tutte
    tutti tutto un una uno va vai verso vi via voi
    """,
)
"""Words that sentences are built of: even with a capital they are taken for a name only within a sentence."""

ORDINARY_WORDS = _words(
    # English: things, colours, seasons and deeds that people are called
    """
    amber angel april art august autumn baker ball barber bay bell berry bill bird bishop black blossom blue bob
    bond bow bridge brook brooks brown buck bush butcher candy carpenter carter chance chase chip christian church
    clay clever cliff close cloud coach cole collar cook cooper coral cross crystal daisy dale dawn day dean dear
    destiny dick dot drew early east ebony eden english face fair faith farmer fern field finch fish fisher flint
    flower ford forest forrest fox frank freeman french friend gale garden gardener gates gay gene gentle ginger
    glass glen gold good grace grant gray green grey hall hand hard hardy harmony harper hazel head heath heather
    heaven hill holly home honey hood hope house hunt hunter ice iris iron ivory ivy jack jade jasmine jay jewel
    jolly joy june justice key king kitty knight lake lamb lance land lane lark law leaf lee light lily lion little
    long lord love low lucky mark mars marsh mason mat max may mead melody mercy merry mike miles mill miller mint
    misty moody moon moss mouse music neat nice nick noble north oak ocean old olive opal orange page paint park pat
    patience peace peach pearl penny pepper perry peter pine piper pitt plum pope poppy porter potter power precious
    presley price pride prince quick rain ray red reed rich river robin rock rocky rod rose rowan ruby rush rusty
    sage sailor sand sandy savage scarlet scout sea self shade sharp shepherd short silver singer sky small smart
    smith snow south spring star stern stone storm street strong sue summer sun sunny swan sweet swift taylor teddy
    terry test thorn tiger tree trinity true tucker turner vale victor violet walker wall wallace ward water way
    weaver webb weeks well wells west wheeler white wild willow winter wise wolf wood woods worth wren wright yellow
    young
    """,
    # Italian
    """
    alba albero allegra allegri allegro amato ambra amore angelo aprile aquila argento aurora azzurra bambina
    bambino bella belli bello bene bianca bianche bianchi bianco bosco bravi bravo buono caldo calma campi campo
    candida capo capra cara carbone caro carta casa cavallo celeste chiara chiare chiari chiaro cielo colomba colore
    conte conti conto corda corti corto corvo costa costantino costanza croce cuore destra diamante dolce domenica
    donati donna dora dritta edera fabbri fabbro falco farina fede felice felici ferma ferrari ferri ferro festa
    fiamma fiera fine fiore fiori fontana forte forti fortuna fortunato forza franca franchi franco fresco fuoco
    gabbia gaia gaio galli gallo gamba gatti gatto gemma gentile giardino giglia giglio gioia giovane giovani giusta
    giusti giusto gloria grande grandi grassi grasso grazia grazie grosso guerra guida iris lana lancia latte
    leggera leone leoni letizia libera libero lieta lieto linda lodi longo lucciola luce luna lunga lunghi lungo
    lupi lupo macchia maestri maestro maggio maggiore mancini mancino mandorla mani manna mano mare margherita
    marina marini marino martello mattina mela melissa merlo mille minore mobile molinari molino monaco monte monti
    morbida moretti mori moro mulino natale nave nera neri nero neve nido ninfa nobile nota notte nuvola oliva olivo
    onesta orlando oro orsi orso ortica pace palla palma pane paolina papa pardo parma pasqua passeri passero pasta
    pastore pastori patata patti paura pepe perla pesce pesci pia piano piazza piccola piccoli piccolo piede pietra
    pietre pini pino pioggia poggi ponte porta prato preti primavera primula principe quaglia quercia quinta quinto
    ragazzi ragazzo ramo regina ricca ricci riccio ricco riva rocca rondine rosa rose rosi rossa rosse rossi rosso
    ruota russo sabbia sala sale salice salvia salvo santi santo sarti sarto scala secco sella serena sereni sereno
    serra settimo silvestri sole sordi speranza spina stella stelle sterna storti strada tavola terra terza tesoro
    testa testi tigre tonda torre torri tosca tranquilla turco ultima uva valente valle vecchi vecchio vela veloce
    venti vento vera verde verdi veri vero viale vidal villa vincente viola viole vita vitale vite vittoria viva
    vivi voce volpe volpi zanna zappa zoppi zucca
    """,
)
"""Words that are ordinary in small letters; with a capital they are asked about."""
