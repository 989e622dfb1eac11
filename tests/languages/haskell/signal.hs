import System.IO
import System.Posix.Process (getProcessID)
import System.Posix.Signals (sigKILL, signalProcess)

main :: IO ()
main = do
  putStrLn "before"
  hFlush stdout
  getProcessID >>= signalProcess sigKILL
