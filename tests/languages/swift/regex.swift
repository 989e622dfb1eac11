let line = readLine()!
for found in line.matches(of: #/(\w+)@(\w+)\.com/#) {
    print("\(found.1) at \(found.2)")
}
print(line.replacing(#/\d/#, with: "#"))
