require "open3"

out, status = Open3.capture2("sh", "-c", "echo child; exit 3")
puts out, status.exitstatus
