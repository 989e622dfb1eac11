$stdout.binmode
$stdout.write((0..255).to_a.pack("C*"))
