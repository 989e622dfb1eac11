# SPDX-License-Identifier: Apache-2.0
# Keeps Ruby alive between the executes of a session (src/engine/resident_frame.h). It stands in the place of the program
# and takes itself out of sight: what the executes' code finds is the top level of a plain run.

lambda do
  head, token_bytes, control, parts_max = 64, 32, 99, 64 # src/engine/resident_frame.h, src/ipc/payload.h
  requests = IO.for_fd(0, "rb", autoclose: false).dup
  answers = IO.for_fd(control, "wb").then { |io| io.dup.tap { io.close } }
  answers.sync = true
  identity = [requests, answers].map { |io| io.stat.ino }
  pid = Process.pid
  own = "#{File.expand_path($0)}:"
  binding = TOPLEVEL_BINDING
  shown = []
  room = parts = 0
  running = false

  read = lambda do |count|
    data = "".b
    data << requests.sysread(count - data.bytesize) while data.bytesize < count
    data
  rescue EOFError
    exit!(0) # there is no server any more
  end

  # The code may have closed them, or have something else in their place: then nobody hears from it again.
  check = lambda do
    [requests, answers].map { |io| io.stat.ino } == identity or exit!(70)
  rescue SystemCallError, IOError
    exit!(70)
  end

  place_stdin = lambda do |data|
    name = "/dev/null"
    unless data.empty?
      name = "/tmp/.stdin-#{pid}"
      File.binwrite(name, data)
    end
    STDIN.reopen(name)
    STDIN.lineno = 0
    File.unlink(name) unless data.empty?
    $stdin = STDIN
  end

  forms_of = lambda do |value|
    makers = {"text" => :inspect, "html" => :to_html, "png" => :to_png}
    makers.filter_map do |kind, name|
      next unless kind == "text" || (value.respond_to?(name) && value.method(name).arity.between?(-1, 0))
      data = value.public_send(name).to_s.b
      if data.bytesize > room || parts == parts_max
        warn "sandglass: a value of #{data.bytesize} bytes is too large to be shown"
        next
      end
      room -= data.bytesize
      parts += 1
      [kind, data]
    end
  end

  define = lambda do |name, &body|
    Kernel.module_eval { define_method(name, &body) and private name }
  end
  define.call(:display_value) { |*values| values.each { |value| shown << forms_of.call(value) if shown.size < 32 } }

  report = lambda do |error|
    place = error.backtrace&.reject { |line| line.start_with?(own, "main.rb:") }
    error.set_backtrace(place || [])
    STDERR.write(error.full_message(highlight: false, order: :top).then { |text| text.end_with?("\n") ? text : "#{text}\n" })
  end

  attempt = lambda do |code, name|
    begin
      running = true
      value = binding.eval(code, name, 1)
      ["ok", 0, value.nil? ? [] : forms_of.call(value)]
    ensure
      running = false
    end
  rescue SystemExit => error
    ["exit", error.status & 255, []]
  rescue Interrupt => error
    report.call(error)
    ["interrupted", 130, []]
  rescue Exception => error
    report.call(error)
    ["error", 1, []]
  end

  execute = lambda do
    _, code_bytes, stdin_bytes, most, number = read.call(head).split
    code = read.call(code_bytes.to_i).force_encoding("UTF-8")
    place_stdin.call(read.call(stdin_bytes.to_i))
    room, parts = most.to_i, 0
    shown.clear
    $0 = "main.rb[#{number}]"
    outcome, exit_code, forms = attempt.call(code, $0)
    [$stdout, $stderr, STDOUT, STDERR].each { |stream| stream.flush rescue nil }
    exit!(exit_code) if Process.pid != pid # a child that came out of the code
    check.call
    lines = [forms, *shown].each_with_index.flat_map { |value, i| value.map { |kind, data| "#{i} #{kind} #{data.bytesize}\n".b + data } }
    answers.write("#{read.call(token_bytes).split.first} #{outcome} #{exit_code} #{lines.size}\n".b + lines.join)
  end

  File.unlink("main.rb")
  trap("INT") { raise Interrupt, "" if running }
  while true # loop would be in every backtrace
    begin
      execute.call
    rescue Interrupt
      next # it came when there was nothing to interrupt any more
    end
  end
end.call
