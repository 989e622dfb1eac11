# SPDX-License-Identifier: Apache-2.0
# On top of modules.py: the libraries whose import takes longest, and what they do only once.


def frame():
    import io

    import pandas

    table = pandas.read_csv(io.StringIO("a,b\n1,x\n2,y\n"))
    str(table.groupby("b").sum())


def plot():
    """
    The first figure of a process looks for fonts, measures letters and makes its canvas. Afterwards all is as it was:
    no backend is chosen, no font file is open.
    """
    import io

    import matplotlib
    import matplotlib.font_manager as fonts
    import matplotlib.pyplot as plt

    backend = dict.__getitem__(matplotlib.rcParamsDefault, "backend")
    figure, axes = plt.subplots()
    axes.plot([1, 2, 3], label="a")
    axes.set_title("b")
    axes.legend()
    figure.savefig(io.BytesIO(), format="png")
    plt.close("all")
    plt._backend_mod = None
    dict.__setitem__(matplotlib.rcParamsDefault, "backend", backend)
    fonts._get_font.cache_clear()


def leave_no_directories():
    """matplotlib makes some in HOME as soon as it is imported; whoever does not import it has none there."""
    import os

    for name in ("main.py", ".sandglass-program"):  # there is the other where the program is looked at first
        try:
            with open(name, "rb") as file:
                if b"matplotlib" in file.read():
                    return
        except OSError:
            pass
    for name in (".cache/matplotlib", ".cache", ".config/matplotlib", ".config"):
        try:
            os.rmdir(os.path.join(os.environ["HOME"], name))
        except OSError:
            pass


def draw_seed():
    """Of the generator behind the functions of numpy.random; the others are made, and seeded, by the program."""
    import numpy

    numpy.random.seed()


after_fork = [draw_seed]
work += ["numpy", "numpy.random", "dateutil.parser", "pytz", "pandas", frame, "matplotlib", "matplotlib.pyplot", plot]
before_start.append(leave_no_directories)
