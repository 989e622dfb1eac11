@available(*, deprecated, message: "ask another") func old() {
    print("compiled")
}

old()
