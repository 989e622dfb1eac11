import Numeric (showFFloat)
import Text.Printf (printf)

main :: IO ()
main = do
  print (0.1 + 0.2 :: Double)
  printf "%.15f\n" (sqrt 2 :: Double)
  putStrLn (showFFloat (Just 10) (pi :: Double) "")
  printf "%.6f\n" (1 / 3 :: Double)
