# SPDX-License-Identifier: Apache-2.0
"""Every program of relaxAI's documents and what comes of it: what is exact of the answer is compared, the rest is looked at."""

import base64
import re

PANDAS = r"""import pandas as pd
import numpy as np

# Create a sample dataset
data = {
    'name': ['Alice', 'Bob', 'Charlie', 'David'],
    'age': [25, 30, 35, 28],
    'score': [85, 90, 78, 92]
}

df = pd.DataFrame(data)

# Calculate statistics
print(f"Average age: {df['age'].mean()}")
print(f"Average score: {df['score'].mean()}")
print(f"\nTop scorer: {df.loc[df['score'].idxmax(), 'name']}")
"""

PLOT = """import matplotlib.pyplot as plt
import numpy as np

# Generate data
x = np.linspace(0, 10, 100)
y = np.sin(x)

# Create plot
plt.figure(figsize=(10, 6))
plt.plot(x, y, label='sin(x)', color='blue', linewidth=2)
plt.xlabel('X axis')
plt.ylabel('Y axis')
plt.title('Sine Wave')
plt.legend()
plt.grid(True)
plt.show()

print("Plot generated successfully!")
"""

STATISTICS = """import numpy as np
from scipy import stats

# Generate random data
data = np.random.normal(100, 15, 1000)

# Calculate statistics
mean = np.mean(data)
std = np.std(data)
median = np.median(data)

# Perform t-test
t_stat, p_value = stats.ttest_1samp(data, 100)

print(f"Mean: {mean:.2f}")
print(f"Std Dev: {std:.2f}")
print(f"Median: {median:.2f}")
print(f"T-statistic: {t_stat:.4f}")
print(f"P-value: {p_value:.4f}")
"""

DIVIDED = 'Traceback (most recent call last):\n  File "<string>", line 1, in <module>\nZeroDivisionError: division by zero\n'
NUMBERS = r"Mean: \d+\.\d\d\nStd Dev: \d+\.\d\d\nMedian: \d+\.\d\d\nT-statistic: -?\d+\.\d{4}\nP-value: \d\.\d{4}\n"


def _one_plot(result):
    plot, = result["plots"]
    assert list(plot) == ["content_base64", "format", "filename"] and (plot["format"], plot["filename"]) == ("png", "plot_1.png"), plot
    assert plot["content_base64"].startswith("iVBORw0KGgoAAAANSUhEUgAAA") and base64.b64decode(plot["content_base64"], validate=True)


def _five_numbers(result):
    assert re.fullmatch(NUMBERS, result["stdout"]), result["stdout"]


def _syntax_error(result):
    assert re.fullmatch(r"  File \"<string>\", line 1\n    print\('Hello world'\n +\^\nSyntaxError: .+\n", result["stderr"]), result["stderr"]


def _five_seconds(result):
    assert 5 <= result["execution_time"] < 30, result


_FINE = {"success": True, "stderr": "", "exit_code": 0, "violations": [], "plots": []}
_FAILED = {"success": True, "stdout": "", "exit_code": 1, "violations": [], "plots": []}
_REFUSED = {"success": False, "stdout": "", "exit_code": -1, "plots": []}

# title, program, more fields of the request, fields of the answer, and what else is to hold
EXAMPLES = (
    ("the basic example", "print(2**2)", {"timeout": 30}, {**_FINE, "stdout": "4\n"}, None),
    ("what a model calls the tool with", "import math\nprint(math.factorial(5))", {}, {**_FINE, "stdout": "120\n"}, None),
    ("data processing with pandas", PANDAS, {}, {**_FINE, "stdout": "Average age: 29.5\nAverage score: 86.25\n\nTop scorer: David\n"}, None),
    ("a plot", PLOT, {}, {"success": True, "stdout": "Plot generated successfully!\n", "stderr": "", "exit_code": 0, "violations": []}, _one_plot),
    ("scientific computation", STATISTICS, {}, _FINE, _five_numbers),
    ("a security violation", "import os\nos.system('ls -la')", {},
     {**_REFUSED, "stderr": "Security violations detected", "violations": ["Operating system interface", "os.system line execution"]}, None),
    ("a runtime error", "result = 10 / 0", {}, {**_FAILED, "stderr": DIVIDED}, None),
    ("a syntax error (the words are the installed Python's)", "print('Hello world'", {}, _FAILED, _syntax_error),
    ("a timeout", "import time\ntime.sleep(100)", {"timeout": 5},
     {**_REFUSED, "stderr": "Execution failed: Execution timeout exceeded", "violations": []}, _five_seconds),
)


def check(result, expected, also):
    """What an example's answer has to be."""
    assert result["execution_time"] > 0 and result["security_checked"] is True, result
    found = {name: result[name] for name in expected}
    assert found == expected, f"{found!r} is not {expected!r}"
    if also:
        also(result)
