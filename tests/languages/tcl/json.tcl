package require json
package require json::write

set document [json::json2dict [read stdin]]
puts "[dict get $document name] [llength [dict get $document tags]] [expr {[dict get $document n] + 1}]"

json::write indented 0
json::write aligned 0
puts [json::write object ok true list [json::write array 1 2 3]]
