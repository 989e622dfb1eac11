import Foundation

FileHandle.standardOutput.write(Data(0...255))
