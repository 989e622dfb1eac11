$stdout.sync = true
puts "before"
Process.kill(:KILL, Process.pid)
