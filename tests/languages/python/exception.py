print("before")


def fail():
    raise ValueError("the end")


fail()
