import pytest

from ticktone.corpus.exclusions import exclusions
from ticktone.errors import TicktoneError


@pytest.mark.parametrize(
    "text",
    [
        "demos/CapDan/CapDan-ReggaeTry.mmpz",
        "TwilightArea-OriginalByAlf42red by alf42red",
        "Skiessi-222.mmpz",
        "skiessi_onion.mmp",
        "a song by ARMIN  HELLER",
    ],
)
def test_songs_by_those_who_are_measured_by_are_refused(text):
    with pytest.raises(TicktoneError, match="by whose songs ticktone is measured; leave it out"):
        exclusions().check("0", ["x", text])


def test_the_songs_themselves_are_refused_whatever_they_are_called():
    for sha256 in exclusions().sha256:
        with pytest.raises(TicktoneError, match="is one of the songs that ticktone is measured by"):
            exclusions().check(sha256, ["a.mmp"])
    assert len(exclusions().sha256) == 2


@pytest.mark.parametrize("text", ["Thomasso-AxeFromThe80s.mmpz", "landscapdance", "222"])
def test_others_are_not(text):
    exclusions().check("0", [text])
