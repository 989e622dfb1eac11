import Foundation

let name = "data.txt"
try "alpha\nbeta\n".write(toFile: name, atomically: true, encoding: .utf8)
let file = FileHandle(forUpdatingAtPath: name)!
try file.seekToEnd()
file.write(Data("gamma\n".utf8))
try file.close()
print(try String(contentsOfFile: name, encoding: .utf8), terminator: "")
print(try FileManager.default.attributesOfItem(atPath: name)[.size]!)
try FileManager.default.removeItem(atPath: name)
print(FileManager.default.fileExists(atPath: name) ? "no" : "yes")
