puts Time.at(1704067200).utc.strftime("%Y-%m-%d %H:%M:%S")
start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
sleep 0.05
puts (0.045..10).cover?(Process.clock_gettime(Process::CLOCK_MONOTONIC) - start) ? "yes" : "no"
