"""What folder scans take, and what they say of the rest."""

import os

from ticktone.archive.discover import find_tasks
from ticktone.archive.target import Target

FILMS = ("mp4", "mov", "mkv", "webm", "avi", "flv", "wmv", "mpg", "m4v", "3gp", "ogv", "ts")
SOUNDS = ("m4a", "mp2", "opus", "aifc", "au", "caf", "w64", "voc", "sph", "ape", "wv", "ac3", "AAC")


def scanned(folder):
    notes: list[str] = []
    tasks, failures = find_tasks([folder], Target(), ["harmonic", "percussive"], notes)
    return [task.source.name for task in tasks], failures, notes


def test_folders_are_searched_for_every_kind_that_can_be_read(tmp_path):
    names = sorted(f"{extension}.{extension}" for extension in FILMS + SOUNDS)
    for name in names:
        (tmp_path / name).touch()
    assert scanned(tmp_path) == (names, [], [])


def test_what_is_passed_over_is_counted_by_extension_in_one_line(tmp_path):
    for name in ("a.wav", "b.jpg", "sub/c.JPG", "d.txt", "README", "a.harmonic.wav", ".hidden.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    names, failures, (note,) = scanned(tmp_path)
    assert names == ["a.wav"]
    assert failures == []
    assert note.startswith(f"{tmp_path}: passed over 2 .jpg, ")
    for count in ("1 .txt", "1 without extension", "1 of ticktone's own parts"):
        assert count in note
    assert "hidden" not in note


def test_a_folder_of_nothing_else_fails_and_says_what_it_holds(tmp_path):
    (tmp_path / "a.pdf").touch()
    names, (failure,), notes = scanned(tmp_path)
    assert names == []
    assert "holds no sound files" in failure.error
    assert notes == [f"{tmp_path}: passed over 1 .pdf"]


def test_names_of_sound_that_lead_to_none_are_told(tmp_path):
    (tmp_path / "a.wav").touch()
    (tmp_path / "b.wav").symlink_to(tmp_path / "gone.wav")
    os.mkfifo(tmp_path / "c.wav")
    names, failures, (note,) = scanned(tmp_path)
    assert (names, failures) == (["a.wav"], [])
    assert "1 that lead to no file" in note
    assert "1 that are no files" in note
