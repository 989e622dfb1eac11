import Data.List (sort)

main :: IO ()
main = putStrLn (unwords (map (show . (numbers !!)) [0, 50000, 99999]))
  where
    numbers = sort (take 100000 (iterate (\x -> x * 16807 `mod` 2147483647) (42 :: Int)))
