import doctest

import pytest

from ticktone.page import bundle, words


@pytest.mark.parametrize("module", [bundle, words])
def test_examples(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
