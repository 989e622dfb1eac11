# SPDX-License-Identifier: Apache-2.0
"""
What plt.show() does in a jail, as matplotlib.backends.sandglass of an image: the prepare script makes it the `show` of
matplotlib's Agg, so that a program gets it that says nothing of backends, and one that says matplotlib.use("Agg").

Where the run's caller wants files back there is a directory for them (PLACE). Then a figure that is shown, or left
open at the end, is saved there as plot_1.png, plot_2.png, ... Without it all is as with plain Agg.
"""

import atexit
import os
import warnings

import matplotlib
from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import _Backend

PLACE = "/work/artifacts"


def has_content(figure):
    """An empty figure, as plt.figure() makes it, is no plot."""
    return (any(axes.has_data() or axes.texts or axes.tables for axes in figure.axes)
            or any((figure.texts, figure.images, figure.lines, figure.patches)))


def free_name():
    number = 1
    while os.path.lexists(name := os.path.join(PLACE, f"plot_{number}.png")):
        number += 1
    return name


def save(figure):
    """A plot that cannot be drawn must not end a program that only wanted to show it."""
    name = free_name()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if has_content(figure):
                figure.savefig(name, format="png", dpi=100, bbox_inches="tight")
    except Exception:
        if os.path.exists(name):
            os.unlink(name)


def save_open():
    if os.path.isdir(PLACE):
        for manager in Gcf.get_all_fig_managers():
            save(manager.canvas.figure)


def show(*args, block=None, **kwargs):
    """Where a window would wait until somebody closes it, the figures are gone afterwards; else they stay open."""
    if args:
        block = args[0]
    if block is None:
        block = not matplotlib.is_interactive()
    if not os.path.isdir(PLACE):
        _Backend.show(block=block)
    elif block:
        save_open()
        Gcf.destroy_all()


# After those that the program registers, and before pyplot closes all figures: the last to come are the first to go.
atexit.register(save_open)
