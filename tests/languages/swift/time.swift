import Foundation

let format = DateFormatter()
format.dateFormat = "yyyy-MM-dd HH:mm:ss"
format.timeZone = TimeZone(identifier: "UTC")
print(format.string(from: Date(timeIntervalSince1970: 1704067200)))
let clock = ContinuousClock()
let took = clock.measure { Thread.sleep(forTimeInterval: 0.05) }
print(took >= .milliseconds(45) && took < .seconds(10) ? "yes" : "no: \(took)")
