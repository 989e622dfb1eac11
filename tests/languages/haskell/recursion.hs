add :: Int -> Int
add 0 = 0
add n = n + add (n - 1)

main :: IO ()
main = print (add 10000)
