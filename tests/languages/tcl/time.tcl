puts [clock format 1704067200 -format "%Y-%m-%d %H:%M:%S" -gmt 1]
set begin [clock milliseconds]
after 50
set ms [expr {[clock milliseconds] - $begin}]
puts [expr {$ms >= 45 && $ms < 10000 ? "yes" : "no"}]
