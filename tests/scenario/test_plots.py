# SPDX-License-Identifier: Apache-2.0
"""Figures that a Python program shows, or leaves open, come back as PNG."""

import base64
import os
import shutil
import struct
import tempfile
import time

from lib import paths
from lib.scenario import Skip, cases
from lib.server import Server

LINE = "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\n"


LOOK = "import importlib.util\nprint(bool(importlib.util.find_spec('matplotlib') and importlib.util.find_spec('matplotlib.backends.sandglass')))"


def _run(server, code, **fields):
    if not hasattr(server, "draws"):
        server.draws = server.run("python", LOOK)["stdout"] == "True\n"
    if not server.draws:
        raise Skip("this image has no matplotlib, or was built before plots came back")
    fields.setdefault("artifacts", True)
    return server.run("python", code, **fields)


def _plots(result):
    """Names, and the size in pixels that each PNG says (RFC 2083, 11.2.1)."""
    plots = {}
    for file in result["artifacts"]:
        content = base64.b64decode(file["content"])
        assert file["media_type"] == "image/png" and content.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), file
        plots[file["name"]] = struct.unpack(">II", content[16:24])
    return plots


def _names(*numbers):
    return [f"artifacts/plot_{number}.png" for number in numbers]


def _quiet(result):
    assert (result["status"], result["stderr"]) == ("ok", ""), result


@cases("plt.show()", "", "plt.show(block=True)", "plt.show(block=False)", "plt.gcf().show()", "plt.pause(0.01)", "plt.ion(); plt.show()")
def a_figure_comes_back_once_however_it_is_shown(server, ending):
    result = _run(server, LINE + ending + "\nprint('done')")
    _quiet(result)
    assert result["stdout"] == "done\n" and list(_plots(result)) == _names(1), _plots(result)


@cases("import matplotlib; matplotlib.use('Agg')\n", "import matplotlib; matplotlib.use('agg')\n", "import matplotlib.pyplot as plt; plt.switch_backend('Agg')\n")
def a_program_may_ask_for_the_usual_backend(server, beginning):
    result = _run(server, beginning + LINE + "plt.show()")
    _quiet(result)
    assert list(_plots(result)) == _names(1), _plots(result)


def a_program_sees_agg(server):
    result = _run(server, LINE + "import matplotlib; print(matplotlib.get_backend().lower())")
    assert result["stdout"] == "agg\n", result


def figures_are_numbered_as_they_are_shown(server):
    code = "import matplotlib.pyplot as plt\nfor i in range(3):\n plt.figure(figsize=(i + 2, 2)); plt.plot([i]); plt.show()\n" \
           "plt.figure(figsize=(8, 2)); plt.plot([1]); plt.figure(figsize=(9, 2)); plt.plot([1])"
    plots = _plots(_run(server, code))
    assert list(plots) == _names(1, 2, 3, 4, 5), plots
    assert list(plots.values()) == sorted(plots.values()), plots


def several_figures_of_one_show_all_come(server):
    code = "import matplotlib.pyplot as plt\nplt.figure(1); plt.plot([1]); plt.figure(2); plt.plot([2]); plt.show(); print(plt.get_fignums())"
    result = _run(server, code)
    assert list(_plots(result)) == _names(1, 2) and result["stdout"] == "[]\n", result["stdout"]


@cases("plt.figure()", "plt.subplots()", "plt.plot([1]); plt.close()", "pass", "plt.plot([1]); plt.clf()")
def a_figure_without_content_is_none(server, code):
    result = _run(server, "import matplotlib.pyplot as plt\n" + code)
    _quiet(result)
    assert _plots(result) == {}, _plots(result)


