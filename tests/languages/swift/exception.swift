import Glibc

struct Failure: Error, CustomStringConvertible {
    let description: String
}

func fail() throws {
    throw Failure(description: "the end")
}

print("before")
fflush(stdout)
try fail()
