import System.Exit (ExitCode (..))
import System.Process (readProcessWithExitCode)

main :: IO ()
main = do
  (code, out, _) <- readProcessWithExitCode "sh" ["-c", "echo child; exit 3"] ""
  putStr out
  print $ case code of
    ExitSuccess -> 0
    ExitFailure n -> n
