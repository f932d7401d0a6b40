"""Parts of a score, played by the program FluidSynth with a SoundFont."""

import shutil
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

import mido
import numpy as np
import pretty_midi
from numpy.typing import NDArray

from ticktone.corpus.midi import PARAMETER_CONTROLLERS
from ticktone.errors import TicktoneError
from ticktone.system import SYSTEM

# Modulation, expression, sustain and the range of pitch bends. Volume and pan are the mixer's.
KEPT_CONTROLLERS = PARAMETER_CONTROLLERS | {1, 11, 64}

_TICKS = 20_000  # a second: finer than FluidSynth's own steps of 64 samples
_DRUM_CHANNEL = 9  # counted from 0
_PAUSE = 0.02  # seconds
_FRAME_BYTES = 8  # two samples of float32


def play(
    instrument: pretty_midi.Instrument,
    soundfont: Path,
    samples: int,
    sample_rate: int,
    *,
    program: int | None = None,
    gain: float = 0.2,
) -> NDArray[np.float32]:
    """Play a part, dry: without FluidSynth's reverberation and chorus.

    Pitch bends, modulation, expression and the sustain pedal are played; volume and pan are not.

    Parameters
    ----------
    instrument : Instrument
        Its notes are played from 0 on; those after the end are not.
    soundfont : Path
        An sf2 or sf3 file.
    samples : int
        How long to play; what still sounds then is cut.
    sample_rate : int
        Hz; 8 to 96 kHz.
    program : int, optional
        From 0 to 127: the instrument or, for drums, the drum kit. Default: the part's own. One
        that the SoundFont does not have is replaced as FluidSynth sees fit.
    gain : float
        Of the synthesiser. What it plays never clips, whatever the gain.

    Returns
    -------
    ndarray [shape=(2, samples)]

    Raises
    ------
    TicktoneError
        If FluidSynth is not installed, or fails, say at a damaged SoundFont.
    """
    executable = _executable()
    if not soundfont.is_file():
        raise TicktoneError("no such SoundFont", soundfont)
    program = instrument.program if program is None else program
    with tempfile.TemporaryDirectory(prefix="ticktone-") as folder:
        score, config, log = (Path(folder, name) for name in ("part.mid", "config", "log"))
        recorded = Path(folder, "sound.raw")
        _score(instrument, program, samples / sample_rate).save(score)
        config.touch()  # instead of the user's own, which could change the sound
        settings = {
            "synth.reverb.active": 0,
            "synth.chorus.active": 0,
            "synth.dynamic-sample-loading": 1,  # opens a large SoundFont in no time
            "synth.lock-memory": 0,
            "synth.default-soundfont": "",  # never another one than that asked for
            "synth.gain": gain,
            "synth.sample-rate": sample_rate,
            "audio.file.type": "raw",
            "audio.file.format": "float",
            "audio.file.endian": "little",
            "audio.period-size": 8192,  # a fifth faster than the usual 64, and the same sound
        }
        command = [
            *(executable, "-n", "-i", "-q", "-f", str(config)),
            *(word for name, value in settings.items() for word in ("-o", f"{name}={value}")),
            *("-F", SYSTEM.standard_output or str(recorded), str(soundfont.absolute()), str(score)),
        ]
        if SYSTEM.standard_output is None:
            data, reason = _read_file(command, recorded, samples * _FRAME_BYTES, log)
        else:
            data, reason = _read(command, samples * _FRAME_BYTES, log)
    if reason is not None:
        raise TicktoneError(f"cannot be played by FluidSynth ({reason})", soundfont)
    sound = np.zeros((2, samples), np.float32)
    played = np.frombuffer(data, "<f4", len(data) // _FRAME_BYTES * 2).reshape(-1, 2)
    sound[:, : len(played)] = played.T
    return sound


def _read(command: list[str], size: int, log: Path) -> tuple[bytes, str | None]:
    """Run a program until it has written so many bytes; say why if it fails.

    FluidSynth plays on for as long as a note is held, so it is not left to end by itself.
    """
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
        ) as process,
    ):
        assert process.stdout is not None
        try:
            data = process.stdout.read(size)
            if len(data) < size:
                process.wait()
        finally:
            process.kill()
    return data, _complaint(log, process.returncode if len(data) < size else 0)


