"""What refusals say."""

import pytest

from domain.errors import FieldError, Invalid


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ([FieldError("end", "not_after_start", "must be after start")], "end: must be after start"),
        ([FieldError("", "type", "must be an object")], "must be an object"),
        (
            [FieldError("end", "range", "is too far"), FieldError("name", "missing", "is required")],
            "2 values are wrong: end: is too far",
        ),
    ],
)
def test_one_wrong_value_is_named_and_of_several_the_first(errors: list[FieldError], said: str) -> None:
    refused = Invalid.fields(errors)
    assert (str(refused), list(refused.errors)) == (said, errors)
