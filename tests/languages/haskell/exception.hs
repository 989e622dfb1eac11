main :: IO ()
main = putStrLn "before" >> fail "the end"
