total = 0
lock = Mutex.new
threads = Array.new(4) do
  Thread.new { 10000.times { lock.synchronize { total += 1 } } }
end
threads.each(&:join)
puts total
