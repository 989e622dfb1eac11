def add(n)
  n.zero? ? 0 : n + add(n - 1)
end

puts add(10000)
