import Foundation

let environment = ProcessInfo.processInfo.environment
print("\(environment["GREETING"]!)\n[\(environment["EMPTY"]!)]\n\(environment["HOME"]!)\n\(environment["LANG"]!)")
