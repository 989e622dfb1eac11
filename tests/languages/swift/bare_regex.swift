print("a1b22".matches(of: /\d+/).map { String($0.output) })
