import Observation
import Synchronization

@Observable
final class Model {
    var name = "old"
}

actor Counter {
    private var value = 0

    func add() -> Int {
        value += 1
        return value
    }
}

let calls = Atomic(0), counter = Counter(), model = Model()
withObservationTracking {
    _ = model.name
} onChange: {
    calls.add(1, ordering: .relaxed)
}
model.name = "new"
for _ in 0..<9 {
    _ = await counter.add()
}
print(await counter.add(), calls.load(ordering: .relaxed))
