# SPDX-License-Identifier: Apache-2.0
# On top of modules.py: the libraries whose import takes longest, and what they do only once.


def plot():
    """The first figure of a process looks for fonts, measures letters and makes its canvas."""
    import io

    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    axes.plot([1, 2, 3], label="a")
    axes.set_title("b")
    axes.legend()
    figure.savefig(io.BytesIO(), format="png")
    plt.close("all")


def frame():
    import io

    import pandas

    table = pandas.read_csv(io.StringIO("a,b\n1,x\n2,y\n"))
    str(table.groupby("b").sum())


work += ["numpy", "numpy.random", "dateutil.parser", "pytz", "pandas", frame, "matplotlib", "matplotlib.pyplot", plot]
