:ok = :io.setopts(encoding: :latin1)
IO.binwrite(for byte <- 0..255, into: <<>>, do: <<byte>>)
