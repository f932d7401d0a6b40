"""A user's mistakes; a type checker must find one in every line that says so, and no other."""

import numpy as np

import ticktone

audio = np.zeros(44_100, np.float32)

ticktone.metods()  # mistake
ticktone.separat(audio, 44_100)  # mistake
a, b = ticktone.separate(audio, 44_100, "hpr")  # mistake
a, b, c = ticktone.separate(audio, 44_100)  # mistake
a, b = ticktone.separate(audio, 44_100, "median", margin=2.0)  # mistake
ticktone.separate(audio)  # mistake
ticktone.separate("song.wav", 44_100)  # mistake
ticktone.separate(audio, "44100")  # mistake
d = ticktone.separate(audio, 44_100).residual  # mistake
ticktone.Separator(None)  # mistake
ticktone.Separator().seperate(audio, 44_100)  # mistake
a, b, c = ticktone.Separator("median").separate(audio, 44_100)  # mistake
ticktone.hpss(audio, kernel=3)  # mistake
e = ticktone.separate_file("a.wav").outputs.percussive  # mistake
