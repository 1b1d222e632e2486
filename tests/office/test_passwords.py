"""Which passwords are accepted, and how they are hashed."""

import itertools
import threading

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from coord.domain.errors import InvalidInput, Unavailable
from coord.office.passwords import LONGEST_TYPED, MAXIMUM, Hasher, refuse_weak

OWN = ("Ida Berg-Rossi", "i.lundquist@example.org")


def code_of(password: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        refuse_weak(password, own=OWN)
    return refused.value.problems[0].code


@pytest.mark.parametrize(
    "password",
    [
        "seven calm otters read",
        "gatto ombrello treno viola",
        "àèìòù 中文字符 πέντε άλογα",
        "j7$kQ9!vLm2#x",
        "y" * 3 + " plum raft quilt" * 7,
    ],
)
def test_a_long_password_is_accepted_whatever_it_is_made_of(password: str):
    assert 12 <= len(password) <= 128
    refuse_weak(password, own=OWN)


def test_too_short_and_too_long():
    assert code_of("k3#Vz9!qLm2") == "password-too-short"  # 11
    assert code_of("wren moss " * 13) == "password-too-long"  # 130


@pytest.mark.parametrize(
    "password",
    [
        "my coordinates are good",
        "the Lundquist family car",
        "ROSSI under the bridge",
        "ｌｕｎｄｑｕｉｓｔ and the moon",
    ],
)
def test_what_everybody_knows_of_a_person_is_refused(password: str):
    assert code_of(password) == "password-contains-yours"


def test_short_names_are_not_looked_for_inside_other_words():
    refuse_weak("a friday tide of plums", own=("Ida", "i@x.it"))  # "ida" is in friday


def test_common_passwords_are_refused_also_when_lengthened_in_common_ways():
    """The list's most common 3,000, brought to the least length as people do: ASVS 6.2.4, for passwords that fit."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    endings = ("1", "123", "1234", "!", "2024", "123456", "1234567", "12345678")
    accepted = []
    tried = 0
    for word in itertools.islice(FREQUENCY_LISTS["passwords"], 3000):
        longer = next((word + ending for ending in endings if len(word + ending) >= 12), word * 4)
        for password in (longer, longer.capitalize()):
            if len(password) < 12:
                continue
            tried += 1
            try:
                refuse_weak(password)
            except InvalidInput:
                continue
            accepted.append(password)
    assert tried > 5900
    assert not accepted


@pytest.mark.parametrize(
    "password", ["password1234", "P4ssw0rd!2024", "qwertyuiop12", "aaaaaaaaaaaaaaaa", "123456789012"]
)
def test_well_known_ones(password: str):
    assert code_of(password) == "password-common"


def test_the_cost_is_the_one_that_was_chosen():
    parameters = extract_parameters(Hasher().hash("seven calm otters read"))
    assert (parameters.type, parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (
        Type.ID,
        19456,
        2,
        1,
    )


def test_the_same_characters_typed_in_another_way_are_the_same_password():
    hasher = Hasher()
    kept = hasher.hash("caffe\u0300 ﬁ volante è")
    assert hasher.verify(kept, "caff\u00e8 fi volante e\u0300")


def test_nothing_is_cut_off():
    hasher = Hasher()
    kept = hasher.hash("x" * 127 + "a")
    assert not hasher.verify(kept, "x" * 127 + "b")
    assert not hasher.verify(kept, "x" * 127)


def test_what_is_far_too_long_is_no_password_and_nothing_is_computed_of_it():
    hasher = Hasher(slots=1, wait=0.01)
    kept = hasher.hash("x" * MAXIMUM)
    far_too_long = "\u1e9b\u0323" * 150_000
    with hasher._slot():  # so that computing anything would be refused
        for account in (kept, None):
            assert not hasher.verify(account, far_too_long)
            assert not hasher.verify(account, "x" * (LONGEST_TYPED + 1))
    assert code_of(far_too_long) == "password-too-long"
    decomposed = "\u1112\u1161\u11ab" * MAXIMUM  # three characters each as some systems type one
    assert hasher.verify(hasher.hash(decomposed), "\ud55c" * MAXIMUM)


def test_without_an_account_a_hash_is_computed_all_the_same_and_nothing_verifies(monkeypatch: pytest.MonkeyPatch):
    computed = []
    original = PasswordHasher.verify

    def counting(self: PasswordHasher, kept: str, password: str) -> bool:
        computed.append(kept)
        return original(self, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    hasher = Hasher()
    kept = hasher.hash("seven calm otters read")
    assert not hasher.verify(None, "seven calm otters read")
    assert not hasher.verify(None, "nobody's password: nothing verifies against it")
    assert not hasher.verify(kept, "wrong")
    unknown, _, known = computed
    assert extract_parameters(unknown) == extract_parameters(known)


def test_only_so_many_hashes_at_once():
    hasher = Hasher(slots=1, wait=0.01)
    with hasher._slot(), pytest.raises(Unavailable) as refused:
        hasher.hash("seven calm otters read")
    assert refused.value.code == "sign-in-busy"
    assert refused.value.params["retry_after"] == 5
    assert hasher.hash("seven calm otters read")  # the slot came back


def test_a_slot_comes_back_after_an_error():
    hasher = Hasher(slots=1, wait=0.01)
    assert not hasher.verify("no hash at all", "x")
    done = threading.Event()
    with hasher._slot():
        done.set()
    assert done.is_set()
