import threading

import numpy as np

from ticktone.streaming.buffer import SampleBuffer


def test_what_another_thread_puts_while_samples_are_taken_is_kept(monkeypatch):
    buffer = SampleBuffer()
    buffer.put(np.array([0, 1]))
    buffer.put(np.array([2, 3]))
    other = threading.Thread(target=buffer.put, args=[np.array([4, 5])])
    concatenate = np.concatenate

    def beside_the_other(*args, **options):
        joined = concatenate(*args, **options)
        if other.ident is None:
            other.start()
            other.join(0.2)  # as far as it can
        return joined

    monkeypatch.setattr(np, "concatenate", beside_the_other)
    taken = buffer.take(3)
    other.join()
    np.testing.assert_array_equal(concatenate([taken, buffer.take(3)]), np.arange(6))
