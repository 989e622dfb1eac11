fconfigure stdin -translation binary
set data [read stdin]
puts "[expr {[llength [split $data \n]] - 1}] [string length $data]"
