import Foundation

final class Total: @unchecked Sendable {
    private let lock = NSLock()
    private(set) var value = 0

    func add() {
        lock.withLock { value += 1 }
    }
}

let total = Total()
let group = DispatchGroup()
for _ in 0..<4 {
    group.enter()
    Thread.detachNewThread {
        for _ in 0..<10000 {
            total.add()
        }
        group.leave()
    }
}
group.wait()
print(total.value)
