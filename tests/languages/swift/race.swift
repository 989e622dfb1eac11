final class Box {
    var value = 0
}

let box = Box()
Task.detached { box.value = 1 }
print(box.value)
