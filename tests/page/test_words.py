import doctest

from ticktone.page import words


def test_examples():
    result = doctest.testmod(words)
    assert result.attempted > 0
    assert result.failed == 0