def _read_file(command: list[str], played: Path, size: int, log: Path) -> tuple[bytes, str | None]:
    """Do the same through a file, where programs cannot be told to write to standard output."""
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
        ) as process,
    ):
        try:
            while process.poll() is None and _size(played) < size:
                time.sleep(_PAUSE)
        finally:
            process.kill()
    data = played.read_bytes()[:size] if played.exists() else b""
    return data, _complaint(log, process.returncode if len(data) < size else 0)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _complaint(log: Path, status: int) -> str | None:
    """Return what FluidSynth says of a failure, None if there is none."""
    lines = log.read_text(errors="replace").strip().splitlines()
    said = [line.partition("error: ")[2] for line in lines if "error: " in line]
    if said or status:
        return (said or lines or [f"exit status {status}"])[-1]
    return None


@cache
def version() -> str:
    """Return FluidSynth's version, such as "2.3.1"."""
    result = subprocess.run([_executable(), "--version"], capture_output=True, text=True)
    words = result.stdout.partition("version")[2].split()
    if result.returncode or not words:
        raise TicktoneError("the program fluidsynth does not tell its version; install 2.x")
    return words[0]


def _executable() -> str:
    program = shutil.which("fluidsynth")
    if program is None:
        raise TicktoneError(
            "playing scores needs the program fluidsynth, which is not installed; install it "
            "(the package fluidsynth on Debian and Ubuntu, fluid-synth in Homebrew)"
        )
    return program


def _score(instrument: pretty_midi.Instrument, program: int, seconds: float) -> mido.MidiFile:
    """Write a part as a MIDI file that lasts as long as asked for."""
    channel = _DRUM_CHANNEL if instrument.is_drum else 0
    end = _ticks(seconds)
    events: list[tuple[int, int, mido.Message]] = []  # tick, order within it, message

    def add(tick: int, order: int, kind: str, **values: int) -> None:
        if tick < end:
            events.append((tick, order, mido.Message(kind, channel=channel, **values)))

    add(0, 0, "program_change", program=program)
    for change in sorted(instrument.control_changes, key=lambda change: change.time):
        if change.number in KEPT_CONTROLLERS:
            add(
                *(_ticks(change.time), 2, "control_change"),
                control=change.number,
                value=change.value,
            )
    for bend in instrument.pitch_bends:
        add(_ticks(bend.time), 2, "pitchwheel", pitch=bend.pitch)
    for pitch, velocity, start, stop in _strokes(instrument):
        add(start, 3, "note_on", note=pitch, velocity=velocity)
        add(stop, 1, "note_off", note=pitch)

    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=1_000_000)])
    now = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=max(0, end - now)))
    return mido.MidiFile(type=0, ticks_per_beat=_TICKS, tracks=[track])


def _strokes(instrument: pretty_midi.Instrument) -> list[tuple[int, int, int, int]]:
    """List notes as (pitch, velocity, start, stop) in ticks, so that no two of a pitch overlap.

    MIDI cannot tell which of two notes of the same pitch ends: the first ends where the next one
    begins, and of two that begin together the longer stays.
    """
    strokes: dict[tuple[int, int], tuple[int, int]] = {}
    for note in sorted(instrument.notes, key=lambda note: note.end):
        strokes[note.pitch, _ticks(note.start)] = (note.velocity, _ticks(note.end))
    result: list[tuple[int, int, int, int]] = []
    for (pitch, start), (velocity, stop) in sorted(strokes.items(), reverse=True):
        if result and result[-1][0] == pitch:
            stop = min(stop, result[-1][2])
        result.append((pitch, velocity, start, max(stop, start + 1)))
    return result


def _ticks(seconds: float) -> int:
    return round(seconds * _TICKS)
