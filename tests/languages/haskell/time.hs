import Control.Concurrent (threadDelay)
import Data.Time.Clock (diffUTCTime, getCurrentTime)
import Data.Time.Clock.POSIX (posixSecondsToUTCTime)
import Data.Time.Format (defaultTimeLocale, formatTime)

main :: IO ()
main = do
  putStrLn (formatTime defaultTimeLocale "%F %T" (posixSecondsToUTCTime 1704067200))
  begin <- getCurrentTime
  threadDelay 50000
  took <- (`diffUTCTime` begin) <$> getCurrentTime
  putStrLn (if took >= 0.045 && took < 10 then "yes" else "no: " ++ show took)
