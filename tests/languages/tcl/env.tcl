puts $env(GREETING)
puts "\[$env(EMPTY)]"
puts $env(HOME)
puts $env(LANG)
