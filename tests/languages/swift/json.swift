import Foundation

struct Document: Decodable {
    let name: String, tags: [String], n: Int
}

struct Answer: Encodable {
    let list: [Int], ok: Bool
}

let document = try JSONDecoder().decode(Document.self, from: FileHandle.standardInput.readDataToEndOfFile())
print(document.name, document.tags.count, document.n + 1)
let encoder = JSONEncoder()
encoder.outputFormatting = .sortedKeys
print(String(decoding: try encoder.encode(Answer(list: [1, 2, 3], ok: true)), as: UTF8.self))
