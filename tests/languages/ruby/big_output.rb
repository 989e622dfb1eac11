line = "0123456789" * 7 + "012345678"
20000.times { puts line }