@cases("plt.text(0.5, 0.5, 'x')", "plt.gcf().text(0.5, 0.5, 'x')", "plt.imshow([[1, 2], [3, 4]])", "plt.pie([1, 2])", "plt.bar([1], [2])", "plt.hist([1, 2])",
       "plt.scatter([1], [2])", "plt.table([['a']])", "plt.axhline(1)", "plt.fill_between([1, 2], [1, 2])", "plt.subplots(2, 2)[1][1][1].plot([1])")
def every_kind_of_content_counts(server, code):
    result = _run(server, "import matplotlib.pyplot as plt\n" + code + "\nplt.show()")
    _quiet(result)
    assert list(_plots(result)) == _names(1), _plots(result)


def the_edges_are_tight_and_the_dots_a_hundred_an_inch(server):
    code = "import matplotlib.pyplot as plt\nf = plt.figure(figsize=(10, 6)); f.patch.set_visible(False); plt.plot([1, 2]); plt.show()"
    (width, height), = _plots(_run(server, code)).values()
    assert 700 < width < 1000 and 400 < height < 600, (width, height)


@cases("raise ValueError('x')", "import sys; sys.exit(3)", "import os; os._exit(0)", "1/0")
def what_was_shown_is_there_however_the_program_ends(server, ending):
    result = _run(server, LINE + "plt.show()\n" + ending)
    assert list(_plots(result)) == _names(1), result


@cases("raise ValueError('x')", "import sys; sys.exit(3)")
def what_was_left_open_is_there_when_the_program_fails(server, ending):
    assert list(_plots(_run(server, LINE + ending))) == _names(1)


def a_figure_that_cannot_be_drawn_ends_nothing(server):
    result = _run(server, "import matplotlib.pyplot as plt\nplt.plot([1]); plt.title('$\\\\nonsense{$'); plt.show(); print('on')")
    _quiet(result)
    assert result["stdout"] == "on\n" and _plots(result) == {}, result


def a_program_may_write_beside_them(server):
    result = _run(server, LINE + "plt.savefig('artifacts/plot_1.png'); plt.show()")
    assert list(_plots(result)) == _names(1, 2), result


def the_directory_is_found_from_elsewhere(server):
    assert list(_plots(_run(server, "import os; os.chdir('/tmp')\n" + LINE + "plt.show()"))) == _names(1)


def nothing_is_drawn_for_who_wants_nothing(server):
    result = _run(server, LINE + "plt.show(); import os; print(os.listdir('.'), plt.get_fignums())", artifacts=False)
    _quiet(result)
    assert result["stdout"] == "['main.py'] [1]\n", result


def a_program_without_plots_does_not_import_matplotlib(server):
    result = _run(server, "import sys; print([m for m in sys.modules if 'matplotlib' in m])")
    assert result["stdout"] == "[]\n", result


@cases("import seaborn as sns\nsns.lineplot(x=[1, 2], y=[3, 4])\n", "import pandas as pd\npd.DataFrame({'a': [1, 2]}).plot()\n",
       "import pandas as pd, matplotlib.pyplot as plt\npd.Series([1, 2]).hist()\nplt.show()\n")
def seaborn_and_pandas_plot_the_same_way(server, code):
    result = _run(server, code)
    assert list(_plots(result)) == _names(1), result


def a_parked_interpreter_draws_too(server):
    """Of a server that parks nothing else: places for parked interpreters are shared by all languages."""
    _run(server, "pass")  # skips where plots are not drawn at all
    with tempfile.TemporaryDirectory() as runtimes:
        os.chmod(runtimes, 0o755)
        shutil.copytree(paths.SOURCE / "runtimes/python", os.path.join(runtimes, "python"))
        with Server({"warm": "full", "runtime_dir": runtimes}) as other:
            for _ in range(20):
                result = other.run("python", LINE + "plt.show()\nplt.plot([4])\n", artifacts=True)
                _quiet(result)
                assert list(_plots(result)) == _names(1, 2), result
                if other.metrics()["sandglass_runs_warm_total"] >= 3:
                    return
                time.sleep(1)
            raise AssertionError("no run was warm")
