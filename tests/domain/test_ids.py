import uuid

from hypothesis import given
from hypothesis import strategies as st

from domain.ids import fixed_id, is_id, new_id, prefix_of, sequence

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def as_uuid(text: str) -> uuid.UUID:
    number = 0
    for letter in text.rpartition("_")[2]:
        number = number << 5 | ALPHABET.index(letter)
    return uuid.UUID(int=number)


def test_an_id_is_a_prefix_and_a_uuid_of_version_7() -> None:
    made = new_id("show")
    assert is_id("show", made)
    assert (as_uuid(made).version, as_uuid(made).variant) == (7, uuid.RFC_4122)
    assert prefix_of(made) == "show"


def test_ids_of_one_process_sort_as_they_were_made() -> None:
    made = [new_id("show") for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == 5000


def test_later_ids_sort_later() -> None:
    following = sequence("seed", 1_700_000_000_000)
    made = [following("show") for _ in range(100)]
    assert made == sorted(made)
    assert made[:3] == [f("show") for f in [sequence("seed", 1_700_000_000_000)] for _ in range(3)]


@given(st.text(max_size=40))
def test_a_seeded_id_is_well_formed_and_always_the_same(key: str) -> None:
    assert is_id("shtype", fixed_id("shtype", key))
    assert fixed_id("shtype", key) == fixed_id("shtype", key)
    assert as_uuid(fixed_id("shtype", key)).version == 7


def test_other_prefixes_and_spellings_are_no_ids() -> None:
    made = new_id("show")
    assert not is_id("room", made)
    assert not is_id("show", made.upper())
    assert not is_id("show", made + "0")
    assert not is_id("show", "show_")
