import Foundation

let data = FileHandle.standardInput.readDataToEndOfFile()
print(data.filter { $0 == 10 }.count, data.count)
