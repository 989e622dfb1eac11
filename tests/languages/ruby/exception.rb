puts "before"

def fail_now
  raise "the end"
end

fail_now
