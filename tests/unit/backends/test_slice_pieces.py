"""Slices of people that are divided further, by how many rows a question has there."""

from perennial.backends.clickhouse.slices import divided, divided_further


def test_a_question_about_what_nobody_did_yet_is_asked_of_a_slice_as_a_whole() -> None:
    for part in divided(4):
        assert divided_further(part, 0) == [part]
