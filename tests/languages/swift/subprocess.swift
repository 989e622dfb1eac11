import Foundation

let child = Process(), pipe = Pipe()
child.executableURL = URL(fileURLWithPath: "/bin/sh")
child.arguments = ["-c", "echo child; exit 3"]
child.standardOutput = pipe
try child.run()
let output = pipe.fileHandleForReading.readDataToEndOfFile()
child.waitUntilExit()
print(String(decoding: output, as: UTF8.self), terminator: "")
print(child.terminationStatus)
