# SPDX-License-Identifier: Apache-2.0
# Much of what Ruby does with threads, signals and processes; the same output whichever way it was started.
require 'timeout'
require 'socket'
require 'json'
puts __FILE__, $0, ARGV.inspect, Dir.pwd, ENV.keys.sort.join(','), Thread.list.size
puts "pid #{$$ == File.readlink('/proc/self').to_i} #{Process.pid == $$}"
queue = Queue.new
puts((0..3).map { |i| Thread.new { sleep 0.005; queue << i; i * 2 } }.sum(&:value), queue.size)
begin
  Timeout.timeout(0.02) { sleep 10 }
rescue Timeout::Error => e
  puts "timeout #{e.message}"
end
lock, ready = Mutex.new, ConditionVariable.new
done = false
waiter = Thread.new { lock.synchronize { ready.wait(lock) until done; :woken } }
lock.synchronize { done = true; ready.broadcast }
puts waiter.value, `echo sub`.strip, $?.exitstatus
reader, writer = IO.pipe
pid = fork { writer.puts 'from the child'; exit! 3 }
writer.close
puts reader.read, Process.wait2(pid)[1].exitstatus
server = TCPServer.new('127.0.0.1', 0)
answer = Thread.new { peer = server.accept; peer.puts peer.gets.upcase; peer.close }
client = TCPSocket.new('127.0.0.1', server.addr[1])
client.puts 'hello'
puts client.read, answer.join.status.inspect
got = Queue.new
trap('USR1') { got << 1 }
Process.kill('USR1', $$)
puts "signal #{got.pop}"
puts Ractor.new { 6 * 7 }.take if ENV['RACTOR']
puts Fiber.new { Fiber.yield 1; 2 }.resume, JSON.parse('{"a": [1, 2]}')['a'].sum
kept = Array.new(100_000) { |i| "text #{i}" }
GC.start
puts kept.size, STDIN.read.lines.inspect
ObjectSpace.define_finalizer(+'x', proc {})
at_exit { puts 'at exit' }
mode = File.read('mode')
raise ArgumentError, 'uncaught' if mode == 'throw'
exit 7
