import Lib.Answer (answer)

main :: IO ()
main = putStrLn ("the answer is " ++ show answer)
