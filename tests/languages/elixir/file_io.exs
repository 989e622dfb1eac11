name = "data.txt"
File.write!(name, "alpha\nbeta\n")
File.write!(name, "gamma\n", [:append])
IO.write(File.read!(name))
IO.puts(File.stat!(name).size)
File.rm!(name)
IO.puts(if File.exists?(name), do: "no", else: "yes")
