catch {exec sh -c "echo child; exit 3"} out options
puts [lindex [split $out \n] 0]
puts [lindex [dict get $options -errorcode] 2]
