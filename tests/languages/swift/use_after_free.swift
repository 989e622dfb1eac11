let place = UnsafeMutablePointer<Int>.allocate(capacity: 4)
place.deallocate()
print(place[2])
