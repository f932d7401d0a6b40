"""The ranges that sound keeps to; what lies outside is a damaged file or a mistaken call."""

MIN_RATE, MAX_RATE = 1000, 1_500_000  # Hz
MAX_CHANNELS = 256
MANY_CHANNELS = 64  # more than these, and more than samples, are samples taken for channels
MOST_THREADS = 1024  # to one recording; libraries would start as many as they are told
LARGEST = 1e6  # of a sample, 1 being full scale; far below where single precision overflows
