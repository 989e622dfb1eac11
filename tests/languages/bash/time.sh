date -u -d @1704067200 '+%Y-%m-%d %H:%M:%S'
begin=${EPOCHREALTIME/./}
sleep 0.05
us=$((${EPOCHREALTIME/./} - begin))
((us >= 45000 && us < 10000000)) && echo yes
