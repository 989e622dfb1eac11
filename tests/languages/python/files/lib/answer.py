def answer():
    return f"the answer is {6 * 7}"
