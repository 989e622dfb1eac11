puts ENV["GREETING"], "[#{ENV["EMPTY"]}]", ENV["HOME"], ENV["LANG"]
