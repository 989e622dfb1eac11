protocol Shape: Sendable {
    var area: Int { get }
}

struct Square: Shape {
    let side: Int
    var area: Int { side * side }
}

@main
struct Program {
    static func main() async {
        let areas = await withTaskGroup(of: Int.self) { group in
            for side in 1...4 {
                let shape = Square(side: side)
                group.addTask { shape.area }
            }
            return await group.reduce(0, +)
        }
        print(areas)
    }
}
